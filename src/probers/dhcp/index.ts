import { DeadlineExceeded } from '../../kit/failure.ts'
import { admit } from '../../kit/files/roots.ts'
import { defineProber, type ProbeContext } from '../../kit/prober.ts'
import { type Findings, judge } from './checks.ts'
import { LeaseFileError, type LeaseFileReason, toLeaseFileError, toProbeFailure } from './failure.ts'
import { formats } from './formats/detect.ts'
import { type FamilyKnowledge, noFacts } from './formats/format.ts'
import { checkMalformed, readLeaseFile } from './lease-file.ts'
import { type Family, Leases } from './leases.ts'
import { failure, metrics } from './metrics.ts'
import { optionWarnings } from './option-rules.ts'
import { type Options, options } from './options.ts'
import type { Job } from './parts.ts'
import { reportChecks, reportFile, reportStats } from './report.ts'
import { survey, type Told } from './survey.ts'

/** What can be said of a file whose format nobody knows. */
const common: Readonly<Record<Family, FamilyKnowledge>> = {
  ipv4: { types: ['address'], states: ['active', 'expired'] },
  ipv6: { types: ['na', 'ta', 'pd'], states: ['active', 'expired'] },
}

/** Reads the file. */
async function read(job: Job): Promise<Told> {
  const { ctx, options, stats } = job
  const file = await readLeaseFile(job).finally(() => reportStats(ctx.metrics, stats))
  reportFile(ctx.metrics, file)
  checkMalformed(file, options.max_malformed_ratio, ctx.now())
  return { leases: file.leases, facts: file.facts, format: file.format.name, knows: file.format.knows }
}

/** A missing file that is no fault: no leases. */
function nothing({ ctx, options, keepsDetails }: Job): Told {
  ctx.log.debug('the file is missing, which is taken for no leases')
  const format = options.format === 'auto' ? undefined : options.format
  const leases = new Leases({ maxEntries: options.max_entries, keepsDetails })
  return { leases, facts: noFacts, format, knows: format === undefined ? common : formats[format].knows }
}

/** Throws `LeaseFileError('check_failed')`, once everything is reported. */
function check({ ctx, options }: Job, findings: Findings): void {
  const verdicts = judge(options.fail_if, findings)
  reportChecks(ctx.metrics, verdicts)
  const faults = verdicts.flatMap(({ check: name, fault }) => (fault === undefined ? [] : [`${name}: ${fault}`]))
  if (faults.length > 0) throw new LeaseFileError('check_failed', faults.join('; '))
}

async function report(job: Job): Promise<void> {
  const told = await read(job).catch(error => {
    const isMissing = toLeaseFileError(error)?.reason === 'not_found'
    if (!isMissing || !job.options.missing_ok) throw error
    return nothing(job)
  })
  check(job, await survey(job, told))
}

async function probe(ctx: ProbeContext, path: string, options: Options): Promise<void> {
  const job: Job = { ctx, path, options, keepsDetails: options.per_lease.enabled, stats: new Map() }
  const fail = (reason: LeaseFileReason) => ctx.metrics.set(failure, 1, { reason })
  // The answer is sealed at the deadline, before a rejection would come through.
  const onAbort = () => {
    if (!(ctx.signal.reason instanceof DeadlineExceeded)) return
    reportStats(ctx.metrics, job.stats)
    fail('timeout')
  }
  ctx.signal.addEventListener('abort', onAbort, { once: true })
  try {
    await report(job)
  } catch (error) {
    ctx.signal.throwIfAborted()
    const known = toLeaseFileError(error)
    if (known === undefined) throw error
    fail(known.reason)
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
  warnings: optionWarnings,
  refusesTargets: 'the targets of the prober dhcp are files: use roots',
  accept: ({ target }, { roots }) => admit(target, roots),
  probe,
})
