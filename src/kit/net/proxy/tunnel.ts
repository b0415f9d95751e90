import type { Socket } from 'node:net'
import { untilAborted } from '../../abort.ts'
import { ProbeFailure } from '../../failure.ts'
import type { ProbeLog } from '../../prober.ts'
import { version } from '../../version.ts'
import { headerText } from '../http/headers.ts'
import type { HostPort } from '../target.ts'
import type { ProxyConfig } from './options.ts'
import { hostPort, type ProxyServer } from './proxy-url.ts'
import { readUntil } from './read.ts'

/** Far more than any proxy says. */
const maxHeadBytes = 16 * 1024

/** The value of Proxy-Authorization for requests to an HTTP proxy (RFC 7617); undefined without credentials. */
export function proxyAuthorization({ username, password }: ProxyServer): string | undefined {
  if (username === undefined) return undefined
  return `Basic ${Buffer.from(`${username}:${password?.peek() ?? ''}`).toString('base64')}`
}

export type Header = readonly [name: string, value: string]

/** The headers that the options name, for the request for a tunnel. Throws `ProbeFailure` for files. */
export async function connectHeaders(configured: ProxyConfig['proxy_connect_header'] = {}): Promise<readonly Header[]> {
  const named = Object.entries(configured).flatMap(([name, values]) => values.map(value => ({ name, value })))
  return Promise.all(named.map(async ({ name, value }): Promise<Header> => [name, await headerText(value)]))
}

/** What Go sends, in its order: the credentials of the URL take the place of those in the configured headers. */
function headersFor(proxy: ProxyServer, target: string, own: readonly Header[]): Header[] {
  const has = (wanted: string) => own.some(([name]) => name.toLowerCase() === wanted)
  const credentials = proxyAuthorization(proxy)
  return [
    ['Host', target],
    ...(has('user-agent') ? [] : [['User-Agent', `sonde/${version}`] as const]),
    ...own.filter(([name]) => credentials === undefined || name.toLowerCase() !== 'proxy-authorization'),
    ...(credentials === undefined ? [] : [['Proxy-Authorization', credentials] as const]),
  ]
}

const start = 'HTTP/1.'

function endOfHead(octets: Buffer): number | undefined {
  const text = octets.toString('latin1')
  if (!start.startsWith(text.slice(0, start.length))) {
    throw new ProbeFailure('connect', 'the proxy did not answer CONNECT in HTTP')
  }
  const end = /\r?\n\r?\n/.exec(text)
  const length = end === null ? text.length : end.index + end[0].length
  if (length > maxHeadBytes)
    throw new ProbeFailure('connect', `the proxy answered CONNECT with more than ${maxHeadBytes} octets`)
  return end === null ? undefined : length
}

/**
 * Asks an HTTP proxy to connect through to a target (RFC 9110, 9.3.6). What comes after the head of its answer stays in
 * the socket. Throws `ProbeFailure`: `auth` for status 401 and 407, `connect` for any other but 200.
 */
export async function askForTunnel(
  socket: Socket,
  proxy: ProxyServer,
  target: HostPort,
  configured: ProxyConfig['proxy_connect_header'],
  { signal, log }: { readonly signal: AbortSignal; readonly log: ProbeLog },
): Promise<void> {
  const to = hostPort(target)
  const headers = headersFor(proxy, to, await untilAborted(connectHeaders(configured), signal))
  log.debug('asking the proxy for a tunnel', { to, headers: () => headers.map(([name]) => name).join(', ') })
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`CONNECT ${to} HTTP/1.1\r\n${lines.join('')}\r\n`)
  const head = (await readUntil(socket, endOfHead, signal)).toString('latin1')
  const [, status] = /^HTTP\/1\.\d ([1-9]\d\d)(?: [^\r\n]*)?\r?\n/.exec(head) ?? []
  if (status === undefined) throw new ProbeFailure('connect', 'the proxy did not answer CONNECT in HTTP')
  log.debug('the proxy answered', { status })
  if (status === '200') return
  const reason = status === '401' || status === '407' ? 'auth' : 'connect'
  throw new ProbeFailure(reason, `the proxy answered CONNECT with status ${status}`)
}
