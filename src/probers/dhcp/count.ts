import { type Classifier, EndCache, type Ends } from './ends.ts'
import {
  codeOf,
  effectiveCode,
  type Family,
  families,
  isFurtherAddress,
  type Leases,
  leaseStates,
  leaseTypes,
  removedCode,
  typeCodeAt,
} from './leases.ts'

/** The times of `probe_dhcp_leases_expiring`, in seconds. */
export const within = { '5m': 300, '1h': 3600, '1d': 86_400 } as const

export type Within = keyof typeof within

const spans = Object.entries(within) as [Within, number][]

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
  readonly expiring: Record<Within, number>
}

const activeCode = codeOf('active')

/** Codes as recorded take an octet; the type stands above it. */
const codes = 256

const isLease = (recorded: number): boolean => recorded !== removedCode && !isFurtherAddress(recorded)

const classifiers: Readonly<Record<Family, Classifier>> = {
  ipv4: {
    limit: codes,
    classOf: ({ states }, slot) => (isLease(states[slot] as number) ? (states[slot] as number) : -1),
  },
  ipv6: {
    limit: codes * leaseTypes.length,
    classOf: ({ keys, states }, slot) =>
      isLease(states[slot] as number) ? typeCodeAt('ipv6', keys, slot) * codes + (states[slot] as number) : -1,
  },
}

// In what is counted it shows in nothing but speed.
const cache = new EndCache()

const createTally = (): Tally => ({
  leases: leaseTypes.map(() => leaseStates.map(() => 0)),
  overdue: 0,
  infinite: 0,
  expiring: { '5m': 0, '1h': 0, '1d': 0 },
})

/** Leases in a state, of all types. */
export const inState = ({ leases }: Counts, stateCode: number): number =>
  leases.reduce((sum, ofType) => sum + (ofType[stateCode] ?? 0), 0)

/** What leases that are recorded with one code come to: those that are not over, and those that are. */
export interface Phases {
  readonly before: number
  readonly after: number
  readonly over: number
}

export function phasesOf(ends: Ends, place: number, recorded: number, nowSeconds: number | undefined): Phases {
  const before = effectiveCode(recorded, Number.POSITIVE_INFINITY, nowSeconds)
  const after = effectiveCode(recorded, Number.NEGATIVE_INFINITY, nowSeconds)
  const over = before === after || nowSeconds === undefined ? 0 : ends.endingWithin(place, nowSeconds, 0)
  return { before, after, over }
}

function countClass(tally: Tally, ends: Ends, place: number, nowSeconds: number | undefined): void {
  const found = ends.classes[place] as number
  const recorded = found % codes
  const { before, after, over } = phasesOf(ends, place, recorded, nowSeconds)
  const ofType = tally.leases[Math.floor(found / codes)] as number[]
  ofType[before] = (ofType[before] as number) + ends.amount(place) - over
  ofType[after] = (ofType[after] as number) + over
  if (recorded === activeCode) tally.overdue += over
  if (before !== activeCode) return
  tally.infinite += ends.endless(place)
  if (nowSeconds === undefined) return
  for (const [name, seconds] of spans) tally.expiring[name] += ends.endingWithin(place, nowSeconds, seconds) - over
}

/**
 * Counts leases of these families as they are at `nowSeconds`: an active one whose end has come is expired, every other state stays what
 * it is. Undefined: the ends are no instants, and every active lease is active. `pause` is called before
 * each bounded part of the work. A lease that was counted before takes next to no time.
 */
export async function countLeases(
  leases: Leases,
  nowSeconds: number | undefined,
  pause: () => Promise<void> | undefined,
  own: readonly Family[] = families,
): Promise<Readonly<Record<Family, Counts>>> {
  const tallies = { ipv4: createTally(), ipv6: createTally() }
  for (const family of own) {
    for (const slots of leases[family].shards()) {
      await pause()
      const ends = cache.of(slots, classifiers[family])
      for (let place = 0; place < ends.classes.length; place++) countClass(tallies[family], ends, place, nowSeconds)
    }
  }
  return tallies
}
