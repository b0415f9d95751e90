import { version } from '../../version.ts'
import type { CookieJar } from './cookies.ts'
import { isOwnHeader } from './header-options.ts'
import type { HeaderLine, HeaderLines } from './headers.ts'
import type { Leg } from './leg.ts'

/** What the header of each request is made of. */
export interface HeaderParts {
  /** Those that the options name, ready for the wire. */
  readonly lines: HeaderLines
  readonly authorization: string | undefined
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
/** Methods that need no length when there is no body; for others Node would send an empty chunked one. */
const mayLackBody = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])

const isCookie = ([name]: HeaderLine) => name.toLowerCase() === 'cookie'

/** The Cookie line: those that the module sets, unless an answer has set them anew, then those of the answers. */
function cookieLine(lines: readonly HeaderLine[], leg: Leg, jar: CookieJar): string {
  const kept = jar.cookiesFor(leg.url).map(([name, value]) => ({ name, text: `${name}=${value}` }))
  const given = (leg.isHome ? lines.filter(isCookie) : [])
    .flatMap(([, value]) => value.split(';'))
    .map(pair => pair.trim())
    .filter(pair => pair !== '' && !kept.some(({ name }) => pair.startsWith(`${name}=`)))
  return [...given, ...kept.map(({ text }) => text)].join('; ')
}

/** The header of a request, line by line. */
export function linesFor(leg: Leg, { lines, authorization }: HeaderParts, jar: CookieJar): readonly HeaderLine[] {
  const given = leg.isHome ? [...lines.open, ...lines.secret] : lines.open
  const has = (wanted: string) => given.some(([name]) => name.toLowerCase() === wanted)
  const goes = (line: HeaderLine) => {
    const [name, value] = line
    const lower = name.toLowerCase()
    if (isOwnHeader(name) || isCookie(line) || (lower === 'user-agent' && value === '')) return false
    return (leg.isHome || !sensitive.has(lower)) && !(leg.droppedBody && aboutBody.has(lower))
  }
  const cookies = cookieLine(given, leg, jar)
  const length = leg.body?.length ?? (mayLackBody.has(leg.method) ? undefined : 0)
  return [
    ['Host', leg.host ?? leg.url.host],
    ...(has('user-agent') ? [] : [['User-Agent', `sonde/${version}`] as const]),
    ...given.filter(goes),
    ...(authorization === undefined || !leg.isHome || has('authorization')
      ? []
      : [['Authorization', authorization] as const]),
    ...(cookies === '' ? [] : [['Cookie', cookies] as const]),
    ...(length === undefined ? [] : [['Content-Length', String(length)] as const]),
    ['Connection', 'close'],
  ]
}
