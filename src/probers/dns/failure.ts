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

/** What the kit's lookup, TLS and HTTP fail with; other reasons, such as that of a file, have nothing finer. */
const byReason: Readonly<Partial<Record<Reason, DnsReason>>> = {
  resolve: 'resolve',
  connect: 'closed',
  tls: 'tls_handshake',
  protocol: 'malformed',
  too_large: 'malformed',
  timeout: 'timeout',
}

function detailOf(error: Error): DnsReason | undefined {
  if (error instanceof ProbeFailure) return byReason[error.reason]
  const { code = '', syscall } = error as NodeJS.ErrnoException
  if (isExhaustion(error)) return undefined
  if (syscall === 'getaddrinfo') return 'resolve'
  if (code.startsWith('HPE_')) return 'malformed'
  if (code.startsWith('ERR_SSL_')) return 'tls_handshake'
  return byCode[code] ?? (syscall === undefined ? undefined : 'unreachable')
}

/**
 * Throws an error of a lookup, a socket, TLS or HTTP again, as a `DnsFailure` when a target can cause it: a system call
 * on a socket has no other reason to fail than where it leads to. Everything else stays as it is.
 */
export function rethrow(error: unknown): never {
  if (!(error instanceof Error) || error instanceof DnsFailure) throw error
  const detail = detailOf(error)
  if (detail === undefined) throw error
  const reason = error instanceof ProbeFailure ? { reason: error.reason } : {}
  throw new DnsFailure(detail, error.message, { cause: error, ...reason })
}
