import { parseName } from '../../../src/probers/dns/wire/parse-name.ts'

/** A record as hex; its owner is the question's name unless given. */
export interface Rr {
  readonly owner?: string
  readonly type: number
  readonly class?: number
  readonly ttl?: number
  readonly rdata: string
}

const u16 = (...values: readonly number[]) =>
  Buffer.concat(
    values.map(value => {
      const octets = Buffer.alloc(2)
      octets.writeUInt16BE(value)
      return octets
    }),
  )

export const name = (text: string): string => parseName(text).toString('hex')

export function record({ owner, type, class: recordClass = 1, ttl = 300, rdata }: Rr): Buffer {
  const data = Buffer.from(rdata.replaceAll(' ', ''), 'hex')
  const head = owner === undefined ? Buffer.from([0xc0, 12]) : parseName(owner)
  return Buffer.concat([head, u16(type, recordClass, ttl >>> 16, ttl & 0xffff, data.length), data])
}

export const a = (address: string, ttl = 300): Rr => ({
  type: 1,
  ttl,
  rdata: Buffer.from(address.split('.').map(Number)).toString('hex'),
})

export interface Shape {
  readonly id?: number
  /** Bits of the header besides QR and the response code. */
  readonly flags?: number
  readonly rcode?: number
  readonly qr?: boolean
  /** The question section; that of the query unless given. */
  readonly question?: Buffer
  readonly questions?: number
  readonly answer?: readonly Rr[]
  readonly authority?: readonly Rr[]
  readonly additional?: readonly Rr[]
}

/** The question section of a query. */
export function questionOf(query: Buffer): Buffer {
  let at = 12
  while (query[at] !== 0) at += 1 + (query[at] ?? 0)
  return query.subarray(12, at + 5)
}

export const tc = 0x0200

/** An answer to a query, with whatever is to be wrong with it. */
export function answerTo(query: Buffer, shape: Shape = {}): Buffer {
  const { answer = [], authority = [], additional = [], question = questionOf(query) } = shape
  const bits = (shape.qr === false ? 0 : 0x8000) | (shape.flags ?? 0) | (shape.rcode ?? 0)
  const questions = shape.questions ?? (question.length > 0 ? 1 : 0)
  return Buffer.concat([
    u16(shape.id ?? query.readUInt16BE(0), bits, questions, answer.length, authority.length, additional.length),
    question,
    ...[...answer, ...authority, ...additional].map(record),
  ])
}
