import type { AddressChoice } from '../address.ts'
import type { ConnectConfig } from '../connect-options.ts'
import { loadTls, type TlsMaterial } from '../tls/context.ts'
import { authorizationOf, extraHeaders, type HeaderLine } from './headers.ts'
import { type Discretion, discretionFor } from './log.ts'
import type { HttpClientConfig } from './options.ts'
import type { HeaderParts } from './request-lines.ts'

/** What to ask for. */
export interface HttpJob {
  readonly url: URL
  /** Path and query to ask for, ready for the wire. */
  readonly path: string
  readonly method: string
  /** Headers of the module, ready for the wire, without `Host`. */
  readonly headers: readonly HeaderLine[]
  /** A `Host` set by hand. */
  readonly host: string | undefined
  readonly body: Uint8Array | undefined
}

/** How to reach targets, and how to talk to them. */
export type Transport = HttpClientConfig & AddressChoice & ConnectConfig

/** A job with what its options name: files are read, nothing is sent yet. */
export interface PreparedJob extends HttpJob, HeaderParts {
  readonly transport: Transport
  /** Undefined when the first request goes without TLS. */
  readonly tls: TlsMaterial | undefined
  readonly discretion: Discretion
}

/** Reads the files that the options name. Throws `ProbeFailure` when one cannot be used. */
export async function prepareJob(job: HttpJob, transport: Transport): Promise<PreparedJob> {
  const tls = job.url.protocol === 'https:' ? await loadTls(transport.tls_config) : undefined
  const authorization = await authorizationOf(transport)
  const extra = await extraHeaders(transport)
  const discretion = discretionFor([['Authorization', authorization ?? ''], ...extra.secret])
  return { ...job, transport, tls, authorization, extra, discretion }
}
