import { classify, isOverload } from '../../../kit/classify.ts'
import { BadRequest, Denied, ProbeFailure, type Reason } from '../../../kit/failure.ts'
import type { RequestReason } from '../metrics.ts'

/** Why a request has failed. */
export interface Failure {
  readonly reason: RequestReason
  readonly message: string
  /** What was thrown. */
  readonly cause?: unknown
}

/** The shared reason of a failed request. */
export const sharedReason = (reason: RequestReason): Reason =>
  reason === 'parse' || reason === 'check' ? 'content' : reason

/** What was thrown, as the failure of one request. Throws it again, or the signal's reason, when it is none. */
export function asFailure(thrown: unknown, signal: AbortSignal): Failure {
  if (isOverload(thrown) || thrown instanceof BadRequest) throw thrown
  signal.throwIfAborted()
  if (thrown instanceof Denied) return { reason: 'denied', message: thrown.message, cause: thrown }
  const reason = classify(thrown)
  if (reason === undefined) throw thrown
  return { reason, message: (thrown as Error).message, cause: thrown }
}

/** The refusal of a policy among what a failure was caused by. */
const refusalIn = (cause: unknown): Denied | undefined => {
  if (cause instanceof Denied) return cause
  return cause instanceof Error && cause.cause instanceof Denied ? cause.cause : undefined
}

/** The failure of the probe that a failed request means. */
export function toProbeFailure(id: string, { reason, message, cause }: Failure): ProbeFailure {
  return new ProbeFailure(sharedReason(reason), `request ${id}: ${message}`, { cause: refusalIn(cause) ?? cause })
}
