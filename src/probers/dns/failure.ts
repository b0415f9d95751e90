import { isExhaustion, ProbeFailure, type Reason } from '../../kit/failure.ts'

/** Why a dns probe fails, with the shared reason of each (a closed list). */
const sharedReasons = {
  resolve: 'resolve',
  connect_refused: 'connect',
  unreachable: 'connect',
  timeout: 'timeout',
  closed: 'connect',
  tls_certificate: 'tls',
  tls_handshake: 'tls',
  http_status: 'status',
  http_content_type: 'protocol',
  malformed: 'protocol',
  mismatch: 'protocol',
  truncated: 'protocol',
  rcode: 'status',
  flags: 'content',
  answer_rrs: 'content',
  authority_rrs: 'content',
  additional_rrs: 'content',
  records: 'content',
  count: 'content',
  ttl: 'content',
  serial: 'content',
  dnssec: 'content',
  nsid: 'content',
  ede: 'content',
  other: 'protocol',
} as const satisfies Readonly<Record<string, Reason>>

export type DnsReason = keyof typeof sharedReasons

interface DnsFailureOptions extends ErrorOptions {
  /** The shared reason, where it is not the usual one. */
  readonly reason?: Reason
}

/** A failure with the finer reason of `probe_dns_failure`. */
export class DnsFailure extends ProbeFailure {
  readonly detail: DnsReason

  constructor(detail: DnsReason, message: string, options: DnsFailureOptions = {}) {
    super(options.reason ?? sharedReasons[detail], message, options)
    this.name = 'DnsFailure'
    this.detail = detail
  }
}

const byCode: Readonly<Record<string, DnsReason>> = {
  ECONNREFUSED: 'connect_refused',
  ECONNRESET: 'closed',
  ECONNABORTED: 'closed',
  EPIPE: 'closed',
  ETIMEDOUT: 'timeout',
}

/**
 * Throws an error of a lookup or of a socket again, as a `DnsFailure` when a target can cause it: a system call on a
 * socket has no other reason to fail than where it leads to. Everything else stays as it is.
 */
export function rethrow(error: unknown): never {
  if (!(error instanceof Error) || error instanceof DnsFailure) throw error
  if (error instanceof ProbeFailure && error.reason === 'resolve') {
    throw new DnsFailure('resolve', error.message, { cause: error })
  }
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (syscall === undefined || isExhaustion(error)) throw error
  const detail = syscall === 'getaddrinfo' ? 'resolve' : (byCode[code] ?? 'unreachable')
  throw new DnsFailure(detail, error.message, { cause: error })
}
