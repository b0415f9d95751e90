import { gauge, type MetricSink } from '../../kit/metrics.ts'
import { bool, integer, z } from '../../kit/options.ts'
import { codeOf, type Family, leaseStates } from './leases.ts'
import type { Slots } from './shard.ts'
import type { LeaseVisitor } from './visit.ts'

export const subnetLeases = gauge(
  'probe_dhcp_subnet_leases',
  "Leases by Kea's subnet and state; only with per_subnet, and active also when there are none.",
  ['subnet_id', 'family', 'state'],
)
export const subnetLeasesOmitted = gauge(
  'probe_dhcp_subnet_leases_omitted',
  'Series of probe_dhcp_subnet_leases that max_series cut.',
)

export const perSubnet = z.strictObject({
  enabled: bool().default(false).describe('Whether leases are counted by subnet.'),
  max_series: integer(1, 2000).default(200).describe('Most series; those of the highest subnets are left out.'),
})

/** Subnets are numbers in the file, so there may be as many as leases. */
const maxCounts = 100_000

const width = 16
const activeCode = codeOf('active')

/** Counts leases by Kea's subnet and by state. */
export class SubnetCounts implements LeaseVisitor {
  /** By subnet × 16 + code of the state. */
  readonly #counts: Record<Family, Map<number, number>> = { ipv4: new Map(), ipv6: new Map() }
  #omitted = 0

  visit(family: Family, { groups }: Slots, slot: number, _typeCode: number, stateCode: number): void {
    const counts = this.#counts[family]
    const first = (groups[slot] as number) * width
    const known = counts.get(first + stateCode)
    if (known === undefined && counts.size > maxCounts) {
      this.#omitted++
      return
    }
    counts.set(first + stateCode, (known ?? 0) + 1)
    if (known === undefined && !counts.has(first + activeCode)) counts.set(first + activeCode, 0)
  }

  /** Reports the lowest subnets, and how many series that leaves out. */
  report(sink: MetricSink, families: readonly Family[], maxSeries: number): void {
    let omitted = this.#omitted
    let shown = 0
    for (const family of families) {
      const keys = Float64Array.from(this.#counts[family].keys()).sort()
      const kept = keys.subarray(0, maxSeries - shown)
      shown += kept.length
      omitted += keys.length - kept.length
      for (const key of kept) {
        const labels = { subnet_id: String(Math.floor(key / width)), family, state: leaseStates[key % width] as string }
        sink.set(subnetLeases, this.#counts[family].get(key) ?? 0, labels)
      }
    }
    sink.set(subnetLeasesOmitted, omitted)
  }
}
