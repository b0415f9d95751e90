import { randomInt } from 'node:crypto'
import { encode } from 'dns-packet'
import type { EdnsOption } from './wire/edns.ts'
import { optionCodes } from './wire/edns-options.ts'
import type { Question } from './wire/message.ts'

/** What was sent; an answer must fit it. */
export interface Query {
  readonly id: number
  readonly question: Question
  readonly octets: Buffer
}

export interface QueryFlags {
  readonly rd: boolean
  /** Asks for the AD bit of the answer without asking for signatures (RFC 6840, 5.7). */
  readonly ad: boolean
  readonly cd: boolean
}

export interface QueryEdns {
  /** The largest answer over UDP that we take. */
  readonly udpBytes: number
  readonly dnssecOk: boolean
  readonly options: readonly EdnsOption[]
  /** The query is padded to a multiple of so many octets (RFC 7830); 0 for no padding. */
  readonly padTo: number
}

export interface QueryOptions {
  readonly flags: QueryFlags
  readonly edns: QueryEdns | false
}

const bits = { rd: 0x0100, ad: 0x0020, cd: 0x0010 } as const
const dnssecOkBit = 0x8000
const questionAt = 12
const placeholder = { name: '.', type: 'A' } as const
const placeholderBytes = 5
const optBytes = 11
const optionHeadBytes = 4

/** A random ID (RFC 5452, 9.2). */
export const randomId = (): number => randomInt(65_536)

/** Builds the message that asks one question. */
export function buildQuery(id: number, question: Question, { flags, edns }: QueryOptions): Query {
  const asked = questionOctets(question)
  const packet = encode({
    type: 'query',
    id,
    flags: (flags.rd ? bits.rd : 0) | (flags.ad ? bits.ad : 0) | (flags.cd ? bits.cd : 0),
    questions: [placeholder],
    additionals: edns === false ? [] : [optRecord(edns, asked.length)],
  })
  // dns-packet checks no names, cannot write every octet, and turns types and classes that it does not know into 0.
  const octets = Buffer.concat([packet.subarray(0, questionAt), asked, packet.subarray(questionAt + placeholderBytes)])
  return { id, question, octets }
}

/** The question as it stands in a message (RFC 1035, 4.1.2). */
function questionOctets({ name, type, class: questionClass }: Question): Buffer {
  const numbers = Buffer.alloc(4)
  numbers.writeUInt16BE(type)
  numbers.writeUInt16BE(questionClass, 2)
  return Buffer.concat([name, numbers])
}

function optRecord({ udpBytes, dnssecOk, options, padTo }: QueryEdns, questionBytes: number) {
  const optionBytes = options.reduce((sum, { data }) => sum + optionHeadBytes + data.length, 0)
  const bytes = questionAt + questionBytes + optBytes + optionBytes + optionHeadBytes
  const padding =
    padTo === 0 ? [] : [{ code: optionCodes.padding, data: Buffer.alloc((padTo - (bytes % padTo)) % padTo) }]
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: udpBytes,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: dnssecOk ? dnssecOkBit : 0,
    flag_do: dnssecOk,
    options: [...options, ...padding] as never[],
  } as const
}
