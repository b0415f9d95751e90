import { ProbeFailure, type Reason } from '../../kit/failure.ts'

/** Why a dns probe fails, with the shared reason of each (a closed list). */
const sharedReasons = {
  resolve: 'resolve',
  connect_refused: 'connect',
  unreachable: 'connect',
  timeout: 'timeout',
  closed: 'connect',
  malformed: 'protocol',
  mismatch: 'protocol',
  truncated: 'protocol',
  rcode: 'status',
  answer_rrs: 'content',
  authority_rrs: 'content',
  additional_rrs: 'content',
} as const satisfies Readonly<Record<string, Reason>>

export type DnsReason = keyof typeof sharedReasons

/** A failure with the finer reason of `probe_dns_failure`. */
export class DnsFailure extends ProbeFailure {
  readonly detail: DnsReason

  constructor(detail: DnsReason, message: string, options?: ErrorOptions) {
    super(sharedReasons[detail], message, options)
    this.name = 'DnsFailure'
    this.detail = detail
  }
}

const byCode: Readonly<Record<string, DnsReason>> = {
  ENOTFOUND: 'resolve',
  ENODATA: 'resolve',
  ECONNREFUSED: 'connect_refused',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ECONNRESET: 'closed',
  ECONNABORTED: 'closed',
  EPIPE: 'closed',
  ETIMEDOUT: 'timeout',
}

/** The finer reason of whatever a probe threw; undefined of what no target can cause. */
export function detailOf(error: unknown): DnsReason | undefined {
  if (error instanceof DnsFailure) return error.detail
  if (error instanceof ProbeFailure) return error.reason === 'resolve' ? 'resolve' : undefined
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('EAI_') ? 'resolve' : byCode[code]
}
