import { Denied, ProbeFailure } from '../../failure.ts'
import type { ProbeContext } from '../../prober.ts'
import { safeText } from '../../text.ts'
import { type Address, type ResolvedAddress, resolve } from '../address.ts'
import { familyOfSource } from '../connect-options.ts'
import { chooseProxy, needsTunnel } from '../proxy/choose.ts'
import type { ProxyServer } from '../proxy/proxy-url.ts'
import { proxyAuthorization } from '../proxy/tunnel.ts'
import { type Destination, destinationOf, unbracketed } from '../target.ts'
import type { HeaderLine } from './headers.ts'
import type { HopProxy } from './hop.ts'
import type { Transport } from './job.ts'
import type { Leg } from './leg.ts'

/** Where the requests for a URL go. */
export interface Place {
  /** Those of its host, to be tried in this order; none when a proxy looks the name up. */
  readonly addresses: readonly Address[]
  readonly proxy: ProxyServer | undefined
}

/**
 * Whether the name in a URL is left to a proxy. Throws `Denied` when the policy refuses it, or would have to see its
 * addresses: no lookup is going to ask it then.
 */
export function leavesNameToProxy(
  url: URL,
  destination: Destination,
  transport: Transport,
  { policy }: Pick<ProbeContext, 'policy'>,
): boolean {
  if (!transport.skip_resolve_phase_with_proxy || chooseProxy(url, undefined, transport) === undefined) return false
  if (!policy.judge(destination).allowsUnknown) throw new Denied('address')
  return true
}

/** The place for a URL whose host was looked up, or left to a proxy. */
export function placeOf(url: URL, resolved: ResolvedAddress | undefined, transport: Transport): Place {
  const proxy = chooseProxy(url, resolved?.address, transport)
  if (resolved === undefined) return { addresses: [], proxy }
  const { address, family, others } = resolved
  return { addresses: [{ address, family }, ...(transport.connect_fallback ? others : [])], proxy }
}

type FindContext = Pick<ProbeContext, 'signal' | 'policy' | 'log'>

/** The place that a redirect leads to. What the policy refuses this late is the target's failure. */
export async function findPlace(
  { url, path, virtualHost }: Leg,
  transport: Transport,
  ctx: FindContext,
): Promise<Place> {
  try {
    const destination = { ...destinationOf(url, path), virtualHost }
    if (leavesNameToProxy(url, destination, transport, ctx)) return placeOf(url, undefined, transport)
    const resolved = await resolve(destination, transport, ctx, familyOfSource(transport))
    return placeOf(url, resolved, transport)
  } catch (error) {
    if (!(error instanceof Denied)) throw error
    throw new ProbeFailure('denied', `redirect to ${safeText(url.host)} refused by policy`, {
      cause: new Denied('redirect'),
    })
  }
}

/** The way through the proxy, if there is one; for a tunnel it gets the address, as in blackbox_exporter. */
export function proxyFor(url: URL, { addresses, proxy }: Place, port: number, means: Transport): HopProxy | undefined {
  if (proxy === undefined) return undefined
  const host = addresses[0]?.address ?? unbracketed(url.hostname)
  return { server: proxy, means, tunnelTo: needsTunnel(proxy, url) ? { host, port } : undefined }
}

/**
 * What goes to a proxy that gets the request itself: the whole URL (RFC 9112, 3.2.2), and the credentials that it asks
 * for. A `Host` set by hand is not part of it: it would lead the proxy elsewhere, past the target policy.
 */
export function toProxy({ url, path }: Leg, { proxy }: Place): { path: string; headers: HeaderLine[] } {
  if (proxy === undefined || needsTunnel(proxy, url)) return { path, headers: [] }
  const authorization = proxyAuthorization(proxy)
  return {
    path: `http://${url.host}${path}`,
    headers: authorization === undefined ? [] : [['Proxy-Authorization', authorization]],
  }
}
