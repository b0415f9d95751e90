import {
  codeOf,
  effectiveCode,
  type Family,
  families,
  ipv6Words,
  isFurtherAddress,
  type Leases,
  leaseStates,
  leaseTypes,
  typeCodeOf,
} from './leases.ts'
import type { Slots } from './table.ts'

/** The times of `probe_dhcp_leases_expiring`, in seconds. */
export const within = { '5m': 300, '1h': 3600, '1d': 86_400 } as const

export type Within = keyof typeof within

const spans = Object.entries(within) as [Within, number][]
const spanSeconds = Object.values(within)

/** The leases of a family at an instant. */
export interface Counts {
  /** By type code, then by state code. */
  readonly leases: readonly (readonly number[])[]
  readonly overdue: number
  readonly infinite: number
  readonly expiring: Readonly<Record<Within, number>>
}

/** Counts that are being made. */
interface Tally {
  readonly leases: readonly number[][]
  overdue: number
  infinite: number
  /** By the place of the shortest span that active leases end within; the last place is for none. */
  readonly ending: number[]
}

/** Is shown every address that has a state, those that are further ones of a lease as well. */
export interface LeaseVisitor {
  visit(family: Family, slots: Slots, slot: number, typeCode: number, stateCode: number): void
}

const activeCode = codeOf('active')
const expiredCode = codeOf('expired')

const createTally = (): Tally => ({
  leases: leaseTypes.map(() => leaseStates.map(() => 0)),
  overdue: 0,
  infinite: 0,
  ending: [...spans.map(() => 0), 0],
})

function countsOf({ leases, overdue, infinite, ending }: Tally): Counts {
  let sum = 0
  const expiring = spans.map(([name], place) => {
    sum += ending[place] as number
    return [name, sum]
  })
  return { leases, overdue, infinite, expiring: Object.fromEntries(expiring) as Counts['expiring'] }
}

/** Leases in a state, of all types. */
export const inState = ({ leases }: Counts, stateCode: number): number =>
  leases.reduce((sum, ofType) => sum + (ofType[stateCode] ?? 0), 0)

function countActive(tally: Tally, end: number, nowSeconds: number | undefined): void {
  if (end === Number.POSITIVE_INFINITY) {
    tally.infinite++
    return
  }
  if (nowSeconds === undefined) return
  let place = 0
  while (place < spanSeconds.length && end - nowSeconds > (spanSeconds[place] as number)) place++
  tally.ending[place] = (tally.ending[place] as number) + 1
}

/** Counts the leases of one shard. */
function countSlots(
  tally: Tally,
  family: Family,
  slots: Slots,
  nowSeconds: number | undefined,
  visitors: readonly LeaseVisitor[],
): void {
  const { keys, states, ends } = slots
  for (let slot = 0; slot < states.length; slot++) {
    const recorded = states[slot] as number
    if (recorded === 0) continue
    const end = ends[slot] as number
    const state = effectiveCode(recorded, end, nowSeconds)
    if (state === 0) continue
    const type = family === 'ipv4' ? 0 : typeCodeOf(keys[slot * ipv6Words + ipv6Words - 1] as number)
    for (let i = 0; i < visitors.length; i++) visitors[i]?.visit(family, slots, slot, type, state)
    if (isFurtherAddress(recorded)) continue
    if (state === expiredCode && recorded === activeCode) tally.overdue++
    if (state === activeCode) countActive(tally, end, nowSeconds)
    const ofType = tally.leases[type]
    if (ofType !== undefined) ofType[state] = (ofType[state] as number) + 1
  }
}

/**
 * Counts leases of these families as they are at `nowSeconds`: an active one whose end has come is expired, every other state stays what
 * it is. Undefined: the ends are no instants, and every active lease is active. `pause` is called before
 * each bounded part of the work.
 */
export async function countLeases(
  leases: Leases,
  nowSeconds: number | undefined,
  pause: () => Promise<void> | undefined,
  visitors: readonly LeaseVisitor[] = [],
  own: readonly Family[] = families,
): Promise<Readonly<Record<Family, Counts>>> {
  const tallies = { ipv4: createTally(), ipv6: createTally() }
  for (const family of own) {
    for (const slots of leases[family].shards()) {
      await pause()
      countSlots(tallies[family], family, slots, nowSeconds, visitors)
    }
  }
  return { ipv4: countsOf(tallies.ipv4), ipv6: countsOf(tallies.ipv6) }
}
