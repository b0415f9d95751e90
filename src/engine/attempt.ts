import { setImmediate } from 'node:timers/promises'
import { untilAborted } from '../kit/abort.ts'
import { classify, isOverload } from '../kit/classify.ts'
import { BadRequest, DeadlineExceeded, Denied, Overloaded, ProbeFailure, type Reason } from '../kit/failure.ts'
import type { ProbeContext } from '../kit/prober.ts'
import { ClientGone, type Deadline } from './deadline.ts'

export interface Failure {
  readonly reason: Reason
  readonly error: Error
}

interface Share extends Pick<Deadline, 'signal' | 'remainingMs'> {
  end(): void
}

/** A share of a deadline: its own signal, which aborts with the deadline's and when the share is used up. */
function startShare(deadline: Deadline, shareMs: number): Share {
  const { signal, remainingMs } = deadline
  if (shareMs >= remainingMs()) return { signal, remainingMs, end: () => undefined }
  const controller = new AbortController()
  const pass = () => controller.abort(signal.reason)
  signal.addEventListener('abort', pass, { once: true })
  const endMs = performance.now() + shareMs
  const timer = setTimeout(() => controller.abort(new DeadlineExceeded()), shareMs)
  return {
    signal: controller.signal,
    remainingMs: () => Math.min(remainingMs(), Math.max(0, endMs - performance.now())),
    end() {
      clearTimeout(timer)
      signal.removeEventListener('abort', pass)
    },
  }
}

/** Tells the target's failures from everything else, which it throws. */
function judge(thrown: unknown, signal: AbortSignal): Failure {
  if (signal.aborted && signal.reason instanceof ClientGone) throw signal.reason
  if (isOverload(thrown)) throw new Overloaded((thrown as Error).message)
  if (signal.aborted && isOverload(signal.reason)) throw signal.reason
  if (thrown instanceof Denied || thrown instanceof BadRequest) throw thrown
  if (thrown instanceof ProbeFailure) return { reason: thrown.reason, error: thrown }
  if (signal.aborted) return { reason: 'timeout', error: signal.reason }
  const reason = classify(thrown)
  if (reason === undefined) throw thrown
  return { reason, error: thrown as Error }
}

/**
 * At the deadline the prober has one more turn to say what it knows better: that sonde itself was the bottleneck, or
 * in which phase the time ran out.
 */
function lastWord(work: Promise<void>, thrown: unknown): Promise<unknown> {
  const knowsBetter = (error: unknown) =>
    isOverload(error) || (error instanceof ProbeFailure && error.reason === 'timeout') ? error : thrown
  return Promise.race([work.then(() => thrown, knowsBetter), setImmediate(thrown)])
}

export interface AttemptContext extends Omit<ProbeContext, 'signal' | 'remainingMs'> {
  readonly deadline: Deadline
  /** The time of this attempt; never longer than what is left of the deadline. */
  readonly shareMs: number
  /** Is given the prober's own promise, which may outlive the attempt. */
  readonly started: (work: Promise<void>) => void
}

/** Runs a prober once. Returns the target's failure, or undefined when the target is healthy. */
export async function runAttempt(
  run: (ctx: ProbeContext) => Promise<void>,
  { deadline, shareMs, started, ...rest }: AttemptContext,
): Promise<Failure | undefined> {
  const share = startShare(deadline, shareMs)
  const ctx: ProbeContext = { ...rest, signal: share.signal, remainingMs: share.remainingMs }
  const work = new Promise<void>(resolve => resolve(run(ctx)))
  started(work)
  try {
    await untilAborted(work, share.signal) // a prober may ignore its signal
    return undefined
  } catch (thrown) {
    return judge(share.signal.aborted ? await lastWord(work, thrown) : thrown, share.signal)
  } finally {
    share.end()
  }
}
