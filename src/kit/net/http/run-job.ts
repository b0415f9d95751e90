import { Denied, ProbeFailure } from '../../failure.ts'
import type { ProbeContext } from '../../prober.ts'
import { safeText } from '../../text.ts'
import { type Address, type ResolvedAddress, resolve } from '../address.ts'
import { familyOfSource } from '../connect-options.ts'
import { unbracketed } from '../target.ts'
import { loadTls } from '../tls/context.ts'
import { type CookieJar, createCookieJar } from './cookies.ts'
import { type Connection, type HopAnswer, type HopEvents, type HopTarget, runHop } from './hop.ts'
import type { PreparedJob, Transport } from './job.ts'
import { firstLeg, type Leg, nextLeg, serverNameFor } from './leg.ts'
import { logAnswer, logRequest, shownUrl } from './log.ts'
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

/** Looks the host of a redirect up. What the policy refuses this late is the target's failure. */
async function resolveNext(url: URL, transport: Transport, events: HttpEvents, ctx: HttpContext) {
  events.phases.begin('resolve')
  try {
    return await resolve(unbracketed(url.hostname), transport, ctx, familyOfSource(transport))
  } catch (error) {
    if (!(error instanceof Denied)) throw error
    throw new ProbeFailure('denied', `redirect to ${safeText(url.host)} refused by policy`, { cause: error })
  } finally {
    events.phases.end()
  }
}

/** What `connect_fallback` allows to try. */
const addressesToTry = ({ address, family, others }: ResolvedAddress, { connect_fallback }: Transport) => [
  { address, family },
  ...(connect_fallback ? others : []),
]

async function targetOf(leg: Leg, addresses: readonly Address[], job: PreparedJob): Promise<HopTarget> {
  const { tls_config, enable_http2: offersHttp2, source_ip_address } = job.transport
  const place = { addresses, source: source_ip_address || undefined }
  if (leg.url.protocol === 'http:') return { ...place, port: Number(leg.url.port || 80), tls: undefined }
  const material = job.tls ?? (await loadTls(tls_config))
  const serverName = serverNameFor(leg, job, tls_config?.server_name)
  return { ...place, port: Number(leg.url.port || 443), tls: { material, serverName, offersHttp2 } }
}

async function runLeg(
  leg: Leg,
  addresses: readonly Address[],
  job: PreparedJob,
  jar: CookieJar,
  events: HttpEvents,
  ctx: HttpContext,
): Promise<HopAnswer> {
  const { method, path, body } = leg
  const request = { method, path, headers: linesFor(leg, job, jar), body }
  logRequest(ctx.log, leg.url, request, job.discretion)
  const answer = await runHop(await targetOf(leg, addresses, job), request, events, ctx)
  logAnswer(ctx.log, answer.response, job.discretion)
  return answer
}

/**
 * Runs a job from the address of its target through redirects to the final answer, each request over a connection of
 * its own. The phase `transfer` is running then, and the body waits to be read. The caller destroys what `opened` got last.
 */
export async function runJob(
  job: PreparedJob,
  first: ResolvedAddress,
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
  let addresses = addressesToTry(first, transport)
  let hopEvents = { ...events, opened }
  for (let count = 0; ; count++) {
    const answer = await runLeg(leg, addresses, job, jar, hopEvents, ctx)
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
    addresses = addressesToTry(await resolveNext(leg.url, transport, events, ctx), transport)
    hopEvents = { ...hopEvents, connected: () => undefined } // the target's address is the first one
  }
}
