import { createSlices } from '../../kit/slices.ts'
import type { Findings } from './checks.ts'
import { type Counts, countLeases, inState } from './count.ts'
import type { FailIf } from './fail-if.ts'
import type { FamilyKnowledge, FileFacts, FormatName } from './formats/format.ts'
import { codeOf, type Family, families, type LeaseState, type Leases } from './leases.ts'
import { newestTransaction, serverConfigValid } from './metrics.ts'
import type { Options } from './options.ts'
import type { Job } from './parts.ts'
import { reportShown, ShownLeases } from './per-lease.ts'
import { SubnetCounts } from './per-subnet.ts'
import { PoolUses, type Use } from './pools/use.ts'
import { sliceMs } from './read.ts'
import { newestMtime, reportFailover, reportLeases, reportPools } from './report.ts'
import { visitLeases } from './visit.ts'

/** What a file, or the lack of one, tells. */
export interface Told {
  readonly leases: Leases
  readonly facts: FileFacts
  readonly format: FormatName | undefined
  readonly knows: Readonly<Record<Family, FamilyKnowledge>>
}

/** The families to report: of a file that does not tell, the one that is expected, or both. */
function reportedFamilies(told: Family | undefined, { family }: Options): readonly Family[] {
  if (told !== undefined) return [told]
  return family === 'auto' ? families : [family]
}

/** The instant to hold the ends of leases against; undefined when they are no instants. */
function instantOf({ ctx, options }: Job, { format, facts }: Told): number | undefined {
  const { dnsmasq_expiry: expiry } = options
  const endsAreLengths = format === 'dnsmasq' && (expiry === 'auto' ? facts.endsAreLengths : expiry === 'length')
  return endsAreLengths ? undefined : ctx.now() / 1000
}

/** The pools of the module, or of the server's configuration as it is now; undefined when there are none. */
async function currentUses({ ctx, options: { pools, server_config } }: Job): Promise<PoolUses | undefined> {
  if (server_config === undefined) return pools.pools.length === 0 ? undefined : new PoolUses(pools)
  const { map, isValid } = await server_config.current(ctx)
  ctx.metrics.set(serverConfigValid, isValid)
  return map && new PoolUses(map)
}

function usesInScope(
  uses: PoolUses | undefined,
  own: readonly Family[],
  { scope }: FailIf,
): readonly Use[] | undefined {
  if (uses === undefined) return undefined
  return scope === 'pool' ? uses.pools(own) : [...uses.sharedNetworks(own), ...uses.alone(own)]
}

/** Counts the leases as they stand at this moment and reports all of it; returns what the checks judge. */
export async function survey(job: Job, told: Told): Promise<Findings> {
  const { ctx, options } = job
  const { leases, facts, knows } = told
  const nowSeconds = instantOf(job, told)
  const { per_subnet, per_lease } = options
  const uses = await currentUses(job)
  const subnets = per_subnet.enabled && told.format === 'kea-csv' ? new SubnetCounts() : undefined
  const shown = per_lease.enabled ? new ShownLeases(per_lease, nowSeconds !== undefined) : undefined
  const pause = createSlices(ctx.signal, sliceMs)
  const own = reportedFamilies(facts.family, options)
  const counts = await countLeases(leases, nowSeconds, pause, own)
  await uses?.count(leases, nowSeconds, pause, own)
  const visitors = [subnets, shown].filter(visitor => visitor !== undefined)
  await visitLeases(leases, nowSeconds, pause, visitors, own)
  const transactions = own.flatMap(family => {
    reportLeases(ctx.metrics, family, counts[family], knows[family])
    const transaction = leases.newestTransaction(family)
    if (transaction !== undefined) ctx.metrics.set(newestTransaction, transaction, { family })
    return transaction ?? []
  })
  if (uses !== undefined) reportPools(ctx.metrics, uses, own)
  reportFailover(ctx.metrics, facts.failover)
  subnets?.report(ctx.metrics, own, per_subnet.max_series)
  if (shown !== undefined) await reportShown(ctx.metrics, shown, per_lease, pause)
  ctx.log.debug('counted the leases', {
    entries: leases.entries,
    malformed: leases.malformed,
    ends_are_lengths: nowSeconds === undefined,
  })
  const sum = (count: (counts: Counts) => number) => own.reduce((all, family) => all + count(counts[family]), 0)
  const inStates = (...states: readonly LeaseState[]) =>
    sum(ofFamily => states.reduce((all, state) => all + inState(ofFamily, codeOf(state)), 0))
  return {
    nowSeconds: ctx.now() / 1000,
    newestWrite: facts.writtenAt ?? newestMtime(job.stats),
    newestTransaction: transactions.length === 0 ? undefined : Math.max(...transactions),
    overdue: nowSeconds === undefined ? undefined : sum(({ overdue }) => overdue),
    unavailable: inStates('abandoned', 'declined'),
    active: inStates('active'),
    uses: usesInScope(uses, own, options.fail_if),
    failover: facts.failover,
  }
}
