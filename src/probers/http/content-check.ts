import type { Cel } from '../../kit/cel.ts'
import { ProbeFailure } from '../../kit/failure.ts'
import type { ReceivedHeaders } from '../../kit/net/http/message.ts'
import { createWorkerPool } from '../../kit/worker-pool.ts'
import { type BodyChecks, type ContentCheck, type Fault, findBodyFault, hasCel } from './body-fault.ts'
import type { Job } from './content-thread.ts'
import { findHeaderFault, type HeaderRule, type HeaderRules, valuesOf } from './header-fault.ts'

const maxWaitingBytes = 256 * 2 ** 20

/** A target whose answer takes long to judge holds up the others only when there are four of them. */
const threads = createWorkerPool<Job, Fault | undefined>(import.meta.url, './content-thread', 4, maxWaitingBytes)

/** In a millisecond, RE2 takes 15,000 octets through an instruction at worst, and a loop of CEL makes 10,000 steps. */
const maxStepsAtOnce = 2 ** 18

export interface Finding {
  readonly check: ContentCheck
  readonly failure: ProbeFailure
}

/** The check of the body that comes first: a body that cannot be read has not passed it. */
export function firstBodyCheck(checks: BodyChecks): ContentCheck | undefined {
  const patterns = checks.fail_if_body_matches_regexp.length + checks.fail_if_body_not_matches_regexp.length
  return patterns > 0 ? 'regex' : hasCel(checks) ? 'cel' : undefined
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

const celSteps = ({ loopDepth, cost }: Cel, length: number) =>
  cost * (loopDepth === 0 ? length : (length / 2) ** (loopDepth + 1))

function bodySteps(checks: BodyChecks, { length }: Uint8Array): number {
  const patterns = [...checks.fail_if_body_matches_regexp, ...checks.fail_if_body_not_matches_regexp]
  const cels = [checks.fail_if_body_json_matches_cel, checks.fail_if_body_json_not_matches_cel]
  return sum([
    ...patterns.map(({ cost }) => length * cost),
    ...cels.filter(cel => cel !== undefined).map(cel => celSteps(cel, length)),
  ])
}

const lengthOf = (values: readonly string[]) => sum(values.map(({ length }) => length + 1))

const headerSteps = (rules: HeaderRules, headers: ReceivedHeaders): number =>
  sum(
    [...rules.fail_if_header_matches, ...rules.fail_if_header_not_matches].map(
      rule => lengthOf(valuesOf(headers, rule) ?? []) * rule.regexp.cost,
    ),
  )

const ruleOf = ({ regexp, ...rest }: HeaderRule): HeaderRule<string> => ({ ...rest, regexp: regexp.source })

const headerJob = (rules: HeaderRules, headers: ReceivedHeaders): Job => ({
  checks: {
    fail_if_header_matches: rules.fail_if_header_matches.map(ruleOf),
    fail_if_header_not_matches: rules.fail_if_header_not_matches.map(ruleOf),
  },
  headers,
})

const bodyJob = (checks: BodyChecks, body: Uint8Array): Job => ({
  checks: {
    fail_if_body_matches_regexp: checks.fail_if_body_matches_regexp.map(({ source }) => source),
    fail_if_body_not_matches_regexp: checks.fail_if_body_not_matches_regexp.map(({ source }) => source),
    fail_if_body_json_matches_cel: checks.fail_if_body_json_matches_cel?.source,
    fail_if_body_json_not_matches_cel: checks.fail_if_body_json_not_matches_cel?.source,
    body_size_limit: checks.body_size_limit,
  },
  body,
})

async function judgeInThread(job: Job, bytes: number, signal: AbortSignal): Promise<Fault | undefined> {
  try {
    return await threads.run(job, bytes, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error
    throw new ProbeFailure('too_large', 'the checks of the answer take more memory than there is', { cause: error })
  }
}

const asFinding = (fault: Fault | undefined): Finding | undefined =>
  fault && { check: fault.check, failure: new ProbeFailure(fault.reason, fault.message) }

/** Judges headers; what may take long happens in a thread. Throws as `checkBody` does. */
export async function checkHeaders(
  rules: HeaderRules,
  headers: ReceivedHeaders,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  if (headerSteps(rules, headers) <= maxStepsAtOnce) return asFinding(findHeaderFault(rules, headers))
  const bytes = sum([...headers.values()].map(lengthOf))
  return asFinding(await judgeInThread(headerJob(rules, headers), bytes, signal))
}

/**
 * Judges the octets of the body, after decoding: first the patterns, then CEL. What may take long happens in a thread.
 * Throws `Overloaded` when too much waits for one or none gets free in time, `ProbeFailure('too_large')` when it runs out of memory,
 * and the signal's reason when that aborts.
 */
export async function checkBody(
  checks: BodyChecks,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  if (bodySteps(checks, body) <= maxStepsAtOnce) return asFinding(findBodyFault(checks, body))
  return asFinding(await judgeInThread(bodyJob(checks, body), body.length, signal))
}
