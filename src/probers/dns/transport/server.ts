import type { HttpContext } from '../../../kit/net/http/run-job.ts'
import type { HostPort } from '../../../kit/net/target.ts'
import type { TlsFacts } from '../../../kit/net/tls/facts.ts'
import type { TlsConfig } from '../../../kit/net/tls/options.ts'
import type { Mismatch } from './match.ts'

export const transports = ['udp', 'tcp', 'dot', 'doh', 'doh_http1'] as const

export type Transport = (typeof transports)[number]

export const isDoh = (transport: Transport): boolean => transport === 'doh' || transport === 'doh_http1'
export const isEncrypted = (transport: Transport): boolean => transport === 'dot' || isDoh(transport)

/** Whom to ask, and from where; the host is what TLS and HTTP call it. */
export interface Server extends HostPort {
  readonly address: string
  readonly family: 4 | 6
  /** Local address to send from; undefined leaves the choice to the kernel. */
  readonly source: string | undefined
}

export interface DohRequest {
  /** Path and query to ask at. */
  readonly path: string
  readonly method: 'POST' | 'GET'
}

/** How to ask. */
export interface Way {
  readonly transport: Transport
  /** Whether an answer that is truncated over UDP is asked for again over TCP. */
  readonly tcpFallback: boolean
  readonly tls: TlsConfig | undefined
  readonly doh: DohRequest
}

export type ExchangeContext = HttpContext

export type Phase = 'resolve' | 'connect' | 'tls' | 'request'

/** Is told what happens during an exchange. */
export interface Watch {
  /** A phase begins, and the one before ends. */
  phase(phase: Phase): void
  /** A message that does not answer the query was skipped. */
  ignored(why: Mismatch | 'short'): void
  /** The answer over UDP is truncated, so the question is asked again over TCP. */
  fallsBack(): void
  /** A TLS handshake was made, or refused. */
  handshake(facts: TlsFacts): void
  /** An answer over HTTP came. */
  httpStatus(status: number): void
}

const ignore = () => undefined

/** For exchanges that nobody measures. */
export const noWatch: Watch = {
  phase: ignore,
  ignored: ignore,
  fallsBack: ignore,
  handshake: ignore,
  httpStatus: ignore,
}
