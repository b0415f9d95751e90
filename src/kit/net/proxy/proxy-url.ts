import { isIPv6 } from 'node:net'
import { Secret } from '../../secret.ts'
import { unbracketed } from '../target.ts'

const defaultPorts = { http: 80, https: 443, socks5: 1080, socks5h: 1080 } as const

export interface ProxyServer {
  readonly scheme: keyof typeof defaultPorts
  /** A name (ASCII form) or an address, without brackets. */
  readonly host: string
  readonly port: number
  readonly username: string | undefined
  readonly password: Secret | undefined
}

export const isSocks = ({ scheme }: ProxyServer): boolean => scheme === 'socks5' || scheme === 'socks5h'

const isScheme = (name: string): name is ProxyServer['scheme'] => Object.hasOwn(defaultPorts, name)

/** The host of a URL in the form that `http:` gives it, which is stricter than that of schemes unknown to the parser. */
function hostOf({ hostname }: URL): string | undefined {
  return URL.canParse(`http://${hostname}`) ? unbracketed(new URL(`http://${hostname}`).hostname) : undefined
}

function credentialsOf({ username, password }: URL): Pick<ProxyServer, 'username' | 'password'> {
  try {
    return {
      username: username === '' && password === '' ? undefined : decodeURIComponent(username),
      password: password === '' ? undefined : new Secret(decodeURIComponent(password)),
    }
  } catch {
    throw new Error('expected a user name and a password in UTF-8, percent-encoded')
  }
}

/** RFC 1929, 2: each has one octet for its length, and a user name is never empty. */
function checkSocksCredentials({ username, password }: ProxyServer): void {
  if (username === undefined) return
  const lengths = [username, password?.peek() ?? ''].map(text => Buffer.byteLength(text))
  if (username === '' || lengths.some(length => length > 255)) {
    throw new Error('expected a user name and a password of at most 255 octets, as SOCKS has no longer ones')
  }
}

/**
 * Reads the URL of a proxy. Throws an `Error` whose message an operator understands; it never holds the URL, as that may
 * have a password.
 */
export function parseProxy(text: string): ProxyServer {
  const [, port = '1'] = /:(\d+)\/?$/.exec(text) ?? []
  if (Number(port) < 1 || Number(port) > 65_535) throw new Error('expected a port from 1 to 65535')
  const url = /^\w+:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined
  const scheme = url?.protocol.slice(0, -1) ?? ''
  const host = url && hostOf(url)
  if (url === undefined || host === undefined || !isScheme(scheme)) {
    throw new Error('expected the URL of a proxy: http://, https://, socks5:// or socks5h://, and a host')
  }
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new Error('expected the URL of a proxy without anything after the host and the port')
  }
  const proxy = { scheme, host, port: Number(url.port || defaultPorts[scheme]), ...credentialsOf(url) }
  if (isSocks(proxy)) checkSocksCredentials(proxy)
  return Object.freeze(proxy)
}

/** `host:port`, with the brackets that an IPv6 address needs there. */
export const hostPort = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${isIPv6(host) ? `[${host}]` : host}:${port}`

/** For the log: no credentials. */
export const shownProxy = (proxy: ProxyServer): string => `${proxy.scheme}://${hostPort(proxy)}`

/** For the configuration as it is shown: the password is hidden. */
export function dumpProxy(proxy: ProxyServer): string {
  const { scheme, username, password } = proxy
  if (username === undefined) return shownProxy(proxy)
  const secret = password === undefined ? '' : `:${password}`
  return `${scheme}://${encodeURIComponent(username)}${secret}@${hostPort(proxy)}`
}
