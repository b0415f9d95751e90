import type { ProbeContext } from '../../../kit/prober.ts'
import type { Asked } from '../ask.ts'
import type { DnsReason } from '../failure.ts'
import type { DnsRequest } from '../request.ts'

/** Why a check fails a probe, which is also how the check is called in `probe_dns_check`. */
export type CheckName = Extract<
  DnsReason,
  | 'rcode'
  | 'flags'
  | 'answer_rrs'
  | 'authority_rrs'
  | 'additional_rrs'
  | 'records'
  | 'count'
  | 'ttl'
  | 'nsid'
  | 'ede'
  | 'dnssec'
  | 'serial'
>

/** What is to be judged. */
export interface Judged {
  readonly ctx: ProbeContext
  readonly request: DnsRequest
  readonly asked: Asked
  /** To wait for before each piece of a long computation. */
  readonly breathe: () => Promise<void> | undefined
}

/** What a check came to; without a fault it passed. */
export interface Verdict {
  readonly check: CheckName
  readonly fault: string | undefined
}

/**
 * Holds an answer against one part of the configuration; no verdict when that part is not configured. Throws what keeps
 * it from judging.
 */
export type Check = (judged: Judged) => readonly Verdict[] | Promise<readonly Verdict[]>
