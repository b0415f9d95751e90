import { DeadlineExceeded } from '../../kit/failure.ts'
import { defineProber, type ProbeContext } from '../../kit/prober.ts'
import { createSlices } from '../../kit/slices.ts'
import { countLeases } from './count.ts'
import { type LeaseFileReason, toLeaseFileError, toProbeFailure } from './failure.ts'
import { formats } from './formats/detect.ts'
import type { FamilyKnowledge } from './formats/format.ts'
import { checkMalformed, readLeaseFile } from './lease-file.ts'
import { type Family, families } from './leases.ts'
import { failure, metrics, newestTransaction } from './metrics.ts'
import { type Options, options } from './options.ts'
import type { Job } from './parts.ts'
import { reportFile, reportLeases, reportStats } from './report.ts'
import { admit } from './roots.ts'

/** What can be said of a file whose format nobody knows. */
const common: Readonly<Record<Family, FamilyKnowledge>> = {
  ipv4: { types: ['address'], states: ['active', 'expired'] },
  ipv6: { types: ['na', 'ta', 'pd'], states: ['active', 'expired'] },
}

/** The families to report: of a file that does not tell, the one that is expected, or both. */
function reportedFamilies(told: Family | undefined, { family }: Options): readonly Family[] {
  if (told !== undefined) return [told]
  return family === 'auto' ? families : [family]
}

async function report(job: Job): Promise<void> {
  const { ctx, options, stats } = job
  const file = await readLeaseFile(job)
  reportStats(ctx.metrics, stats)
  reportFile(ctx.metrics, file)
  checkMalformed(file, options.max_malformed_ratio)
  const { dnsmasq_expiry: expiry } = options
  const endsAreLengths =
    file.format.name === 'dnsmasq' && (expiry === 'auto' ? file.facts.endsAreLengths : expiry === 'length')
  const nowSeconds = endsAreLengths ? undefined : ctx.now() / 1000
  const counts = await countLeases(file.leases, nowSeconds, createSlices(ctx.signal))
  for (const family of reportedFamilies(file.facts.family, options)) {
    reportLeases(ctx.metrics, family, counts[family], file.format.knows[family])
    const transaction = file.leases.newestTransaction(family)
    if (transaction !== undefined) ctx.metrics.set(newestTransaction, transaction, { family })
  }
  ctx.log.debug('counted the leases', {
    entries: file.leases.entries,
    malformed: file.leases.malformed,
    ends_are_lengths: endsAreLengths,
  })
}

/** A missing file that is no fault: no leases. */
function reportNone({ ctx, options }: Job): void {
  const knows = options.format === 'auto' ? common : formats[options.format].knows
  for (const family of reportedFamilies(undefined, options)) reportLeases(ctx.metrics, family, undefined, knows[family])
  ctx.log.debug('the file is missing, which is taken for no leases')
}

function fail({ ctx, stats }: Job, reason: LeaseFileReason): void {
  reportStats(ctx.metrics, stats)
  ctx.metrics.set(failure, 1, { reason })
}

async function probe(ctx: ProbeContext, path: string, options: Options): Promise<void> {
  const job: Job = { ctx, path, options, keepsDetails: false, stats: new Map() }
  // The answer is sealed at the deadline, before a rejection would come through.
  const onAbort = () => {
    if (ctx.signal.reason instanceof DeadlineExceeded) fail(job, 'timeout')
  }
  ctx.signal.addEventListener('abort', onAbort, { once: true })
  try {
    await report(job)
  } catch (error) {
    ctx.signal.throwIfAborted()
    const known = toLeaseFileError(error)
    if (known === undefined) throw error
    if (known.reason === 'not_found' && options.missing_ok) return reportNone(job)
    fail(job, known.reason)
    throw toProbeFailure(known)
  } finally {
    ctx.signal.removeEventListener('abort', onAbort)
  }
}

/** Counts the leases of a DHCP server by reading its lease file. */
export const dhcp = defineProber({
  name: 'dhcp',
  options,
  metrics,
  accept: ({ target }, { roots }) => admit(target, roots),
  probe,
})
