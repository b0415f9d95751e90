import {
  codeOf,
  effectiveCode,
  type Family,
  isFurtherAddress,
  type Leases,
  leaseStates,
  leaseTypes,
  typeCodeOf,
} from './leases.ts'
import type { LeaseTable, Slots } from './table.ts'

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

const activeCode = codeOf('active')
const expiredCode = codeOf('expired')

const createCounts = (): Counts => ({
  leases: leaseTypes.map(() => leaseStates.map(() => 0)),
  overdue: 0,
  infinite: 0,
  expiring: { '5m': 0, '1h': 0, '1d': 0 },
})

function countActive(counts: Counts, end: number, nowSeconds: number | undefined): void {
  if (end === Number.POSITIVE_INFINITY) counts.infinite++
  else if (nowSeconds !== undefined) {
    for (const [name, span] of spans) if (end - nowSeconds <= span) counts.expiring[name]++
  }
}

/** Counts the leases of one shard; `nowSeconds` is undefined when their ends are no instants. */
function countSlots(
  counts: Counts,
  { keys, states, ends }: Slots,
  words: number,
  nowSeconds: number | undefined,
): void {
  for (let slot = 0; slot < states.length; slot++) {
    const recorded = states[slot] as number
    const end = ends[slot] as number
    const state = effectiveCode(recorded, end, nowSeconds)
    if (state === 0 || isFurtherAddress(recorded)) continue
    const type = words === 1 ? 0 : typeCodeOf(keys[slot * words + 4] as number)
    if (state === expiredCode && recorded === activeCode) counts.overdue++
    if (state === activeCode) countActive(counts, end, nowSeconds)
    const ofType = counts.leases[type]
    if (ofType !== undefined) ofType[state] = (ofType[state] ?? 0) + 1
  }
}

async function countTable(table: LeaseTable, nowSeconds: number | undefined, pause: () => Promise<void> | undefined) {
  const counts = createCounts()
  for (const slots of table.shards()) {
    await pause()
    countSlots(counts, slots, table.words, nowSeconds)
  }
  return counts
}

/**
 * Counts leases as they are at `nowSeconds`: an active one whose end has come is expired, every other state stays what
 * it is. Undefined: the ends are no instants, and every active lease is active. `pause` is called before
 * each bounded part of the work.
 */
export async function countLeases(
  leases: Leases,
  nowSeconds: number | undefined,
  pause: () => Promise<void> | undefined,
): Promise<Readonly<Record<Family, Counts>>> {
  const [ipv4, ipv6] = [
    await countTable(leases.ipv4, nowSeconds, pause),
    await countTable(leases.ipv6, nowSeconds, pause),
  ]
  return { ipv4, ipv6 }
}
