// Far more than an honest answer needs, far less than would hold up other probes (KeyTrap, CVE-2023-50387).
const maxVerifications = 256
const maxFailures = 16

/** What validation of one answer may cost, and the instant it is done for. */
export interface Work {
  /** Unix time in seconds, as signatures count it. */
  readonly nowSeconds: number
  /** To wait for before each piece of computation. */
  readonly breathe: () => Promise<void> | undefined
  /** Whether there may be one more attempt to verify a signature. */
  readonly mayVerify: () => boolean
  /** To be told how each attempt ended. */
  readonly verified: (isValid: boolean) => void
}

export function createWork(nowMs: number, breathe: () => Promise<void> | undefined): Work {
  let verifications = 0
  let failures = 0
  return {
    nowSeconds: Math.floor(nowMs / 1000),
    breathe,
    mayVerify: () => verifications < maxVerifications && failures < maxFailures,
    verified(isValid) {
      verifications++
      if (!isValid) failures++
    },
  }
}
