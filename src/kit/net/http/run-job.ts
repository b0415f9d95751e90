import { ProbeFailure } from '../../failure.ts'
import type { ProbeContext } from '../../prober.ts'
import type { ResolvedAddress } from '../address.ts'
import { portOfUrl } from '../target.ts'
import { loadTls } from '../tls/context.ts'
import type { Connection } from './connection.ts'
import { type CookieJar, createCookieJar } from './cookies.ts'
import { type HopAnswer, type HopEvents, type HopTarget, runHop } from './hop.ts'
import { type PreparedJob, withAuthorization } from './job.ts'
import { firstLeg, type Leg, nextLeg, serverNameFor } from './leg.ts'
import { type Discretion, logAnswer, logRequest, shownUrl } from './log.ts'
import { findPlace, type Place, placeOf, proxyFor, toProxy } from './place.ts'
import { checkLocation, isRedirect, maxRedirects, turn } from './redirects.ts'
import { linesFor } from './request-lines.ts'

export interface HttpEvents extends HopEvents {
  /** Called with the number of redirects met so far, the one that is not followed included. */
  readonly redirected: (count: number) => void
}

export interface HttpAnswer extends HopAnswer {
  /** The answer is a redirect beyond the limit. */
  readonly isBeyondLimit: boolean
  /** What may be shown of it. */
  readonly discretion: Discretion
}

export type HttpContext = Pick<ProbeContext, 'signal' | 'remainingMs' | 'now' | 'policy' | 'log'>

async function targetOf(leg: Leg, place: Place, job: PreparedJob, signal: AbortSignal): Promise<HopTarget> {
  const { transport } = job
  const isPlain = leg.url.protocol === 'http:'
  const port = portOfUrl(leg.url)
  const source = transport.source_ip_address || undefined
  const way = { addresses: place.addresses, port, source, proxy: proxyFor(leg.url, place, port, transport) }
  if (isPlain) return { ...way, tls: undefined }
  const material = job.tls ?? (await loadTls(transport.tls_config, signal))
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
  const { path, headers } = toProxy(leg, place)
  const request = { method: leg.method, path, headers: [...linesFor(leg, job, jar), ...headers], body: leg.body }
  logRequest(ctx.log, leg.url, request, job.discretion)
  const answer = await runHop(await targetOf(leg, place, job, ctx.signal), request, events, ctx)
  logAnswer(ctx.log, answer.response, job.discretion)
  return answer
}

/** Whether another token may help: the target refused the one it got, and there has been no other yet. */
const wantsRenewal = ({ renew }: PreparedJob, { isHome }: Leg, status: number) =>
  status === 401 && isHome && renew !== undefined

/** The job with another token; undefined when none is to be had: then the refusal is the answer. */
async function renewed({ renew, ...job }: PreparedJob, { signal, log }: HttpContext) {
  log.info('the target refused the token, asking for another one')
  try {
    return withAuthorization(job, await renew?.(job.authorization ?? ''))
  } catch (error) {
    if (signal.aborted || !(error instanceof ProbeFailure)) throw error
    log.info('there is no other token', { error: error.message })
    return undefined
  }
}

/**
 * Runs a job through redirects to the final answer, each request over a connection of its own. `first` is the address
 * of its target; undefined when that is left to a proxy. The phase `transfer` is running in the end, and the body waits
 * to be read. The caller destroys what `opened` got last.
 */
export async function runJob(
  job: PreparedJob,
  first: ResolvedAddress | undefined,
  events: HttpEvents,
  ctx: HttpContext,
): Promise<HttpAnswer> {
  const { url, transport } = job
  const { phases } = events
  const jar = createCookieJar()
  let open: Connection | undefined
  let hopEvents = {
    ...events,
    opened(connection: Connection) {
      open = connection
      events.opened(connection)
    },
  }
  let current = job
  let leg = firstLeg(job)
  let place = placeOf(url, first, transport)
  for (let redirects = 0; ; ) {
    const answer = await runLeg(leg, place, current, jar, hopEvents, ctx)
    const { discretion } = current
    const { status, headers } = answer.response
    if (wantsRenewal(current, leg, status)) {
      phases.drop()
      const withOther = await renewed(current, ctx)
      if (withOther !== undefined) {
        open?.destroy()
        current = withOther
        continue
      }
      phases.begin('transfer')
    }
    const location = headers.get('location')?.[0] ?? ''
    if (!isRedirect(status) || location === '') return { ...answer, discretion, isBeyondLimit: false }
    checkLocation(leg.url, location)
    events.redirected(++redirects)
    if (!transport.follow_redirects || redirects > maxRedirects) {
      ctx.log.info('not following the redirect', { status, redirects })
      return { ...answer, discretion, isBeyondLimit: transport.follow_redirects }
    }
    open?.destroy()
    phases.drop()
    jar.store(leg.url, headers.get('set-cookie') ?? [], ctx.now())
    leg = nextLeg(leg, turn(leg.url, leg.method, status, location), url)
    if (!leg.isHome && leg.body !== undefined && job.secrets !== undefined && job.secrets.length > 0) {
      throw new ProbeFailure('denied', 'the redirect would take a body with secrets to another host')
    }
    ctx.log.debug('following the redirect', { status, to: shownUrl(leg.url), credentials: leg.isHome })
    phases.begin('resolve')
    place = await findPlace(leg, transport, ctx)
    phases.end()
    hopEvents = { ...hopEvents, connected: () => undefined } // the target's address is the first one
  }
}
