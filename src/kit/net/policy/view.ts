import { isIP, isIPv6 } from 'node:net'
import { unmapped } from '../address.ts'
import { type Destination, unbracketed } from '../target.ts'

/** The ports that URLs leave out. */
export const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443, tls: 853 }

/** A destination in the forms that rules are held against: rules to deny need one of them, rules to allow all. */
export interface View {
  readonly scheme: string | undefined
  /** Name or address in its one form. */
  readonly host: string
  readonly isLiteral: boolean
  readonly port: number
  readonly paths: readonly string[]
  /** The whole of it, for patterns. */
  readonly texts: readonly string[]
}

/** What a URL would read as something else than a part of a host. */
const notInHost = /[/?#@\\%:\s]/

/**
 * The one form of a host: what `URL` makes of it, which knows `0x7f.1`, `2130706433` and full-width digits for what the
 * resolver takes them for, without a dot at the end; IPv4-mapped addresses are IPv4.
 */
export function normalHost(host: string): string {
  if (isIPv6(host)) return unmapped(unbracketed(new URL(`http://[${host}]`).hostname))
  const url = `http://${host}`
  const normal = !notInHost.test(host) && URL.canParse(url) ? new URL(url).hostname : host.toLowerCase()
  return normal.replace(/(?<=.)\.+$/, '')
}

/** Dots resolved, as `URL` does it, which also knows `%2e`; no host can get in. */
const withoutDots = (path: string): string => new URL(`http://x${path.startsWith('/') ? path : `/${path}`}`).pathname

/** A path as a server may read it: escapes undone, `\` and `//` taken for `/`, parameters of segments (`;`) left out. */
function readPath(path: string): string {
  const octets = path.replace(/%([\da-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const plain = octets.replace(/[\\/]+/g, '/')
  const kept: string[] = []
  for (const segment of plain.split('/').slice(1)) {
    const [part = ''] = segment.split(';', 1)
    if (part === '..') kept.pop()
    else if (part !== '.') kept.push(part)
  }
  return `/${kept.join('/')}`
}

/** A path as it goes out, and as a server may read it. */
export function pathForms(path: string): readonly string[] {
  const normal = withoutDots(path)
  return [...new Set([normal, readPath(normal)])]
}

/** What rules are held against. */
export function viewOf({ scheme, host: named, port, path = '/' }: Destination): View {
  const host = normalHost(named)
  const [pathname = '/'] = path.split('?', 1)
  const paths = pathForms(pathname)
  const shownHost = isIPv6(host) ? `[${host}]` : host
  const shownPort = scheme !== undefined && defaultPorts[scheme] === port ? '' : `:${port}`
  const query = path.slice(pathname.length)
  const start = scheme === undefined ? '' : `${scheme}://`
  const texts = paths.map(form => {
    const rest = scheme === undefined || `${form}${query}` === '/' ? '' : `${form}${query}`
    return `${start}${shownHost}${shownPort}${rest}`
  })
  return { scheme, host, isLiteral: isIP(host) !== 0, port, paths, texts }
}
