import { phasesOf } from '../count.ts'
import { EndCache } from '../ends.ts'
import { codeOf, type Family, type Leases } from '../leases.ts'
import type { Slots } from '../shard.ts'
import { classifiersOf, recordedIn } from './classes.ts'
import type { Pool } from './pool.ts'
import type { PoolMap } from './pool-map.ts'

/** What leases in a pool count as; `unavailable` are those abandoned or declined, `backup` the failover peer's. */
export const useStates = ['active', 'unavailable', 'backup'] as const

type UseState = (typeof useStates)[number]

/** What is in use of a pool, or of the pools of a shared network together. */
export interface Use extends Record<UseState, number> {
  readonly name: string
  readonly sharedNetwork: string
  readonly family: Family
  readonly size: bigint
}

/** By code of a state; states that take nothing from a pool are not in it. */
const useStateOf: (UseState | undefined)[] = []
useStateOf[codeOf('active')] = 'active'
useStateOf[codeOf('abandoned')] = 'unavailable'
useStateOf[codeOf('declined')] = 'unavailable'
useStateOf[codeOf('backup')] = 'backup'

export const usedRatio = ({ size, active, unavailable }: Use): number => (active + unavailable) / Number(size)

export const freeIn = ({ size, active, unavailable, backup }: Use): number =>
  Number(size - BigInt(active + unavailable + backup))

const startOf = ({ name, sharedNetwork, family, size }: Pool): Use => ({
  name,
  sharedNetwork,
  family,
  size,
  active: 0,
  unavailable: 0,
  backup: 0,
})

const added = (sum: Use, use: Use): Use => ({
  ...sum,
  size: sum.size + use.size,
  active: sum.active + use.active,
  unavailable: sum.unavailable + use.unavailable,
  backup: sum.backup + use.backup,
})

/**
 * The shared network of each pool, with the family; undefined for a pool that counts alone. A client takes an address,
 * or a prefix, from any pool in the network. As these are two things, prefixes count only where there are no addresses.
 */
function networksOf(pools: readonly Pool[]): readonly (string | undefined)[] {
  const keyOf = ({ sharedNetwork, family }: Pool) => `${family} ${sharedNetwork}`
  const withAddresses = new Set(pools.filter(({ kind }) => kind === 'addresses').map(keyOf))
  return pools.map(pool => {
    const isAlone = pool.sharedNetwork === '' || (pool.kind === 'prefixes' && withAddresses.has(keyOf(pool)))
    return isAlone ? undefined : keyOf(pool)
  })
}

// In what is counted it shows in nothing but speed.
const cache = new EndCache()

/** Counts the leases in pools, and the active ones that are in none. */
export class PoolUses {
  readonly #map: PoolMap
  readonly #uses: readonly Use[]
  readonly #networks: readonly (string | undefined)[]
  readonly #outside: Record<Family, number> = { ipv4: 0, ipv6: 0 }

  constructor(map: PoolMap) {
    this.#map = map
    this.#uses = map.pools.map(startOf)
    this.#networks = networksOf(map.pools)
  }

  /** Adds the leases of these families as they are at an instant; see `countLeases`. */
  async count(
    leases: Leases,
    nowSeconds: number | undefined,
    pause: () => Promise<void> | undefined,
    own: readonly Family[],
  ): Promise<void> {
    for (const family of own) {
      for (const slots of leases[family].shards()) {
        await pause()
        this.#add(family, slots, nowSeconds)
      }
    }
  }

  #add(family: Family, slots: Slots, nowSeconds: number | undefined): void {
    const ends = cache.of(slots, classifiersOf(this.#map)[family])
    for (const [place, found] of ends.classes.entries()) {
      const { owner, recorded } = recordedIn(found)
      const use = this.#uses[owner]
      const { before, after, over } = phasesOf(ends, place, recorded, nowSeconds)
      this.#addTo(use, family, before, ends.amount(place) - over)
      this.#addTo(use, family, after, over)
    }
  }

  #addTo(use: Use | undefined, family: Family, stateCode: number, amount: number): void {
    const state = useStateOf[stateCode]
    if (state === undefined) return
    if (use !== undefined) use[state] += amount
    else if (state === 'active') this.#outside[family] += amount
  }

  pools(families: readonly Family[]): readonly Use[] {
    return this.#uses.filter(({ family }) => families.includes(family))
  }

  sharedNetworks(families: readonly Family[]): readonly Use[] {
    const sums = new Map<string, Use>()
    for (const [place, use] of this.#uses.entries()) {
      const network = this.#networks[place]
      if (network === undefined || !families.includes(use.family)) continue
      const sum = sums.get(network)
      sums.set(network, sum === undefined ? { ...use, name: use.sharedNetwork } : added(sum, use))
    }
    return [...sums.values()]
  }

  /** The pools that count in no shared network. */
  alone(families: readonly Family[]): readonly Use[] {
    return this.#uses.filter(({ family }, place) => this.#networks[place] === undefined && families.includes(family))
  }

  /** Active leases that are in no pool; undefined when there are no pools of the family. */
  outside(family: Family): number | undefined {
    return this.#uses.some(use => use.family === family) ? this.#outside[family] : undefined
  }
}
