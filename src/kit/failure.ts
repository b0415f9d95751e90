/** Why a probe failed: one closed list for all probers, so that one alert rule serves all. */
export const reasons = [
  'timeout',
  'resolve',
  'connect',
  'tls',
  'auth',
  'protocol',
  'status',
  'content',
  'too_large',
  'not_found',
  'denied',
] as const

export type Reason = (typeof reasons)[number]

/** The target is at fault: 200 with `probe_success 0`. The reason becomes a label, the message only text. */
export class ProbeFailure extends Error {
  readonly reason: Reason

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ProbeFailure'
    this.reason = reason
  }
}

/** The caller is at fault: 400 with this message. */
export class BadRequest extends Error {
  override readonly name = 'BadRequest'
}

/** What a target policy refused, in one word. */
export const policyReasons = ['scheme', 'host', 'address', 'port', 'path', 'redirect'] as const

export type PolicyReason = (typeof policyReasons)[number]

/**
 * Refused by policy before anything was sent: 403. The text is the same for every target of a kind, so that it is no
 * oracle for what exists. What is refused later (a redirect hop, a real path) is a `ProbeFailure('denied')` with the
 * `Denied` as its cause.
 */
export class Denied extends Error {
  readonly reason: PolicyReason

  constructor(reason: PolicyReason) {
    super(`target refused by policy: ${reason}`)
    this.name = 'Denied'
    this.reason = reason
  }
}

/**
 * sonde itself is at its limit (queue full, no free descriptor, no lookup slot before the deadline): 503, never
 * `probe_success 0`. It carries no `cause`, as classification walks causes and would find a deadline in it.
 */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
}

const exhausted = new Set([
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN'],
  ...['Z_MEM_ERROR', 'ERR_ZLIB_INITIALIZATION_FAILED', 'ERR_MEMORY_ALLOCATION_FAILED'],
])

/** Whether a system call or zlib failed as this process or its host ran out of something: it says nothing of a target. */
export const isExhaustion = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && exhausted.has(String(error.code))

/** The probe's deadline passed; the reason of `ctx.signal`. */
export class DeadlineExceeded extends Error {
  constructor() {
    super('the deadline passed')
    this.name = 'DeadlineExceeded'
  }
}
