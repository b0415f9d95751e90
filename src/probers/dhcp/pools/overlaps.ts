import { families } from '../leases.ts'
import { countUnits, type OwnedRange, type Pool, poolKinds, rangesOf } from './pool.ts'
import { overlap, without } from './range.ts'

/** The places of all pools that share addresses with another one, found in one pass over the sorted ranges. */
function involved(pools: readonly Pool[]): ReadonlySet<number> {
  const found = new Set<number>()
  for (const family of families) {
    for (const kind of poolKinds) {
      let furthest: OwnedRange | undefined
      for (const range of rangesOf(pools, family, kind)) {
        if (furthest !== undefined && overlap(range, furthest)) found.add(range.owner).add(furthest.owner)
        if (furthest === undefined || range.last > furthest.last) furthest = range
      }
    }
  }
  return found
}

const share = (a: Pool, b: Pool): boolean =>
  a.family === b.family && a.kind === b.kind && a.ranges.some(range => b.ranges.some(other => overlap(range, other)))

export interface Overlap {
  /** Place of a pool, and of the first one before it that it overlaps with. */
  readonly pool: number
  readonly earlier: number
}

/** Every pool that shares addresses with one before it. */
export function findOverlaps(pools: readonly Pool[]): readonly Overlap[] {
  const places = [...involved(pools)].sort((a, b) => a - b)
  return places.flatMap((pool, i) => {
    const earlier = places.slice(0, i).find(place => share(pools[place] as Pool, pools[pool] as Pool))
    return earlier === undefined ? [] : [{ pool, earlier }]
  })
}

/** The pools, each without the addresses of those before it; one of which nothing is left is gone. */
export function withoutOverlaps(pools: readonly Pool[], overlaps: readonly Overlap[]): readonly Pool[] {
  const overlapping = new Set(overlaps.map(({ pool }) => pool))
  return pools.flatMap((pool, place) => {
    if (!overlapping.has(place)) return [pool]
    const holes = pools
      .slice(0, place)
      .filter(earlier => share(earlier, pool))
      .flatMap(({ ranges }) => ranges)
    const ranges = holes.reduce(without, pool.ranges)
    if (ranges.length === 0) return []
    return [{ ...pool, ranges, size: countUnits(ranges, pool.family, pool.delegatedLength) }]
  })
}
