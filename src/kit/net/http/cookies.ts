import { isIP } from 'node:net'
import { parseHttpDate } from './date.ts'

/** Without blanks and tabs around it: octet A0, which `trim` takes away too, is part of a character here. */
const trimmed = (text: string) => text.replace(/^[ \t]+|[ \t]+$/g, '')

interface Cookie {
  readonly name: string
  readonly value: string
  readonly domain: string
  readonly hostOnly: boolean
  readonly path: string
  readonly secure: boolean
}

/** Cookies of one probe, kept under the names of the hosts that set them (RFC 6265). */
export interface CookieJar {
  /** Takes in the Set-Cookie lines of an answer. */
  store(url: URL, lines: readonly string[], nowMs: number): void
  /** Name and value of the cookies for a request, longest path first. */
  cookiesFor(url: URL): readonly (readonly [name: string, value: string])[]
}

const maxCookies = 50
const maxLineLength = 4096

const isWithin = (host: string, domain: string) => host === domain || (host.endsWith(`.${domain}`) && isIP(host) === 0)

const hostOf = (url: URL) => url.hostname.toLowerCase()

const isUnder = (path: string, folder: string) =>
  path === folder || (path.startsWith(folder) && (folder.endsWith('/') || path[folder.length] === '/'))

/** RFC 6265, 5.1.4. */
const defaultPath = (url: URL) => url.pathname.slice(0, url.pathname.lastIndexOf('/')) || '/'

function attributesOf(parts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    parts.map(part => {
      const equals = part.indexOf('=')
      const name = equals === -1 ? part : part.slice(0, equals)
      return [name.trim().toLowerCase(), equals === -1 ? '' : part.slice(equals + 1).trim()]
    }),
  )
}

function isExpired(attributes: ReadonlyMap<string, string>, nowMs: number): boolean {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return Number(maxAge) <= 0
  const expiresMs = parseHttpDate((attributes.get('expires') ?? '').replaceAll('-', ' '))
  return expiresMs !== undefined && expiresMs <= nowMs
}

/** A domain that the host may set cookies for; without a list of public suffixes, one of a single label is none. */
function domainOf(url: URL, attribute: string): { domain: string; hostOnly: boolean } | undefined {
  const host = hostOf(url)
  const domain = attribute.replace(/^\./, '').toLowerCase()
  if (domain === '' || domain === host) return { domain: host, hostOnly: domain === '' }
  return isWithin(host, domain) && domain.includes('.') ? { domain, hostOnly: false } : undefined
}

/** The first part of a Set-Cookie line, without the attributes; the name is empty when it is no cookie. */
function pairOf(line: string): { readonly name: string; readonly value: string; readonly rest: readonly string[] } {
  const [pair = '', ...rest] = line.split(';')
  const equals = pair.indexOf('=')
  const isCookie = line.length <= maxLineLength && equals > 0
  return { name: isCookie ? trimmed(pair.slice(0, equals)) : '', value: trimmed(pair.slice(equals + 1)), rest }
}

/** What the Set-Cookie lines of an answer set a cookie to; undefined when they set it to nothing, or take it away. */
export function cookieSetBy(lines: readonly string[], wanted: string, nowMs: number): string | undefined {
  const fits = (line: string) => {
    const { name, value, rest } = pairOf(line)
    return name === wanted && value !== '' && !isExpired(attributesOf(rest), nowMs)
  }
  const line = lines.findLast(fits)
  return line === undefined ? undefined : pairOf(line).value
}

export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>()

  function storeLine(url: URL, line: string, nowMs: number): void {
    const { name, value, rest } = pairOf(line)
    const attributes = attributesOf(rest)
    const scope = domainOf(url, attributes.get('domain') ?? '')
    if (name === '' || scope === undefined) return
    const given = attributes.get('path') ?? ''
    const path = given.startsWith('/') ? given : defaultPath(url)
    const key = JSON.stringify([name, scope.domain, path])
    cookies.delete(key)
    if (isExpired(attributes, nowMs) || cookies.size >= maxCookies) return
    cookies.set(key, { name, value, ...scope, path, secure: attributes.has('secure') })
  }

  return {
    store(url, lines, nowMs) {
      for (const line of lines) storeLine(url, line, nowMs)
    },
    cookiesFor(url) {
      const host = hostOf(url)
      return [...cookies.values()]
        .filter(
          ({ domain, hostOnly, path, secure }) =>
            (hostOnly ? host === domain : isWithin(host, domain)) &&
            isUnder(url.pathname, path) &&
            (!secure || url.protocol === 'https:'),
        )
        .sort((a, b) => b.path.length - a.path.length)
        .map(({ name, value }) => [name, value] as const)
    },
  }
}
