import { untilAborted } from '../../abort.ts'
import type { AddressChoice } from '../address.ts'
import type { ConnectConfig } from '../connect-options.ts'
import { proxySecrets } from '../proxy/secrets.ts'
import { loadTls, type TlsMaterial } from '../tls/context.ts'
import type { ModuleHeaders } from './header-options.ts'
import { authorizationOf, type HeaderLine, headerLines, wireText } from './headers.ts'
import { type Discretion, discretionFor } from './log.ts'
import type { HttpClientConfig } from './options.ts'
import type { HeaderParts } from './request-lines.ts'

/** What to ask for. */
export interface HttpJob {
  readonly url: URL
  /** Path and query to ask for, ready for the wire. */
  readonly path: string
  readonly method: string
  /** Headers of the module; a `Host` among them does not count. */
  readonly headers: ModuleHeaders
  /** A `Host` set by hand. */
  readonly host: string | undefined
  /** Its name when the caller has set it: the policy judges that, too. */
  readonly virtualHost?: string | undefined
  readonly body: Uint8Array | undefined
  /** Texts in URL and body that the log must not show; with some, the body goes to no other host. */
  readonly secrets?: readonly string[]
  /** Names of headers that the log must not show, in answers either. */
  readonly secretNames?: readonly string[]
}

/** How to reach targets, and how to talk to them. */
export type Transport = HttpClientConfig &
  AddressChoice &
  ConnectConfig & {
    /** Names go to the proxy as they are. */
    readonly skip_resolve_phase_with_proxy?: boolean
  }

/** A job with what its options name: files are read, nothing is sent yet. */
export interface PreparedJob extends HttpJob, HeaderParts {
  readonly transport: Transport
  /** What goes to proxies and must not be shown, as headers. */
  readonly proxySecrets: readonly HeaderLine[]
  /** Undefined when the first request goes without TLS. */
  readonly tls: TlsMaterial | undefined
  readonly discretion: Discretion
  /** Gets another Authorization in place of one that the target has refused; absent where there is no other. */
  readonly renew?: (rejected: string) => Promise<string>
}

async function prepare(job: HttpJob, transport: Transport, canConnect?: () => void): Promise<PreparedJob> {
  const tls = job.url.protocol === 'https:' ? await loadTls(transport.tls_config) : undefined
  canConnect?.()
  const authorization = await authorizationOf(transport)
  const lines = await headerLines(job.headers, transport.http_headers ?? {})
  return withAuthorization(
    { ...job, transport, tls, lines, proxySecrets: await proxySecrets(transport) },
    authorization,
  )
}

/**
 * Reads the files that the options name: those for the connection first, then, after `canConnect` was called, those for
 * the request. Throws `ProbeFailure` when one cannot be used, and the signal's reason.
 */
export const prepareJob = (
  job: HttpJob,
  transport: Transport,
  signal: AbortSignal,
  canConnect?: () => void,
): Promise<PreparedJob> => untilAborted(prepare(job, transport, canConnect), signal)

/** A job with this Authorization, which the log does not show. */
export const withAuthorization = <J extends Pick<PreparedJob, 'lines' | 'proxySecrets' | 'secrets' | 'secretNames'>>(
  job: J,
  authorization: string | undefined,
) => ({
  ...job,
  authorization,
  discretion: discretionFor(
    [
      ['Authorization', authorization ?? ''],
      ...job.lines.secret,
      ...job.proxySecrets,
      ...(job.secretNames ?? []).map((name): HeaderLine => [name, '']),
    ],
    job.secrets?.map(wireText),
  ),
})
