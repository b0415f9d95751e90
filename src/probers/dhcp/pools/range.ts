import type { Family } from '../leases.ts'
import { type Address, addressText, bitsOf, parseAddress } from './address.ts'

/** Addresses from the first to the last one, both included. */
export interface Range {
  readonly first: bigint
  readonly last: bigint
}

export interface FamilyRange extends Range {
  readonly family: Family
}

/** A text is no range, network or pool; the message never repeats what is no address. */
export class BadRange extends Error {
  override readonly name = 'BadRange'
}

const needAddress = (text: string, expected: string): Address => {
  const address = parseAddress(text.trim())
  if (address === undefined) throw new BadRange(`expected ${expected}`)
  return address
}

/** The range between two addresses, in the order given. Throws `BadRange` when they are of two families or reversed. */
export function rangeBetween(from: Address, to: Address): FamilyRange {
  if (from.family !== to.family) throw new BadRange('expected two addresses of one family')
  if (from.value > to.value) {
    const [first, last] = [addressText(from.family, from.value), addressText(to.family, to.value)]
    throw new BadRange(`reversed range: ${first} comes after ${last}`)
  }
  return { family: from.family, first: from.value, last: to.value }
}

const rangeForm = 'a range such as 10.0.0.10-10.0.0.99'

/** Reads `FIRST-LAST`, white space allowed around the two. Throws `BadRange`. */
export function parseRange(text: string): FamilyRange {
  const [from, to, more] = text.split('-')
  if (from === undefined || to === undefined || more !== undefined) throw new BadRange(`expected ${rangeForm}`)
  return rangeBetween(needAddress(from, rangeForm), needAddress(to, rangeForm))
}

export interface Network extends FamilyRange {
  readonly length: number
}

/** The network that an address lies in. Throws `BadRange` when its family has no prefixes of that length. */
export function networkAround({ family, value }: Address, length: number): Network {
  const most = bitsOf[family]
  if (!Number.isInteger(length) || length < 0 || length > most) {
    throw new BadRange(`expected a prefix length from 0 to ${most}`)
  }
  const below = (1n << BigInt(most - length)) - 1n
  return { family, first: value & ~below, last: value | below, length }
}

/** The network of an address with a prefix length. Throws `BadRange` when the address has bits beyond it. */
export function networkOf(address: Address, length: number): Network {
  const network = networkAround(address, length)
  if (network.first !== address.value) throw new BadRange(`bits beyond the prefix, expected ${networkText(network)}`)
  return network
}

const networkForm = 'a network such as 10.0.0.0/24 or 2001:db8::/64'

/** Reads `ADDRESS/LENGTH`. Throws `BadRange`. */
export function parsePrefix(text: string): readonly [address: Address, length: number] {
  const [address, length, more] = text.split('/')
  if (address === undefined || !/^\s*\d{1,3}\s*$/.test(length ?? '') || more !== undefined) {
    throw new BadRange(`expected ${networkForm}`)
  }
  return [needAddress(address, networkForm), Number(length)]
}

/** Reads the `ADDRESS/LENGTH` of a network. Throws `BadRange`. */
export const parseNetwork = (text: string): Network => networkOf(...parsePrefix(text))

/** Reads an address, a range or a network. Throws `BadRange`. */
export function parseAddresses(text: string): FamilyRange {
  if (text.includes('/')) return parseNetwork(text)
  if (text.includes('-')) return parseRange(text)
  const { family, value } = needAddress(text, 'an address, a range or a network')
  return { family, first: value, last: value }
}

export const overlap = (a: Range, b: Range): boolean => a.first <= b.last && b.first <= a.last

/** What is left of ranges without the hole. */
export const without = (ranges: readonly Range[], hole: Range): readonly Range[] =>
  ranges.flatMap(range => {
    if (!overlap(range, hole)) return [range]
    const before = { first: range.first, last: hole.first - 1n }
    const after = { first: hole.last + 1n, last: range.last }
    return [before, after].filter(({ first, last }) => first <= last)
  })

export const countAddresses = (ranges: readonly Range[]): bigint =>
  ranges.reduce((sum, { first, last }) => sum + last - first + 1n, 0n)

export const rangeText = ({ family, first, last }: FamilyRange): string =>
  `${addressText(family, first)}-${addressText(family, last)}`

export const networkText = ({ family, first, length }: Network): string => `${addressText(family, first)}/${length}`
