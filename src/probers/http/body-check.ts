import { ProbeFailure } from '../../kit/failure.ts'
import { createWorkerPool } from '../../kit/worker-pool.ts'
import { type BodyCheck, type BodyChecks, type BodyFault, findFault, hasCel } from './body-fault.ts'
import type { BodyJob } from './body-thread.ts'

/** A target whose body takes long holds up the others only when there are four of them. */
const threads = createWorkerPool<BodyJob, BodyFault | undefined>(import.meta.url, './body-thread', 4)

/** In a millisecond, RE2 and JSON.parse read about 20 kB, and a loop of CEL makes 10,000 steps. */
const maxOctetsAtOnce = 128 * 1024
const maxStepsAtOnce = 2 ** 18

/** The check that comes first: a body that cannot be read has not passed it. */
export function firstBodyCheck(checks: BodyChecks): BodyCheck | undefined {
  const patterns = checks.fail_if_body_matches_regexp.length + checks.fail_if_body_not_matches_regexp.length
  return patterns > 0 ? 'regex' : hasCel(checks) ? 'cel' : undefined
}

const celsOf = ({ fail_if_body_json_matches_cel: one, fail_if_body_json_not_matches_cel: other }: BodyChecks) =>
  [one, other].filter(cel => cel !== undefined)

/** Whether the checks take some milliseconds at most, so that a thread is not worth it. */
function isQuick(checks: BodyChecks, { length }: Uint8Array): boolean {
  const cels = celsOf(checks)
  const patterns = checks.fail_if_body_matches_regexp.length + checks.fail_if_body_not_matches_regexp.length
  const mayLoopFor = Math.max(
    0,
    ...cels.filter(cel => cel.loopDepth > 0).map(cel => (length / 2) ** (cel.loopDepth + 1)),
  )
  return length * (patterns + cels.length) <= maxOctetsAtOnce && mayLoopFor <= maxStepsAtOnce
}

const jobOf = (checks: BodyChecks, body: Uint8Array): BodyJob => ({
  checks: {
    fail_if_body_matches_regexp: checks.fail_if_body_matches_regexp.map(({ source }) => source),
    fail_if_body_not_matches_regexp: checks.fail_if_body_not_matches_regexp.map(({ source }) => source),
    fail_if_body_json_matches_cel: checks.fail_if_body_json_matches_cel?.source,
    fail_if_body_json_not_matches_cel: checks.fail_if_body_json_not_matches_cel?.source,
    body_size_limit: checks.body_size_limit,
  },
  body,
})

/**
 * Judges the octets of the body, after decoding: first the patterns, then CEL. What may take long happens in a thread.
 * Throws `Overloaded` when none gets free before the deadline, and the signal's reason when that aborts.
 */
export async function checkBody(
  checks: BodyChecks,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<{ readonly check: BodyCheck; readonly failure: ProbeFailure } | undefined> {
  const fault = isQuick(checks, body) ? findFault(checks, body) : await threads.run(jobOf(checks, body), signal)
  return fault && { check: fault.check, failure: new ProbeFailure(fault.reason, fault.message) }
}
