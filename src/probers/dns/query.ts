import { randomInt } from 'node:crypto'
import { encode, type Question as PacketQuestion, type RecordType } from 'dns-packet'
import { className } from './wire/iana.ts'
import type { Question } from './wire/message.ts'

/** What was sent; an answer must fit it. */
export interface Query {
  readonly id: number
  readonly question: Question
  readonly octets: Buffer
}

export interface QueryOptions {
  readonly recursionDesired: boolean
  /** The largest answer over UDP that we announce by EDNS; false: no EDNS at all. */
  readonly udpBytes: number | false
}

const recursionDesiredBit = 0x0100
const nameAt = 12

/** Builds the message that asks one question, with a random ID (RFC 5452, 9.2). */
export function buildQuery(question: Question, { recursionDesired, udpBytes }: QueryOptions): Query {
  const id = randomInt(65_536)
  const packet = encode({
    type: 'query',
    id,
    flags: recursionDesired ? recursionDesiredBit : 0,
    questions: [{ ...unnamed(question), name: '.' }],
    additionals:
      udpBytes === false
        ? []
        : [
            {
              type: 'OPT',
              name: '.',
              udpPayloadSize: udpBytes,
              extendedRcode: 0,
              ednsVersion: 0,
              flags: 0,
              flag_do: false,
              options: [],
            },
          ],
  })
  // dns-packet checks no names and cannot write every octet, so it writes the root, one octet, and we put ours there.
  const octets = Buffer.concat([packet.subarray(0, nameAt), question.name, packet.subarray(nameAt + 1)])
  return { id, question, octets }
}

/** Type and class in the spelling of dns-packet, which turns a type it does not know by name into 0. */
const unnamed = (question: Question) => ({
  type: `UNKNOWN_${question.type}` as RecordType,
  class: className(question.class) as NonNullable<PacketQuestion['class']>,
})
