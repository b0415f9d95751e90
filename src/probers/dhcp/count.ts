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

/** The leases of a family at an instant. */
export interface Counts {
  /** By type code, then by state code. */
  readonly leases: readonly number[][]
  overdue: number
  infinite: number
  readonly expiring: Record<Within, number>
}

/** Is shown every address that has a state, those that are further ones of a lease as well. */
export interface LeaseVisitor {
  visit(family: Family, slots: Slots, slot: number, typeCode: number, stateCode: number): void
}

const activeCode = codeOf('active')
const expiredCode = codeOf('expired')

const createCounts = (): Counts => ({
  leases: leaseTypes.map(() => leaseStates.map(() => 0)),
  overdue: 0,
  infinite: 0,
  expiring: { '5m': 0, '1h': 0, '1d': 0 },
})

/** Leases in a state, of all types. */
export const inState = ({ leases }: Counts, stateCode: number): number =>
  leases.reduce((sum, ofType) => sum + (ofType[stateCode] ?? 0), 0)

function countActive(counts: Counts, end: number, nowSeconds: number | undefined): void {
  if (end === Number.POSITIVE_INFINITY) counts.infinite++
  else if (nowSeconds !== undefined) {
    for (const [name, span] of spans) if (end - nowSeconds <= span) counts.expiring[name]++
  }
}

/** Counts the leases of one shard. */
function countSlots(
  counts: Counts,
  family: Family,
  slots: Slots,
  nowSeconds: number | undefined,
  visitors: readonly LeaseVisitor[],
): void {
  const { keys, states, ends } = slots
  for (let slot = 0; slot < states.length; slot++) {
    const recorded = states[slot] as number
    const end = ends[slot] as number
    const state = effectiveCode(recorded, end, nowSeconds)
    if (state === 0) continue
    const type = family === 'ipv4' ? 0 : typeCodeOf(keys[slot * ipv6Words + ipv6Words - 1] as number)
    for (const visitor of visitors) visitor.visit(family, slots, slot, type, state)
    if (isFurtherAddress(recorded)) continue
    if (state === expiredCode && recorded === activeCode) counts.overdue++
    if (state === activeCode) countActive(counts, end, nowSeconds)
    const ofType = counts.leases[type]
    if (ofType !== undefined) ofType[state] = (ofType[state] ?? 0) + 1
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
  const counts = { ipv4: createCounts(), ipv6: createCounts() }
  for (const family of own) {
    for (const slots of leases[family].shards()) {
      await pause()
      countSlots(counts[family], family, slots, nowSeconds, visitors)
    }
  }
  return counts
}
