import { type Family, leaseTypes } from '../leases.ts'
import { toWords } from './address.ts'
import { type Pool, type PoolKind, rangesOf } from './pool.ts'

/** Finds the pool, as its place in the list of all, that holds the address in `keys[start…]`; -1 when none does. */
export type PoolFinder = (keys: Uint32Array, start: number) => number

/** Pools that have no address in common, ready for finding the one of each of many leases. */
export interface PoolMap {
  readonly pools: readonly Pool[]
  /** By type of lease; undefined when no pool hands out leases of that type. */
  finder(family: Family, typeCode: number): PoolFinder | undefined
}

const prefixCode = leaseTypes.indexOf('pd')

function createFinder(pools: readonly Pool[], family: Family, kind: PoolKind): PoolFinder | undefined {
  const sorted = rangesOf(pools, family, kind)
  if (sorted.length === 0) return undefined
  const words = toWords(family, 0n).length
  const [firsts, lasts] = [new Uint32Array(sorted.length * words), new Uint32Array(sorted.length * words)]
  for (const [i, { first, last }] of sorted.entries()) {
    firsts.set(toWords(family, first), i * words)
    lasts.set(toWords(family, last), i * words)
  }
  const owners = Int32Array.from(sorted, ({ owner }) => owner)

  function compare(keys: Uint32Array, start: number, bounds: Uint32Array, place: number): number {
    for (let i = 0; i < words; i++) {
      const difference = (keys[start + i] as number) - (bounds[place * words + i] as number)
      if (difference !== 0) return difference
    }
    return 0
  }

  return (keys, start) => {
    let low = 0
    let high = owners.length - 1
    while (low <= high) {
      const middle = (low + high) >>> 1
      if (compare(keys, start, firsts, middle) < 0) high = middle - 1
      else if (compare(keys, start, lasts, middle) > 0) low = middle + 1
      else return owners[middle] as number
    }
    return -1
  }
}

/** Prepares pools that do not overlap. */
export function createPoolMap(pools: readonly Pool[]): PoolMap {
  const finders = {
    ipv4: { addresses: createFinder(pools, 'ipv4', 'addresses'), prefixes: undefined },
    ipv6: { addresses: createFinder(pools, 'ipv6', 'addresses'), prefixes: createFinder(pools, 'ipv6', 'prefixes') },
  }
  return {
    pools,
    finder: (family, typeCode) => finders[family][typeCode === prefixCode ? 'prefixes' : 'addresses'],
  }
}
