import { codeOf } from '../leases.ts'
import type { Statement } from './isc-lexer.ts'
import { parseIpv4 } from './text.ts'

export const ipv6Blocks: readonly string[] = ['ia-na', 'ia-ta', 'ia-pd', 'ia_na', 'ia_ta', 'ia_pd']

/** What may stand at the top of a lease file besides leases (server/confpars.c, lease_file_subparse). */
export const otherKeywords: readonly string[] = [
  'host',
  'group',
  'class',
  'subclass',
  'failover',
  'server-duid',
  'authoring-byte-order',
]

/** The words that a statement at the top of a lease file begins with. */
export const iscKeywords: ReadonlySet<string> = new Set(['lease', ...ipv6Blocks, ...otherKeywords])

export const stateCodes: ReadonlyMap<string, number> = new Map([
  ...(['active', 'expired', 'free', 'released', 'backup', 'abandoned', 'reset'] as const).map(
    state => [state as string, codeOf(state)] as const,
  ),
  // Written by very old versions.
  ['reserved', codeOf('active')],
  ['bootp', codeOf('active')],
])

const space = 0x20

const octets = (text: string) => Buffer.from(text, 'latin1')

/** Words that statements begin with. */
export const begins = {
  lease: octets('lease'),
  starts: octets('starts'),
  ends: octets('ends'),
  cltt: octets('cltt'),
  state: octets('binding state'),
  abandoned: octets('abandoned'),
} as const

const utc = octets('UTC')

/** Where the rest starts of a statement that begins with these words; 0 when it begins otherwise. */
export function restAfter({ text, length }: Statement, words: Uint8Array): number {
  if (length < words.length) return 0
  for (let i = 0; i < words.length; i++) if (text[i] !== words[i]) return 0
  return length === words.length || text[words.length] === space ? words.length + 1 : 0
}

export const textOf = ({ text, length }: Statement, from = 0): string =>
  text.toString('latin1', from, Math.max(from, length))

export const endsInUtc = ({ text, length }: Statement): boolean =>
  utc.every((octet, i) => text[length - utc.length + i] === octet)

/** The address of `lease ADDRESS`; -1 when the statement is something else. */
export function leaseAddress(statement: Statement): number {
  const rest = restAfter(statement, begins.lease)
  return rest === 0 ? -1 : parseIpv4(statement.text, rest, statement.length)
}

/** The address of a `lease ADDRESS` that follows what was cut off before its end; -1 when there is none. */
export function cutOffAddress(statement: Statement): number {
  const from = /(?:^| )lease \S+$/.exec(textOf(statement))?.index
  if (from === undefined) return -1
  const rest = from + (from === 0 ? 0 : 1) + begins.lease.length + 1
  return parseIpv4(statement.text, rest, statement.length)
}

/** What stands before the first word of a file. */
export const afterComments = /^(?:\s+|#[^\n]*(?:\n|$))*/
