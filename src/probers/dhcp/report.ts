import type { FileStats } from '../../kit/files/open.ts'
import type { MetricSink } from '../../kit/metrics.ts'
import { safeText } from '../../kit/text.ts'
import type { Verdict } from './checks.ts'
import { type Counts, type Within, within } from './count.ts'
import type { FailoverState, FamilyKnowledge } from './formats/format.ts'
import type { PartName } from './kea-set.ts'
import type { LeaseFile } from './lease-file.ts'
import { type Family, leaseStates, leaseTypes } from './leases.ts'
import * as metric from './metrics.ts'
import { freeIn, type PoolUses, usedRatio, useStates } from './pools/use.ts'

const seconds = (mtimeNs: bigint) => Number(mtimeNs) / 1e9

/** When the set of files was last written, in Unix seconds; undefined when none was found. */
export const newestMtime = (stats: ReadonlyMap<PartName, FileStats>): number | undefined =>
  stats.size === 0 ? undefined : Math.max(...[...stats.values()].map(({ mtimeNs }) => seconds(mtimeNs)))

/** What `stat` told, whatever came of the rest. */
export function reportStats(sink: MetricSink, stats: ReadonlyMap<PartName, FileStats>): void {
  for (const [part, { size, mtimeNs }] of stats) {
    sink.set(metric.fileSize, Number(size), { part })
    sink.set(metric.fileMtime, seconds(mtimeNs), { part })
  }
  const newest = newestMtime(stats)
  if (newest !== undefined) sink.set(metric.newestMtime, newest)
}

/** The file as such; true even when its leases cannot be trusted. */
export function reportFile(sink: MetricSink, { format, leases, facts, changed, parseMs }: LeaseFile): void {
  sink.set(metric.fileInfo, 1, { format: format.name, schema: facts.schema })
  sink.set(metric.entries, leases.entries)
  sink.set(metric.malformedEntries, leases.malformed)
  sink.set(metric.incompleteTail, facts.incompleteTail)
  sink.set(metric.changedDuringRead, changed)
  sink.set(metric.parseDuration, parseMs / 1000)
  if (facts.writtenAt !== undefined) sink.set(metric.newestMtime, facts.writtenAt)
}

/** The leases of a family: every type and state that the format knows, and those that turned up besides. */
export function reportLeases(
  sink: MetricSink,
  family: Family,
  counts: Counts | undefined,
  known: FamilyKnowledge,
): void {
  for (const [typeCode, type] of leaseTypes.entries()) {
    for (const [stateCode, state] of leaseStates.entries()) {
      const count = counts?.leases[typeCode]?.[stateCode] ?? 0
      const isKnown = state !== '' && known.types.includes(type) && known.states.includes(state)
      if (isKnown || count > 0) sink.set(metric.leases, count, { family, type, state })
    }
  }
  sink.set(metric.leasesOverdue, counts?.overdue ?? 0, { family })
  sink.set(metric.leasesInfinite, counts?.infinite ?? 0, { family })
  for (const name of Object.keys(within) as Within[]) {
    sink.set(metric.leasesExpiring, counts?.expiring[name] ?? 0, { family, within: name })
  }
}

/** The pools of these families, their shared networks, and what is in none. */
export function reportPools(sink: MetricSink, uses: PoolUses, families: readonly Family[]): void {
  for (const use of uses.pools(families)) {
    const labels = { pool: safeText(use.name), shared_network: safeText(use.sharedNetwork), family: use.family }
    sink.set(metric.poolSize, Number(use.size), labels)
    sink.set(metric.poolUsedRatio, usedRatio(use), labels)
    sink.set(metric.poolFree, freeIn(use), labels)
    for (const state of useStates) sink.set(metric.poolLeases, use[state], { ...labels, state })
  }
  for (const use of uses.sharedNetworks(families)) {
    const labels = { shared_network: safeText(use.sharedNetwork), family: use.family }
    sink.set(metric.networkSize, Number(use.size), labels)
    sink.set(metric.networkUsedRatio, usedRatio(use), labels)
    sink.set(metric.networkFree, freeIn(use), labels)
  }
  for (const family of families) {
    const outside = uses.outside(family)
    if (outside !== undefined) sink.set(metric.leasesOutsidePools, outside, { family })
  }
}

/** Both ends of each failover relationship. */
export function reportFailover(sink: MetricSink, failover: readonly FailoverState[]): void {
  for (const { peer, role, state, since } of failover) {
    const labels = { peer: safeText(peer), role }
    sink.set(metric.failoverState, 1, { ...labels, state })
    sink.set(metric.failoverStateSince, since, labels)
  }
}

/** Which of the configured checks failed. */
export function reportChecks(sink: MetricSink, verdicts: readonly Verdict[]): void {
  for (const { check, fault } of verdicts) sink.set(metric.checkFailed, fault !== undefined, { check })
}
