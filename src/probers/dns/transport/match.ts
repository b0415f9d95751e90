import type { Query } from '../query.ts'
import { rcodeCode } from '../wire/iana.ts'
import { Malformed } from '../wire/malformed.ts'
import { type Header, readFirstQuestion, readHeader } from '../wire/message.ts'
import { sameName } from '../wire/name.ts'

/** What can make a message another than the answer that is waited for. */
export type Mismatch = 'id' | 'not_a_response' | 'opcode' | 'question'

// A server that cannot or will not understand a query need not repeat its question.
const mayOmitQuestion: readonly (number | undefined)[] = ['FORMERR', 'NOTIMP', 'REFUSED'].map(rcodeCode)

function hasQuestion(octets: Buffer, header: Header, { question }: Query): boolean {
  const [count] = header.counts
  if (count !== 1) return count === 0 && mayOmitQuestion.includes(header.rcode)
  const asked = readFirstQuestion(octets)
  return asked.type === question.type && asked.class === question.class && sameName(asked.name, question.name)
}

/**
 * Why a message is no answer to the query (RFC 5452, 9.1), or undefined when it is one. It looks at the header and the
 * first question alone, so that what does not match costs next to nothing. Throws `Malformed` when those are broken.
 */
export function mismatchOf(octets: Buffer, query: Query): Mismatch | undefined {
  const header = readHeader(octets)
  if (header.id !== query.id) return 'id'
  if (!header.flags.qr) return 'not_a_response'
  if (header.opcode !== 0) return 'opcode'
  return hasQuestion(octets, header, query) ? undefined : 'question'
}

/** Like `mismatchOf`, for transports on which a stranger can send: what is not even a header is not an answer either. */
export function strayOf(octets: Buffer, query: Query): Mismatch | 'short' | undefined {
  try {
    return mismatchOf(octets, query)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return error.reason === 'short_header' ? 'short' : undefined
  }
}
