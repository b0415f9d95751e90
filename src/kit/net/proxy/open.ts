import type { Socket } from 'node:net'
import { ProbeFailure } from '../../failure.ts'
import type { ProbeContext } from '../../prober.ts'
import { type AddressChoice, resolve } from '../address.ts'
import { connectFirst } from '../connect.ts'
import { type ConnectConfig, familyOfSource } from '../connect-options.ts'
import { anyAddress } from '../policy/policy.ts'
import type { HostPort } from '../target.ts'
import { loadTls } from '../tls/context.ts'
import type { TlsConfig } from '../tls/options.ts'
import { secure } from '../tls/secure.ts'
import type { ProxyConfig } from './options.ts'
import { isSocks, type ProxyServer, shownProxy } from './proxy-url.ts'
import { askSocks } from './socks5.ts'
import { askForTunnel } from './tunnel.ts'

/** The options that concern the way to a proxy. */
export interface ProxyMeans
  extends Pick<AddressChoice, 'preferred_ip_protocol'>,
    Pick<ConnectConfig, 'source_ip_address'>,
    Pick<ProxyConfig, 'proxy_connect_header'> {
  /** For a proxy that is talked to over TLS: all but `server_name` and the name in it, which are the target's. */
  readonly tls_config?: TlsConfig | undefined
}

type ProxyContext = Pick<ProbeContext, 'signal' | 'remainingMs' | 'now' | 'log'>

/** Any address of the proxy will do, as none of them is what is measured. */
async function connectTo(proxy: ProxyServer, means: ProxyMeans, ctx: ProxyContext): Promise<Socket> {
  const { preferred_ip_protocol, source_ip_address } = means
  const choice = { preferred_ip_protocol, ip_protocol_fallback: true }
  const net = { signal: ctx.signal, log: ctx.log, policy: anyAddress }
  const { address, family, others } = await resolve(proxy, choice, net, familyOfSource(means))
  const place = { port: proxy.port, source: source_ip_address || undefined }
  const { socket } = await connectFirst([{ address, family }, ...others], place, ctx)
  return socket
}

async function shakeHands(
  plain: Socket,
  proxy: ProxyServer,
  { tls_config }: ProxyMeans,
  opened: (socket: Socket) => void,
  { signal, now, log }: ProxyContext,
): Promise<Socket> {
  const circumstances = { signal, now, alpn: ['http/1.1'], opened }
  const { socket, facts, fault } = await secure(plain, proxy.host, await loadTls(tls_config, signal), circumstances)
  log.debug('shook hands with the proxy', {
    version: facts.version,
    subject: facts.certificate?.subject,
    verified: tls_config?.insecure_skip_verify ? 'skipped' : fault === undefined,
  })
  if (fault !== undefined) throw new ProbeFailure('tls', `certificate of the proxy not accepted: ${fault}`)
  return socket
}

/**
 * Connects to a proxy and, unless it is to get the request itself, asks it to connect through to `target`; resolves with
 * the socket to talk over. `opened` gets what is to destroy from then on, in place of what it got before; when this
 * rejects, all is closed already. Throws `ProbeFailure` (`auth`, `connect`, `tls`, `resolve`), errors of Node, or the
 * signal's reason.
 */
export async function openThroughProxy(
  proxy: ProxyServer,
  target: HostPort | undefined,
  means: ProxyMeans,
  opened: (socket: Socket) => void,
  ctx: ProxyContext,
): Promise<Socket> {
  let open: Socket | undefined
  const own = (socket: Socket) => {
    open = socket
    opened(socket)
  }
  ctx.log.debug('connecting to the proxy', { proxy: shownProxy(proxy) })
  try {
    const plain = await connectTo(proxy, means, ctx)
    own(plain)
    const socket = proxy.scheme === 'https' ? await shakeHands(plain, proxy, means, own, ctx) : plain
    if (target === undefined) return socket
    if (isSocks(proxy)) await askSocks(socket, proxy, target, ctx)
    else await askForTunnel(socket, proxy, target, means.proxy_connect_header, ctx)
    return socket
  } catch (error) {
    open?.destroy()
    throw error
  }
}
