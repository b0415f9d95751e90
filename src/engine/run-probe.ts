import { wait } from '../kit/abort.ts'
import { DeadlineExceeded, Denied, Overloaded, type PolicyReason, type Reason } from '../kit/failure.ts'
import type { Limiter } from '../kit/limiter.ts'
import { type CounterSink, gauge } from '../kit/metrics.ts'
import type { ProbeContext, ProbeLog, RawRequest } from '../kit/prober.ts'
import { type Failure, runAttempt } from './attempt.ts'
import type { Deadline } from './deadline.ts'
import type { Module } from './module.ts'
import { type Family, ProbeMetrics } from './probe-metrics.ts'

export interface ProbeResult {
  readonly success: boolean
  readonly reason: Reason | undefined
  readonly message: string | undefined
  /** What the target policy refused during the probe, if that is why it failed. */
  readonly rejected: PolicyReason | undefined
  readonly durationMs: number
  readonly queuedMs: number
  readonly families: readonly Family[]
}

export interface ProbeDeps {
  readonly limiter: Limiter
  readonly log: ProbeLog
  readonly counters: CounterSink
  readonly now: () => number
  /** Called when a prober ran on for more than a second after its answer. */
  readonly overran: (ms: number) => void
}

const success = gauge('probe_success', 'Displays whether or not the probe was a success')
const duration = gauge('probe_duration_seconds', 'Returns how long the probe took to complete in seconds')
const timeout = gauge('probe_timeout_seconds', 'Returns the time the probe was given in seconds')
const attemptCount = gauge('probe_attempts', 'How often the prober was run; only there for modules with retries.')
const failureInfo = gauge('probe_failure_info', 'Why the probe failed; always 1, and only there when it failed.', [
  'reason',
])

/** The metrics that the engine adds to those of every prober. */
export const commonMetrics = [success, duration, timeout, failureInfo, attemptCount]

const overrunMs = 1000
const largestQueuedShare = 0.1

interface Outcome {
  /** Those of the last attempt. */
  readonly metrics: ProbeMetrics
  readonly failure: Failure | undefined
  readonly attempts: number
}

/** A deadline that passes during the pause leaves the verdict of the attempt before it. */
function throwUnlessDeadline(error: unknown): void {
  if (!(error instanceof DeadlineExceeded)) throw error
}

/**
 * Runs a module against a target: waits for a slot, repeats as the module's `retries` say, and answers at the deadline
 * even if the prober hangs; its slot stays taken until it settles. Throws only what is not the target's fault:
 * `BadRequest`, `Denied`, `Overloaded`, `ClientGone`, or a bug.
 */
export async function runProbe(
  module: Module,
  request: RawRequest,
  deadline: Deadline,
  deps: ProbeDeps,
): Promise<ProbeResult> {
  const run = module.prepare(request)
  const requestedMs = performance.now()
  const release = await deps.limiter.acquire(deadline.signal)
  const startedMs = performance.now()
  const running: Promise<void>[] = []
  try {
    const outcome = await runAttempts(module, run, deadline, deps, running)
    return conclude(module, outcome, deadline, requestedMs, startedMs)
  } finally {
    void freeWhenSettled(running, release, deps.overran)
  }
}

async function runAttempts(
  module: Module,
  run: (ctx: ProbeContext) => Promise<void>,
  deadline: Deadline,
  { log, counters, now }: ProbeDeps,
  running: Promise<void>[],
): Promise<Outcome> {
  const { attempts: most, delayMs, on } = module.retries ?? { attempts: 1, delayMs: 0, on: new Set<Reason>() }
  const started = (work: Promise<void>) => running.push(work)
  for (let attempts = 1; ; attempts++) {
    const metrics = new ProbeMetrics()
    // A retry after a timeout needs time of its own, so the attempts share what is left evenly.
    const shareMs = deadline.remainingMs() / (on.has('timeout') ? most - attempts + 1 : 1)
    const context = { deadline, shareMs, started, metrics, counters, policy: module.policy, log, now }
    const failure = await runAttempt(run, context)
    const again = failure !== undefined && attempts < most && on.has(failure.reason)
    if (!again || deadline.remainingMs() <= delayMs) return { metrics, failure, attempts }
    log.info('probe failed, trying again', { attempt: attempts, reason: failure.reason, error: failure.error.message })
    await wait(delayMs, deadline.signal).catch(throwUnlessDeadline)
    if (deadline.signal.aborted) return { metrics, failure, attempts }
  }
}

function conclude(
  module: Module,
  { metrics, failure, attempts }: Outcome,
  deadline: Deadline,
  requestedMs: number,
  startedMs: number,
): ProbeResult {
  const durationMs = performance.now() - startedMs
  const queuedMs = startedMs - requestedMs
  // A target that did not get the time it is configured to have is not judged by what was left.
  if (failure?.reason === 'timeout' && queuedMs > deadline.timeoutMs * largestQueuedShare) {
    throw new Overloaded('too much of the time went by waiting')
  }
  const common = new ProbeMetrics() // of their own, so that the cap on series is the prober's alone
  common.set(success, failure === undefined)
  common.set(duration, durationMs / 1000)
  common.set(timeout, deadline.timeoutMs / 1000)
  if (failure !== undefined) common.set(failureInfo, 1, { reason: failure.reason })
  if (module.retries !== undefined) common.set(attemptCount, attempts)
  return {
    success: failure === undefined,
    reason: failure?.reason,
    message: failure?.error.message,
    rejected: failure?.error.cause instanceof Denied ? failure.error.cause.reason : undefined,
    durationMs,
    queuedMs,
    families: [...metrics.seal(), ...common.seal()],
  }
}

async function freeWhenSettled(running: readonly Promise<void>[], release: () => void, overran: (ms: number) => void) {
  const endedMs = performance.now()
  await Promise.allSettled(running)
  release()
  const lateMs = performance.now() - endedMs
  if (lateMs > overrunMs) overran(lateMs)
}
