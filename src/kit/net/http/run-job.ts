import { Denied, ProbeFailure } from '../../failure.ts'
import type { ProbeContext } from '../../prober.ts'
import { safeText } from '../../text.ts'
import { type AddressChoice, type ResolvedAddress, resolve } from '../address.ts'
import { unbracketed } from '../target.ts'
import { loadTls, type TlsMaterial } from '../tls/context.ts'
import { createCookieJar } from './cookies.ts'
import { authorizationOf, extraHeaders, type HeaderLine } from './headers.ts'
import { type HopAnswer, type HopEvents, runHop } from './hop.ts'
import type { HttpClientConfig } from './options.ts'
import { isRedirect, maxRedirects, type Turn, turn } from './redirects.ts'
import { type HeaderParts, type Leg, linesFor } from './request-lines.ts'

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

/** A job with what its options name: files are read, nothing is sent yet. */
export interface PreparedJob extends HttpJob, HeaderParts {
  readonly config: HttpClientConfig & AddressChoice
  /** Undefined when the first request goes without TLS. */
  readonly tls: TlsMaterial | undefined
}

export interface HttpEvents extends HopEvents {
  /** Called with the number of redirects met so far, the one that is not followed included. */
  readonly redirected: (count: number) => void
}

export interface HttpAnswer extends HopAnswer {
  /** The answer is a redirect beyond the limit. */
  readonly isBeyondLimit: boolean
}

/** Reads the files that the options name. Throws `ProbeFailure` when one cannot be used. */
export async function prepareJob(job: HttpJob, config: HttpClientConfig & AddressChoice): Promise<PreparedJob> {
  const tls = job.url.protocol === 'https:' ? await loadTls(config.tls_config) : undefined
  return { ...job, config, tls, authorization: await authorizationOf(config), extra: await extraHeaders(config) }
}

const nameOf = (url: URL) => url.hostname.toLowerCase()

function nextLeg(leg: Leg, { url, path, method, keepsBody, isRelative }: Turn, first: URL): Leg {
  const isDowngrade = first.protocol === 'https:' && url.protocol === 'http:'
  return {
    url,
    path,
    method,
    host: isRelative ? leg.host : undefined,
    body: keepsBody ? leg.body : undefined,
    isHome: leg.isHome && nameOf(url) === nameOf(first) && !isDowngrade,
    droppedBody: leg.droppedBody || !keepsBody,
  }
}

/** The name in a `Host` line, without its port. */
const hostName = (host: string) => (URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host)

/** The name for TLS: `server_name`, else `Host`, else the URL's; for another host than the target's, just the URL's. */
function serverName(leg: Leg, { url, host, config }: PreparedJob): string {
  if (nameOf(leg.url) !== nameOf(url)) return leg.url.hostname
  return config.tls_config?.server_name || (host === undefined ? leg.url.hostname : hostName(host))
}

async function targetOf(leg: Leg, address: string, job: PreparedJob) {
  if (leg.url.protocol === 'http:') return { address, port: Number(leg.url.port || 80), tls: undefined }
  const tls = { material: job.tls ?? (await loadTls(job.config.tls_config)), serverName: serverName(leg, job) }
  return { address, port: Number(leg.url.port || 443), tls }
}

/** Looks the host of a redirect up. What the policy refuses this late is the target's failure. */
async function resolveNext(url: URL, choice: AddressChoice, events: HttpEvents, ctx: ProbeContext) {
  events.phases.begin('resolve')
  try {
    return await resolve(unbracketed(url.hostname), choice, ctx)
  } catch (error) {
    if (!(error instanceof Denied)) throw error
    throw new ProbeFailure('denied', `redirect to ${safeText(url.host)} refused by policy`, { cause: error })
  } finally {
    events.phases.end()
  }
}

/** A URL for the log: its query may hold a token. */
const shown = (url: URL) => safeText(`${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`)

/**
 * Runs a job from the address of its target through redirects to the final answer, each request over a connection of
 * its own. The phase `transfer` is running then, and the body waits to be read. The caller destroys what `opened` got last.
 */
export async function runJob(
  job: PreparedJob,
  first: ResolvedAddress,
  events: HttpEvents,
  ctx: ProbeContext,
): Promise<HttpAnswer> {
  const jar = createCookieJar()
  let leg: Leg = { ...job, isHome: true, droppedBody: false }
  let address = first.address
  for (let count = 0; ; count++) {
    ctx.log.debug('sending the request', { method: leg.method, url: shown(leg.url), host: leg.host, address })
    const request = {
      method: leg.method,
      path: leg.path,
      headers: linesFor(leg, job, jar),
      body: leg.body,
    }
    const answer = await runHop(await targetOf(leg, address, job), request, events, ctx)
    const { status, headers } = answer.response
    const location = headers.get('location')?.[0] ?? ''
    if (!isRedirect(status) || location === '') return { ...answer, isBeyondLimit: false }
    events.redirected(count + 1)
    if (!job.config.follow_redirects || count >= maxRedirects) {
      ctx.log.info('not following the redirect', { status, redirects: count + 1 })
      return { ...answer, isBeyondLimit: job.config.follow_redirects }
    }
    answer.socket.destroy()
    events.phases.drop()
    jar.store(leg.url, headers.get('set-cookie') ?? [], ctx.now())
    leg = nextLeg(leg, turn(leg.url, leg.method, status, location), job.url)
    ctx.log.debug('following the redirect', { status, to: shown(leg.url), credentials: leg.isHome })
    address = (await resolveNext(leg.url, job.config, events, ctx)).address
  }
}
