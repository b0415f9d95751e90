import { readFileSync } from 'node:fs'
import { type Anchor, parseAnchor } from '../../../../src/probers/dns/dnssec/anchor.ts'
import type { Fetch } from '../../../../src/probers/dns/dnssec/keys.ts'
import { type Validation, validate } from '../../../../src/probers/dns/dnssec/validate.ts'
import { createWork } from '../../../../src/probers/dns/dnssec/work.ts'
import { typeCode, typeName } from '../../../../src/probers/dns/wire/iana.ts'
import { type Message, type Question, readMessage } from '../../../../src/probers/dns/wire/message.ts'
import { nameText } from '../../../../src/probers/dns/wire/name.ts'
import { parseName } from '../../../../src/probers/dns/wire/parse-name.ts'
import { answerTo } from '../build.ts'

interface Captured {
  readonly name: string
  readonly type: string
  readonly answer: string
}

const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/dns/dnssec/answers.json', import.meta.url), 'utf8'),
) as { readonly anchors: readonly string[]; readonly answers: readonly Captured[] }

/** DNSKEY and DS records of all zones of the lab. */
export const { anchors: anchorTexts } = fixture

/** The honest zones of the lab are signed from 2026-01-01 to 2027-01-01. */
export const midYear = Date.UTC(2026, 5, 1)

/** What named answered, as octets. */
export function octetsOf(name: string, type: string): Buffer {
  const found = fixture.answers.find(answer => answer.name === name && answer.type === type)
  if (found === undefined) throw new Error(`${name} ${type} was not captured`)
  return Buffer.from(found.answer, 'hex')
}

export const answerOf = (name: string, type: string): Message => readMessage(octetsOf(name, type))

/** A server that has what was captured, and refuses everything else. */
export const fetchCaptured: Fetch = async ({ name, type }: Question) => {
  const text = nameText(name).slice(0, -1)
  const known = fixture.answers.some(answer => answer.name === text && answer.type === typeName(type))
  return known ? answerOf(text, typeName(type)) : readMessage(Buffer.from('000084050000000000000000', 'hex'))
}

export const anchorsOf = (...texts: readonly string[]): readonly Anchor[] => texts.map(parseAnchor)

export interface Setting {
  readonly anchors?: readonly Anchor[]
  readonly fetch?: Fetch
  readonly nowMs?: number
  readonly message?: Message
}

export const questionOf = (name: string, type: string): Question => ({
  name: parseName(name),
  type: typeCode(type) ?? 0,
  class: 1,
})

/** Validates a captured answer, or `message` in its place. */
export function judge(name: string, type: string, setting: Setting = {}): Promise<Validation> {
  const { anchors, fetch = fetchCaptured, nowMs = midYear, message = answerOf(name, type) } = setting
  const work = createWork(nowMs, () => undefined)
  return validate(message, questionOf(name, type), { fetch, anchors, work })
}

export const statusOf = async (...question: Parameters<typeof judge>): Promise<string> =>
  (await judge(...question)).finding.status

/** Answers queries from what was captured; everything else is refused. */
export function answerQuery(query: Buffer): Buffer {
  const { name, type } = readMessage(query).questions[0]!
  const text = nameText(name).slice(0, -1)
  const found = fixture.answers.find(answer => answer.name === text && answer.type === typeName(type))
  const answer = found === undefined ? answerTo(query, { rcode: 5 }) : Buffer.from(found.answer, 'hex')
  query.copy(answer, 0, 0, 2)
  return answer
}
