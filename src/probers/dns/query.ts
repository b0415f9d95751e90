import { randomInt } from 'node:crypto'
import { encode } from 'dns-packet'
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
const questionAt = 12
const placeholder = { name: '.', type: 'A' } as const
const placeholderBytes = 5

/** Builds the message that asks one question, with a random ID (RFC 5452, 9.2). */
export function buildQuery(question: Question, { recursionDesired, udpBytes }: QueryOptions): Query {
  const id = randomInt(65_536)
  const packet = encode({
    type: 'query',
    id,
    flags: recursionDesired ? recursionDesiredBit : 0,
    questions: [placeholder],
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
  // dns-packet checks no names, cannot write every octet, and turns types and classes that it does not know into 0.
  const before = packet.subarray(0, questionAt)
  const octets = Buffer.concat([before, questionOctets(question), packet.subarray(questionAt + placeholderBytes)])
  return { id, question, octets }
}

/** The question as it stands in a message (RFC 1035, 4.1.2). */
function questionOctets({ name, type, class: questionClass }: Question): Buffer {
  const numbers = Buffer.alloc(4)
  numbers.writeUInt16BE(type)
  numbers.writeUInt16BE(questionClass, 2)
  return Buffer.concat([name, numbers])
}
