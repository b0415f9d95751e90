import { BadRequest } from '../../kit/failure.ts'
import { asciiHost, isHostPort } from '../../kit/net/ascii-host.ts'
import { parseTargetUrl, type TargetUrl } from '../../kit/net/http/target-url.ts'
import { type Destination, destinationOf, unbracketed } from '../../kit/net/target.ts'
import type { RawRequest, TargetPolicy } from '../../kit/prober.ts'
import type { HttpOptions } from './options.ts'

/** What a request asks of the prober. */
export interface HttpTarget extends TargetUrl {
  readonly destination: Destination
  /** The `Host` to send, when it is not that of the URL. */
  readonly host: string | undefined
}

/** The `Host` among a module's headers, in ASCII; empty text counts as absent. */
function hostHeader(headers: HttpOptions['headers']): string | undefined {
  const host = Object.entries(headers).findLast(([name]) => name.toLowerCase() === 'host')?.[1]
  return (typeof host === 'string' && asciiHost(host)) || undefined
}

function read({ target, params }: RawRequest, { headers }: HttpOptions): HttpTarget {
  const { url, path } = parseTargetUrl(target)
  const asked = params.get('hostname') ?? ''
  const configured = hostHeader(headers)
  const destination = destinationOf(url, path)
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
