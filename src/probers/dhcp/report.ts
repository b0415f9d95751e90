import type { MetricSink } from '../../kit/metrics.ts'
import { type Counts, type Within, within } from './count.ts'
import type { FamilyKnowledge } from './formats/format.ts'
import type { PartName } from './kea-set.ts'
import type { LeaseFile } from './lease-file.ts'
import { type Family, leaseStates, leaseTypes } from './leases.ts'
import * as metric from './metrics.ts'
import type { FileStats } from './open.ts'

const seconds = (mtimeNs: bigint) => Number(mtimeNs) / 1e9

/** What `stat` told, whatever came of the rest. */
export function reportStats(sink: MetricSink, stats: ReadonlyMap<PartName, FileStats>): void {
  for (const [part, { size, mtimeNs }] of stats) {
    sink.set(metric.fileSize, Number(size), { part })
    sink.set(metric.fileMtime, seconds(mtimeNs), { part })
  }
  const mtimes = [...stats.values()].map(({ mtimeNs }) => seconds(mtimeNs))
  if (mtimes.length > 0) sink.set(metric.newestMtime, Math.max(...mtimes))
}

/** The file as such; true even when its leases cannot be trusted. */
export function reportFile(sink: MetricSink, { format, leases, facts, changed, parseMs }: LeaseFile): void {
  sink.set(metric.fileInfo, 1, { format: format.name, schema: facts.schema })
  sink.set(metric.entries, leases.entries)
  sink.set(metric.malformedEntries, leases.malformed)
  sink.set(metric.incompleteTail, facts.incompleteTail)
  sink.set(metric.changedDuringRead, changed)
  sink.set(metric.parseDuration, parseMs / 1000)
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
