import { isIP, isIPv4, isIPv6 } from 'node:net'
import { unmapped } from '../address.ts'
import { requestPath } from '../http/request-path.ts'
import { type Destination, unbracketed } from '../target.ts'

/** The ports that URLs leave out. */
export const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443, tls: 853 }

/** A destination as rules see it. Of several forms, rules to deny need one, rules to allow all. */
export interface View {
  readonly scheme: string | undefined
  /** Name or address in its one form. */
  readonly host: string
  readonly isLiteral: boolean
  readonly port: number
  readonly paths: () => readonly string[]
  /** The whole of it, for patterns. */
  readonly texts: () => readonly string[]
}

/** What a URL would read as something else than a part of a host. */
const notInHost = /[/?#@\\%:\s]/

/** A name that is, like an IPv4 address, in its one form already, which spares a look by `URL`. */
const plainName = /^(?:[a-z\d-]+\.)*[a-z][a-z\d-]*$/

/**
 * The one form of a host: what `URL` makes of it, which knows `0x7f.1`, `2130706433` and full-width digits for what the
 * resolver takes them for, without a dot at the end; IPv4-mapped addresses are IPv4.
 */
export function normalHost(host: string): string {
  if (isIPv4(host) || plainName.test(host)) return host
  if (isIPv6(host)) return unmapped(unbracketed(new URL(`http://[${host}]`).hostname))
  const url = `http://${host}`
  const normal = !notInHost.test(host) && URL.canParse(url) ? new URL(url).hostname : host.toLowerCase()
  return normal.replace(/(?<=.)\.+$/, '')
}

/** Dots resolved, as `URL` does it, which also knows `%2e`; no host can get in. */
const withoutDots = (path: string): string => new URL(`http://x${path.startsWith('/') ? path : `/${path}`}`).pathname

const withoutEscapes = (path: string): string =>
  path.replace(/%([\da-f]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** Segments as a server may read them: `\` and `//` taken for `/`, their parameters (`;`) left out. */
const segmentsOf = (path: string): readonly string[] =>
  path
    .replace(/[\\/]+/g, '/')
    .split('/')
    .slice(1)
    .map(segment => segment.replace(/;.*$/s, ''))

function withoutSteps(segments: readonly string[]): readonly string[] {
  const kept: string[] = []
  for (const segment of segments) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return kept
}

/**
 * A path as it goes out, and as servers may read it: as a URL, escapes undone once, and again by one behind another, each
 * by the letter and with dots resolved.
 */
export function pathForms(path: string): readonly string[] {
  const written = requestPath(path)
  const once = withoutEscapes(written)
  const read = [once, withoutEscapes(once)].map(segmentsOf)
  return [
    written,
    withoutDots(written),
    ...[...read, ...read.map(withoutSteps)].map(segments => `/${segments.join('/')}`),
  ]
}

/** What rules are held against; paths are looked at only when a rule wants to know. */
export function viewOf({ scheme, host: named, port, path = '/' }: Destination): View {
  const host = normalHost(named)
  const [pathname = '/'] = path.split('?', 1)
  const query = path.slice(pathname.length)
  let forms: ReturnType<typeof pathForms> | undefined
  const paths = () => {
    forms ??= pathForms(pathname)
    return forms
  }
  const texts = () => {
    const place = isIPv6(host) ? `[${host}]` : host
    if (scheme === undefined) return [`${place}:${port}`]
    const origin = `${scheme}://${place}${defaultPorts[scheme] === port ? '' : `:${port}`}`
    return paths().map(form => (`${form}${query}` === '/' ? origin : `${origin}${form}${query}`))
  }
  return { scheme, host, isLiteral: isIP(host) !== 0, port, paths, texts }
}
