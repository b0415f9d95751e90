import type { Family } from '../leases.ts'
import { bitsOf } from './address.ts'
import { BadRange, countAddresses, type FamilyRange, type Range } from './range.ts'

/** Whether a pool hands out single addresses or prefixes: the same addresses may be in one of each. */
export const poolKinds = ['addresses', 'prefixes'] as const

export type PoolKind = (typeof poolKinds)[number]

export interface Pool {
  readonly name: string
  /** Empty for a pool that is in none. */
  readonly sharedNetwork: string
  readonly family: Family
  readonly kind: PoolKind
  /** Apart from each other, and without what is excluded. */
  readonly ranges: readonly Range[]
  /** Length of what it hands out: 32 or 128 for addresses. */
  readonly delegatedLength: number
  /** How many it can hand out. */
  readonly size: bigint
}

/** What tells a pool from others in the metrics, as one text. */
export const labelsOf = ({ name, sharedNetwork, family }: Pool): string => JSON.stringify([name, sharedNetwork, family])

/** With as many leases and subnets as may be shown, more series than a probe may answer with are out of reach. */
export const maxPools = 1000

/** How many whole prefixes of a length there are in ranges. */
export const countUnits = (ranges: readonly Range[], family: Family, length: number): bigint => {
  const unit = 1n << BigInt(bitsOf[family] - length)
  return ranges.reduce((sum, { first, last }) => {
    const [from, to] = [(first + unit - 1n) / unit, (last + 1n) / unit]
    return to > from ? sum + to - from : sum
  }, 0n)
}

/** What makes a pool besides its range. */
export interface PoolTraits {
  readonly name: string
  readonly sharedNetwork?: string
  /** For a pool of prefixes. */
  readonly delegatedLength?: number | undefined
}

/** A pool of one range less what is excluded. Throws `BadRange` when it is not one of whole prefixes, or none is left. */
export function createPool(
  { family, first, last }: FamilyRange,
  { name, sharedNetwork = '', delegatedLength }: PoolTraits,
  ranges: readonly Range[] = [{ first, last }],
): Pool {
  const length = delegatedLength ?? bitsOf[family]
  const kind = delegatedLength === undefined ? 'addresses' : 'prefixes'
  const size = countUnits(ranges, family, length)
  if (size << BigInt(bitsOf[family] - length) !== countAddresses(ranges)) {
    throw new BadRange(`expected whole prefixes of the delegated length ${length}`)
  }
  if (size === 0n) throw new BadRange('nothing is left of the pool')
  return { name, sharedNetwork, family, kind, ranges, delegatedLength: length, size }
}

export interface OwnedRange extends Range {
  /** Place of its pool. */
  readonly owner: number
}

/** The ranges of the pools of a family and kind, sorted. */
export const rangesOf = (pools: readonly Pool[], family: Family, kind: PoolKind): readonly OwnedRange[] =>
  pools
    .flatMap((pool, owner) =>
      pool.family === family && pool.kind === kind ? pool.ranges.map(range => ({ ...range, owner })) : [],
    )
    .sort((a, b) => (a.first < b.first ? -1 : Number(a.first > b.first)))
