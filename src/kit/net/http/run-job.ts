import type { ProbeContext } from '../../prober.ts'
import type { ResolvedAddress } from '../address.ts'
import { loadTls } from '../tls/context.ts'
import { type CookieJar, createCookieJar } from './cookies.ts'
import { type Connection, type HopAnswer, type HopEvents, type HopTarget, runHop } from './hop.ts'
import type { PreparedJob } from './job.ts'
import { firstLeg, type Leg, nextLeg, serverNameFor } from './leg.ts'
import { logAnswer, logRequest, shownUrl } from './log.ts'
import { findPlace, type Place, placeOf, proxyFor, toProxy } from './place.ts'
import { isRedirect, maxRedirects, turn } from './redirects.ts'
import { linesFor } from './request-lines.ts'

export interface HttpEvents extends HopEvents {
  /** Called with the number of redirects met so far, the one that is not followed included. */
  readonly redirected: (count: number) => void
}

export interface HttpAnswer extends HopAnswer {
  /** The answer is a redirect beyond the limit. */
  readonly isBeyondLimit: boolean
}

export type HttpContext = Pick<ProbeContext, 'signal' | 'remainingMs' | 'now' | 'policy' | 'log'>

async function targetOf(leg: Leg, place: Place, job: PreparedJob): Promise<HopTarget> {
  const { transport } = job
  const isPlain = leg.url.protocol === 'http:'
  const port = Number(leg.url.port || (isPlain ? 80 : 443))
  const source = transport.source_ip_address || undefined
  const way = { addresses: place.addresses, port, source, proxy: proxyFor(leg.url, place, port, transport) }
  if (isPlain) return { ...way, tls: undefined }
  const material = job.tls ?? (await loadTls(transport.tls_config))
  const serverName = serverNameFor(leg, job, transport.tls_config?.server_name)
  return { ...way, tls: { material, serverName, offersHttp2: transport.enable_http2 } }
}

async function runLeg(
  leg: Leg,
  place: Place,
  job: PreparedJob,
  jar: CookieJar,
  events: HttpEvents,
  ctx: HttpContext,
): Promise<HopAnswer> {
  const { url, method, body } = leg
  const { path, headers } = toProxy(url, leg.path, place)
  const request = { method, path, headers: [...linesFor(leg, job, jar), ...headers], body }
  logRequest(ctx.log, url, request, job.discretion)
  const answer = await runHop(await targetOf(leg, place, job), request, events, ctx)
  logAnswer(ctx.log, answer.response, job.discretion)
  return answer
}

/**
 * Runs a job from the address of its target, or none when a proxy looks it up, through redirects to the final answer, each request over a connection of
 * its own. The phase `transfer` is running then, and the body waits to be read. The caller destroys what `opened` got last.
 */
export async function runJob(
  job: PreparedJob,
  first: ResolvedAddress | undefined,
  events: HttpEvents,
  ctx: HttpContext,
): Promise<HttpAnswer> {
  const { transport } = job
  const jar = createCookieJar()
  let open: Connection | undefined
  const opened = (connection: Connection) => {
    open = connection
    events.opened(connection)
  }
  let leg = firstLeg(job)
  let place = placeOf(leg.url, first, transport)
  let hopEvents = { ...events, opened }
  for (let count = 0; ; count++) {
    const answer = await runLeg(leg, place, job, jar, hopEvents, ctx)
    const { status, headers } = answer.response
    const location = headers.get('location')?.[0] ?? ''
    if (!isRedirect(status) || location === '') return { ...answer, isBeyondLimit: false }
    events.redirected(count + 1)
    if (!transport.follow_redirects || count >= maxRedirects) {
      ctx.log.info('not following the redirect', { status, redirects: count + 1 })
      return { ...answer, isBeyondLimit: transport.follow_redirects }
    }
    open?.destroy()
    events.phases.drop()
    jar.store(leg.url, headers.get('set-cookie') ?? [], ctx.now())
    leg = nextLeg(leg, turn(leg.url, leg.method, status, location), job.url)
    ctx.log.debug('following the redirect', { status, to: shownUrl(leg.url), credentials: leg.isHome })
    events.phases.begin('resolve')
    place = await findPlace(leg.url, transport, ctx)
    events.phases.end()
    hopEvents = { ...hopEvents, connected: () => undefined } // the target's address is the first one
  }
}
