import { codeOf, leaseTypes } from '../leases.ts'
import { maxStringOctets, type Statement } from './isc-lexer.ts'
import { decodeString } from './isc-string.ts'
import { hexDigit, parseIpv4 } from './text.ts'

/** Type of the leases in a block, by its keyword: written with a hyphen, documented with an underscore. */
const iaKeywords = (['na', 'ta', 'pd'] as const).flatMap(type =>
  [`ia-${type}`, `ia_${type}`].map(keyword => ({
    keyword,
    word: Buffer.from(keyword),
    typeCode: leaseTypes.indexOf(type),
  })),
)

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
export const iscKeywords: ReadonlySet<string> = new Set([
  'lease',
  ...iaKeywords.map(({ keyword }) => keyword),
  ...otherKeywords,
])

const states = [
  ...(['active', 'expired', 'free', 'released', 'backup', 'abandoned', 'reset'] as const).map(state => ({
    word: Buffer.from(state),
    code: codeOf(state),
  })),
  // Written by very old versions.
  ...['reserved', 'bootp'].map(word => ({ word: Buffer.from(word), code: codeOf('active') })),
]

const space = 0x20
const quote = 0x22
const colon = 0x3a

const octets = (text: string) => Buffer.from(text, 'latin1')

/** Words that statements begin with. */
export const begins = {
  lease: octets('lease'),
  starts: octets('starts'),
  ends: octets('ends'),
  cltt: octets('cltt'),
  state: octets('binding state'),
  abandoned: octets('abandoned'),
  hardware: octets('hardware'),
  uid: octets('uid'),
  hostname: octets('client-hostname'),
  address: octets('iaaddr'),
  prefix: octets('iaprefix'),
} as const

const utc = octets('UTC')

/** Where the rest starts of a statement that begins with these words; 0 when it begins otherwise. */
export function restAfter({ text, length }: Statement, words: Uint8Array): number {
  if (length < words.length) return 0
  if (!holdsAt(text, 0, words)) return 0
  return length === words.length || text[words.length] === space ? words.length + 1 : 0
}

export const textOf = ({ text, length }: Statement, from = 0): string =>
  text.toString('latin1', from, Math.max(from, length))

/** Whether a word stands at a place. */
export function holdsAt(text: Uint8Array, from: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (text[from + i] !== word[i]) return false
  return true
}

export const endsInUtc = ({ text, length }: Statement): boolean => holdsAt(text, length - utc.length, utc)

/** The code of the binding state in `text[start..end)`; undefined when there is no such state. */
export function stateCodeIn(text: Uint8Array, start: number, end: number): number | undefined {
  for (const { word, code } of states) if (word.length === end - start && holdsAt(text, start, word)) return code
  return undefined
}

/** The octets of the last string of a statement; undefined when they were too many to be kept. */
export const stringOf = ({ string, stringLength }: Statement): Uint8Array | undefined =>
  stringLength > maxStringOctets ? undefined : decodeString(string.subarray(0, stringLength))

/** What a statement gives that begins a block of leases. */
export type BlockHead = LeaseHead | IaHead

interface AnyHead {
  /** Whether something stands before it that lacks its end. */
  readonly isCutIn: boolean
}

export interface LeaseHead extends AnyHead {
  readonly family: 'ipv4'
  readonly address: number
}

export interface IaHead extends AnyHead {
  readonly family: 'ipv6'
  readonly typeCode: number
  readonly id: Uint8Array
}

/** The octets that `01:a2:…` stands for; undefined when it is something else. */
function parseColonHex(text: Uint8Array, start: number, end: number): Uint8Array | undefined {
  const decoded: number[] = []
  for (let at = start; at <= end; at++) {
    const from = at
    let value = 0
    while (at < end && text[at] !== colon) {
      const digit = hexDigit(text[at++] as number)
      if (digit === -1) return undefined
      value = value * 16 + digit
    }
    if (at === from || at - from > 2) return undefined
    decoded.push(value)
  }
  return Uint8Array.from(decoded)
}

/** The identifier that stands in a statement from `start` on, as a string or in hexadecimal. */
export function identifierIn(statement: Statement, start: number): Uint8Array | undefined {
  const { text, length } = statement
  if (length === start + 1 && text[start] === quote) return stringOf(statement)
  return parseColonHex(text, start, length)
}

/** Type of the leases in a block whose keyword stands at a place; undefined when it is no such keyword. */
const iaTypeAt = ({ text }: Statement, from: number): number | undefined =>
  iaKeywords.find(({ word }) => holdsAt(text, from, word))?.typeCode

/**
 * The block of leases that a statement begins with its last two words: what stands before them was cut off before its
 * end, as a server wrote on behind it. Undefined when it begins something else.
 */
export function blockHead(statement: Statement): BlockHead | undefined {
  const { text, length } = statement
  let second = length
  while (second > 0 && text[second - 1] !== space) second--
  if (second === 0 || second === length) return undefined
  const from = second - begins.lease.length - 1
  const isCutIn = from > 0
  // The keywords are of one length.
  if (from < 0 || (from > 0 && text[from - 1] !== space)) return undefined
  if (holdsAt(text, from, begins.lease)) {
    const address = parseIpv4(text, second, length)
    return address === -1 ? undefined : { family: 'ipv4', isCutIn, address }
  }
  const typeCode = iaTypeAt(statement, from)
  const id = typeCode === undefined ? undefined : identifierIn(statement, second)
  return typeCode === undefined || id === undefined ? undefined : { family: 'ipv6', isCutIn, typeCode, id }
}

/** Whether a statement begins with a keyword that only files of the DHCPv6 server have. */
export const isIa = (text: string): boolean => iaKeywords.some(({ keyword }) => keyword === text)

/** What stands before the first word of a file. */
export const afterComments = /^(?:\s+|#[^\n]*(?:\n|$))*/
