import type { ProbeLog } from '../../prober.ts'
import { escapeMarkup, safeText } from '../../text.ts'
import type { HeaderLine } from './headers.ts'
import type { HttpRequest, HttpResponse } from './message.ts'

/** Headers whose values are credentials, in either direction. */
const credentials: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie'])

/** Shorter ones would tear holes into any text and give themselves away by that. */
const minSecretLength = 4

/** What a header value gives away: itself, what follows its scheme, and the password of basic authentication. */
function secretsIn(value: string): readonly string[] {
  const [, scheme = '', rest = ''] = /^(\S+) +(.*)$/.exec(value) ?? []
  const decoded = /^basic$/i.test(scheme) ? Buffer.from(rest, 'base64').toString('utf8') : ''
  return [value, rest, decoded.slice(decoded.indexOf(':') + 1)].flatMap(formsOf)
}

/** As it goes over the wire, as a text shows it, as URLs (also one in another), forms, JSON and HTML have it. */
function formsOf(secret: string): readonly string[] {
  const text = Buffer.from(secret, 'latin1').toString('utf8')
  const inUrls = [encodeURIComponent(text), new URLSearchParams({ '': text }).toString().slice(1)]
  const inPages = [JSON.stringify(text).slice(1, -1), escapeMarkup(text)]
  return [...new Set([secret, text, ...inUrls, ...inUrls.map(encodeURIComponent), ...inPages])]
}

/** What may be shown of a job's messages. */
export interface Discretion {
  /** Hides the job's credentials wherever they turn up, as in the answer of a server that echoes requests. */
  readonly redact: (text: string) => string
  /** Names of headers, in lower case, whose values are secret. */
  readonly secretNames: ReadonlySet<string>
}

const mark = '<secret>'

/** More than any text that was cut. */
const maxBegunLength = 1024

/** Hides the beginning of a secret at the end of a text, which may have been cut there. */
function hideBegun(text: string, secret: string): string {
  for (let length = Math.min(secret.length - 1, maxBegunLength); length >= minSecretLength; length--) {
    if (text.endsWith(secret.slice(0, length))) return `${text.slice(0, -length)}${mark}`
  }
  return text
}

/** Builds the discretion that these secret headers, and other secret texts, call for. */
export function discretionFor(secret: readonly HeaderLine[], others: readonly string[] = []): Discretion {
  const isLong = (text: string) => text.length >= minSecretLength
  const secrets = [...secret.map(([, value]) => value), ...others]
    .filter(isLong) // most probes have none, which should cost nothing
    .flatMap(secretsIn)
    .filter(isLong)
    .sort((a, b) => b.length - a.length)
  return {
    redact: text => secrets.reduce((hidden, one) => hideBegun(hidden.replaceAll(one, mark), one), text),
    secretNames: new Set(secret.map(([name]) => name.toLowerCase())),
  }
}

const maxShownHeaders = 100
const maxShownLength = 256

function shownValue(name: string, value: string, { redact, secretNames }: Discretion): string {
  if (credentials.has(name) || secretNames.has(name)) return mark
  const text = name === 'location' ? shownReference(value) : value
  return safeText(redact(text), maxShownLength)
}

function shownHeaders(lines: readonly HeaderLine[], discretion: Discretion): string {
  const shown = lines
    .slice(0, maxShownHeaders)
    .map(([name, value]) => `${name}: ${shownValue(name.toLowerCase(), value, discretion)}`)
  const rest = lines.length - shown.length
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
}

/** The same for a URL or a part of one, as it was received. */
const shownReference = (text: string) => text.replace(/\/\/[^/?#]*@/, '//').replace(/[?#].*$/s, '?…')

/** A URL for the log: its query may hold a token. */
export const shownUrl = (url: URL): string =>
  safeText(`${url.origin}${url.pathname}${url.search === '' ? '' : '?…'}`, maxShownLength)

export function logRequest(log: ProbeLog, url: URL, request: HttpRequest, discretion: Discretion): void {
  log.debug('requesting', {
    method: request.method,
    url: discretion.redact(shownUrl(url)),
    headers: () => shownHeaders(request.headers, discretion),
    body_bytes: request.body?.length,
  })
}

export function logAnswer(log: ProbeLog, { status, version, headers }: HttpResponse, discretion: Discretion): void {
  const lines = () => [...headers].flatMap(([name, values]) => values.map((value): HeaderLine => [name, value]))
  log.debug('got an answer', {
    status,
    version: `HTTP/${version}`,
    headers: () => shownHeaders(lines(), discretion),
  })
}

/** Logs the beginning of a body. Octets that are no UTF-8 show as `�`. */
export function logBody(log: ProbeLog, head: Uint8Array, { redact }: Discretion): void {
  log.debug('the body begins', {
    text: () => safeText(redact(Buffer.from(head).toString('utf8')).trimEnd(), head.length),
  })
}
