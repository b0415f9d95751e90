import { parseIpv4, parseIpv6 } from '../formats/text.ts'
import type { Family } from '../leases.ts'

export const bitsOf: Readonly<Record<Family, number>> = { ipv4: 32, ipv6: 128 }

/** An address as a number, so that ranges of IPv6 need not be enumerated. */
export interface Address {
  readonly family: Family
  readonly value: bigint
}

/** The number that words of 32 bits make, the first one highest. */
export const fromWords = (words: Uint32Array): bigint =>
  words.reduce((value, word) => (value << 32n) | BigInt(word), 0n)

/** The words of 32 bits of an address: one, or four. */
export function toWords(family: Family, value: bigint): Uint32Array {
  const words = new Uint32Array(bitsOf[family] / 32)
  for (let i = 0; i < words.length; i++)
    words[i] = Number((value >> BigInt(32 * (words.length - 1 - i))) & 0xffff_ffffn)
  return words
}

/** Reads an IPv4 or IPv6 address; undefined when the text is none. */
export function parseAddress(text: string): Address | undefined {
  const octets = Buffer.from(text, 'latin1')
  const ipv4 = parseIpv4(octets, 0, octets.length)
  if (ipv4 !== -1) return { family: 'ipv4', value: BigInt(ipv4) }
  const words = new Uint32Array(4)
  return parseIpv6(octets, 0, octets.length, words) ? { family: 'ipv6', value: fromWords(words) } : undefined
}

/** Where the longest run of two or more zeros begins, the first of equals, and its length. */
function longestGap(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 1]
  for (let start = 0; start < groups.length; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start > best[1]) best = [start, end - start]
    if (end > start) start = end
  }
  return best
}

function ipv6Text(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(16 * (7 - i))) & 0xffffn))
  const [start, length] = longestGap(groups)
  const hex = groups.map(group => group.toString(16))
  if (length < 2) return hex.join(':')
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`
}

/** Writes an address, IPv6 in the canonical form of RFC 5952 (dotted quads aside). */
export const addressText = (family: Family, value: bigint): string =>
  family === 'ipv6' ? ipv6Text(value) : [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 0xffn).join('.')
