import { BadRequest } from '../../kit/failure.ts'
import { asciiHost, isHostPort } from '../../kit/net/ascii-host.ts'
import { requestPath } from '../../kit/net/http/request-path.ts'
import { type Destination, destinationOf, unbracketed } from '../../kit/net/target.ts'
import type { RawRequest, TargetPolicy } from '../../kit/prober.ts'
import type { HttpOptions } from './options.ts'

/** What a request asks of the prober. */
export interface HttpTarget {
  readonly url: URL
  readonly destination: Destination
  /** Path and query to ask for, as they were written. */
  readonly path: string
  /** The `Host` to send, when it is not that of the URL. */
  readonly host: string | undefined
}

const maxLength = 2048

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const unfit = /[\u0000-\u001f\u007f]|^[^?]*\\/

/**
 * Reads a target; `http://` is put in front of one without a scheme. Throws `BadRequest` for other schemes, user names,
 * fragments and whatever is no URL.
 */
export function parseUrl(target: string): URL {
  if (target.length > maxLength) throw new BadRequest(`malformed target: longer than ${maxLength} characters`)
  if (unfit.test(target) || target.trim() !== target) {
    throw new BadRequest('malformed target: it holds control characters, backslashes or outer spaces')
  }
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(target)?.[1]?.toLowerCase()
  if ((scheme !== undefined && scheme !== 'http' && scheme !== 'https') || /^https?:(?!\/\/|\d)/i.test(target)) {
    throw new BadRequest('malformed target: expected an http or https URL')
  }
  const text = scheme === undefined ? `http://${target}` : target
  if (!/^https?:\/\/[^/?#]/i.test(text) || !URL.canParse(text)) {
    throw new BadRequest('malformed target: expected a URL or a host name')
  }
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(text)) {
    throw new BadRequest('malformed target: user name and password belong into the module')
  }
  if (text.includes('#')) throw new BadRequest('malformed target: a fragment is never sent')
  return url
}

/** The `Host` among a module's headers, in ASCII; empty text counts as absent. */
function hostHeader(headers: HttpOptions['headers']): string | undefined {
  const host = Object.entries(headers).findLast(([name]) => name.toLowerCase() === 'host')?.[1]
  return (typeof host === 'string' && asciiHost(host)) || undefined
}

function read({ target, params }: RawRequest, { headers }: HttpOptions): HttpTarget {
  const url = parseUrl(target)
  const path = requestPath(target.replace(/^(?:https?:\/\/)?[^/?]*/i, ''))
  const asked = params.get('hostname') ?? ''
  const configured = hostHeader(headers)
  const destination = destinationOf(url)
  if (asked === '') return { url, destination, path, host: configured }
  if (!isHostPort(asked)) throw new BadRequest('malformed hostname: expected a host name')
  const hostname = asciiHost(asked)
  if (configured !== undefined && configured !== hostname) {
    throw new BadRequest("host header defined both in the module and by the parameter 'hostname'")
  }
  return {
    url,
    destination: { ...destination, virtualHost: unbracketed(new URL(`http://${hostname}`).hostname) },
    path,
    host: hostname,
  }
}

/** Judges target and `hostname`. Throws `BadRequest`, or `Denied`. */
export function accept(request: RawRequest, http: HttpOptions, policy: TargetPolicy): HttpTarget {
  const target = read(request, http)
  policy.judge(target.destination)
  return target
}
