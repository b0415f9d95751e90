import { ProbeFailure } from '../../failure.ts'
import { requestPath } from './request-path.ts'

/** Redirects that are followed, as in Go. */
export const maxRedirects = 10

/** What a redirect beyond them comes to. */
export const tooManyRedirects = (): ProbeFailure => new ProbeFailure('protocol', `more than ${maxRedirects} redirects`)

const withoutBody = new Set([301, 302, 303])
const withBody = new Set([307, 308])

export const isRedirect = (status: number): boolean => withoutBody.has(status) || withBody.has(status)

/** What a redirect makes of the request, by the rules of Go's `net/http`. */
export interface Turn {
  readonly url: URL
  /** Path and query to ask for. */
  readonly path: string
  readonly method: string
  readonly keepsBody: boolean
  /** A relative redirect keeps a `Host` that was set by hand. */
  readonly isRelative: boolean
}

// Node reads headers as Latin-1; octets beyond ASCII, which belong to UTF-8 as a rule, go on as they came.
const escaped = (location: string) =>
  location
    .replace(/^[ \t]+|[ \t]+$/g, '')
    .replace(/[\x80-\xff]/g, octet => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`)

/** Path and query as they were written, unless there is something to resolve or to forgive: `URL` does that. */
function pathOf(reference: string, url: URL): string {
  const [, host, rest = ''] = /^((?:https?:)?\/\/[^/?#]+)?([^#]*)/i.exec(reference) ?? []
  const isWhole = host !== undefined || /^\/(?!\/)/.test(rest)
  const isOdd = /[\\\t]|^[^?]*\/\.{1,2}(?:[/?]|$)/.test(rest) || /[\\\t]/.test(host ?? '')
  return isWhole && !isOdd ? requestPath(rest) : `${url.pathname}${url.search}`
}

function resolved(from: URL, reference: string): URL {
  if (!URL.canParse(reference, from.href)) throw new ProbeFailure('protocol', 'redirect to something that is no URL')
  return new URL(reference, from)
}

/** Throws `ProbeFailure('protocol')` when a Location is no URL at all: then it is no redirect either, as in Go. */
export const checkLocation = (from: URL, location: string): void => void resolved(from, escaped(location))

/** Reads the Location of a redirect. Throws `ProbeFailure('protocol')` when it is no http or https URL. */
export function turn(from: URL, method: string, status: number, location: string): Turn {
  const reference = escaped(location)
  const url = resolved(from, reference)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ProbeFailure('protocol', 'redirect to a URL that is neither http nor https')
  }
  url.username = ''
  url.password = ''
  const keepsBody = withBody.has(status)
  return {
    url,
    path: pathOf(reference, url),
    method: keepsBody || method === 'GET' || method === 'HEAD' ? method : 'GET',
    keepsBody,
    isRelative: !/^[a-z][a-z0-9+.-]*:/i.test(reference) && url.host === from.host,
  }
}
