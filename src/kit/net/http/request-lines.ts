import { version } from '../../version.ts'
import type { CookieJar } from './cookies.ts'
import type { HeaderLine } from './headers.ts'
import type { Leg } from './leg.ts'

/** What the header of each request is made of. */
export interface HeaderParts {
  /** Headers of the module, ready for the wire, without `Host`. */
  readonly headers: readonly HeaderLine[]
  readonly authorization: string | undefined
  readonly extra: { readonly open: readonly HeaderLine[]; readonly secret: readonly HeaderLine[] }
}

/** Headers that go to the host of the target alone, as in Go. */
const sensitive = new Set([
  'authorization',
  'www-authenticate',
  'cookie',
  'cookie2',
  'proxy-authorization',
  'proxy-authenticate',
])
const aboutBody = new Set(['content-type', 'content-encoding', 'content-language', 'content-location'])
/** Lines that sonde writes by itself. */
const own = new Set(['host', 'content-length', 'transfer-encoding', 'trailer'])

/** Names of headers that a module may set in vain, in lower case. */
export const ignoredHeaders: ReadonlySet<string> = new Set([...own].filter(name => name !== 'host'))

/** Methods that need no length when there is no body; for others Node would send an empty chunked one. */
const mayLackBody = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])

const isCookie = ([name]: HeaderLine) => name.toLowerCase() === 'cookie'

/** The Cookie line: those that the module sets, unless an answer has set them anew, then those of the answers. */
function cookieLine({ headers, extra }: HeaderParts, leg: Leg, jar: CookieJar): string {
  const kept = jar.cookiesFor(leg.url).map(([name, value]) => ({ name, text: `${name}=${value}` }))
  const given = (leg.isHome ? [...headers, ...extra.open, ...extra.secret].filter(isCookie) : [])
    .flatMap(([, value]) => value.split(';'))
    .map(pair => pair.trim())
    .filter(pair => pair !== '' && !kept.some(({ name }) => pair.startsWith(`${name}=`)))
  return [...given, ...kept.map(({ text }) => text)].join('; ')
}

/** The header of a request, line by line. */
export function linesFor(leg: Leg, parts: HeaderParts, jar: CookieJar): readonly HeaderLine[] {
  const has = (wanted: string) => parts.headers.some(([name]) => name.toLowerCase() === wanted)
  const goes = (line: HeaderLine) => {
    const [name, value] = line
    const lower = name.toLowerCase()
    if (own.has(lower) || isCookie(line) || (lower === 'user-agent' && value === '')) return false
    return (leg.isHome || !sensitive.has(lower)) && !(leg.droppedBody && aboutBody.has(lower))
  }
  const cookies = cookieLine(parts, leg, jar)
  const authorization = leg.isHome && !has('authorization') ? parts.authorization : undefined
  const length = leg.body?.length ?? (mayLackBody.has(leg.method) ? undefined : 0)
  return [
    ['Host', leg.host ?? leg.url.host],
    ...(has('user-agent') ? [] : [['User-Agent', `sonde/${version}`] as const]),
    ...parts.headers.filter(goes),
    ...parts.extra.open.filter(goes),
    ...(leg.isHome ? parts.extra.secret.filter(goes) : []),
    ...(authorization === undefined ? [] : [['Authorization', authorization] as const]),
    ...(cookies === '' ? [] : [['Cookie', cookies] as const]),
    ...(length === undefined ? [] : [['Content-Length', String(length)] as const]),
    ['Connection', 'close'],
  ]
}
