import { ProbeFailure } from '../../../kit/failure.ts'
import { dnssec } from '../dnssec/check.ts'
import { DnsFailure } from '../failure.ts'
import type { Check, Judged, Verdict } from './check.ts'
import { ede } from './ede.ts'
import { expectation } from './expectation.ts'
import { flags } from './flags.ts'
import { checkPassed } from './metrics.ts'
import { nsid } from './nsid.ts'
import { rcode } from './rcode.ts'
import { sectionRules } from './section-rules.ts'
import { serial } from './serial.ts'

/** All checks: blackbox_exporter's in its order, and last those that ask further servers. */
const checks: readonly Check[] = [rcode, flags, sectionRules, expectation, nsid, ede, dnssec, serial]

/** Those that an answer without all its records can be held against. */
const checksOfTruncated: readonly Check[] = [rcode, flags, nsid, ede]

/** What a check came to, or why the target kept it from judging. */
async function attempt(check: Check, judged: Judged): Promise<readonly Verdict[] | ProbeFailure> {
  try {
    return await check(judged)
  } catch (error) {
    if (error instanceof ProbeFailure && !judged.ctx.signal.aborted) return error
    throw error
  }
}

function report({ metrics, log }: Judged['ctx'], { check, fault }: Verdict): void {
  metrics.set(checkPassed, fault === undefined, { check })
  if (fault === undefined) log.debug('the check passed', { check })
  else log.debug('the check failed', { check, fault })
}

/** Runs every check, also after one that failed, and tells how each came out. Throws the failure of the first. */
export async function judge(judged: Judged): Promise<void> {
  const isTruncated = judged.asked.reply.message.flags.tc
  let failure: ProbeFailure | undefined = isTruncated
    ? new DnsFailure('truncated', 'the answer is truncated')
    : undefined
  for (const check of isTruncated ? checksOfTruncated : checks) {
    const came = await attempt(check, judged)
    if (came instanceof ProbeFailure) {
      failure ??= came
      continue
    }
    for (const verdict of came) {
      report(judged.ctx, verdict)
      if (verdict.fault !== undefined) failure ??= new DnsFailure(verdict.check, verdict.fault)
    }
  }
  if (failure !== undefined) throw failure
}
