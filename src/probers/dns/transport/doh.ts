import { isIPv6 } from 'node:net'
import { ProbeFailure } from '../../../kit/failure.ts'
import { readBody } from '../../../kit/net/http/body.ts'
import type { Connection } from '../../../kit/net/http/connection.ts'
import { type HttpJob, type Transport as HttpTransport, prepareJob } from '../../../kit/net/http/job.ts'
import type { HttpResponse } from '../../../kit/net/http/message.ts'
import { type HttpEvents, runJob } from '../../../kit/net/http/run-job.ts'
import type { Phase as HttpPhase } from '../../../kit/net/phases.ts'
import type { HostPort } from '../../../kit/net/target.ts'
import type { TlsFacts } from '../../../kit/net/tls/facts.ts'
import { safeText } from '../../../kit/text.ts'
import { DnsFailure } from '../failure.ts'
import type { Query } from '../query.ts'
import { shown } from '../shown.ts'
import type { ExchangeContext, Phase, Server, Watch, Way } from './server.ts'

const mediaType = 'application/dns-message'
const maxMessageBytes = 65_535

const ignore = () => undefined

const phaseOf: Readonly<Record<HttpPhase, Phase>> = {
  resolve: 'resolve',
  connect: 'connect',
  tls: 'tls',
  processing: 'request',
  transfer: 'request',
}

/** The URL of a server without a path. */
export const originOf = ({ host, port }: HostPort): string => `https://${isIPv6(host) ? `[${host}]` : host}:${port}`

/** Only targets and lists are known to have a host that fits: a zone may name its servers as it likes. */
function urlOf(server: Server): URL {
  const origin = originOf(server)
  if (!URL.canParse(origin)) throw new DnsFailure('unreachable', `no URL can have the host ${shown(server.host)}`)
  return new URL(origin)
}

function jobFor(server: Server, { octets }: Query, { doh }: Way): HttpJob {
  const url = urlOf(server)
  const common = { url, host: undefined, method: doh.method }
  if (doh.method === 'POST') {
    return { ...common, path: doh.path, headers: { Accept: mediaType, 'Content-Type': mediaType }, body: octets }
  }
  const path = `${doh.path}${doh.path.includes('?') ? '&' : '?'}dns=${octets.toString('base64url')}`
  return { ...common, path, headers: { Accept: mediaType }, body: undefined }
}

const transportFor = ({ family, source }: Server, { transport, tls }: Way): HttpTransport => ({
  preferred_ip_protocol: family === 4 ? 'ip4' : 'ip6',
  ip_protocol_fallback: false,
  connect_fallback: false,
  source_ip_address: source,
  tls_config: tls,
  follow_redirects: false,
  enable_http2: transport === 'doh',
  proxy_from_environment: false,
})

function checkHead({ status, headers }: HttpResponse): void {
  if (status < 200 || status > 299) {
    const isAuth = status === 401 || status === 407
    throw new DnsFailure('http_status', `the HTTP status is ${status}`, isAuth ? { reason: 'auth' } : {})
  }
  const type = headers.get('content-type')?.[0] ?? ''
  if (type.split(';', 1)[0]?.trim().toLowerCase() === mediaType) return
  throw new DnsFailure('http_content_type', `the content type is '${safeText(type)}', not ${mediaType}`)
}

/** Of a handshake that failed: because of the server's certificate, not before or after it was judged. */
const isUnverified = ({ verdict }: TlsFacts) => verdict !== undefined && verdict !== 'verified'

/**
 * Asks over HTTPS (RFC 8484), by HTTP/2 or HTTP/1.1 as the server chooses or the transport says, and returns the body
 * of the answer. Redirects are not followed. Throws `DnsFailure`, and what `prepareJob`, `runJob` and `readBody` throw.
 */
export async function askDoh(
  server: Server,
  query: Query,
  way: Way,
  watch: Watch,
  ctx: ExchangeContext,
): Promise<Buffer> {
  const job = await prepareJob(jobFor(server, query, way), transportFor(server, way), ctx.signal)
  let open: Connection | undefined
  let isRefused = false
  const events: HttpEvents = {
    phases: { begin: phase => watch.phase(phaseOf[phase]), end: ignore, drop: ignore, current: undefined },
    opened(connection) {
      open = connection
    },
    connected: ignore,
    refused(facts) {
      isRefused = isUnverified(facts) && way.tls?.insecure_skip_verify !== true
      watch.handshake(facts)
    },
    redirected: ignore,
  }
  try {
    const { response, tls } = await runJob(job, { ...server, ms: 0, others: [] }, events, ctx)
    if (tls !== undefined) watch.handshake(tls)
    watch.httpStatus(response.status)
    checkHead(response)
    const rules = { coding: 'identity', limitBytes: maxMessageBytes, keep: true, counted: ignore } as const
    return await readBody(response, rules, ctx.signal)
  } catch (error) {
    if (!isRefused || !(error instanceof ProbeFailure)) throw error
    throw new DnsFailure('tls_certificate', error.message, { cause: error })
  } finally {
    open?.destroy()
  }
}
