import { BadRequest } from '../../kit/failure.ts'
import { requestPath } from '../../kit/net/http/request-path.ts'
import { type Destination, type HostPort, parseHostPort } from '../../kit/net/target.ts'
import { originOf } from './transport/doh.ts'
import { isDoh, isEncrypted, type Transport, type Way } from './transport/server.ts'

export interface DnsTarget extends HostPort {
  /** Path and query of a target that is a URL. */
  readonly path: string | undefined
}

const httpsPort = 443
const tlsPort = 853
const plainPort = 53

/** The port of servers that are named without one. */
export const portOf = (transport: Transport): number =>
  isDoh(transport) ? httpsPort : isEncrypted(transport) ? tlsPort : plainPort

const schemes: Readonly<Record<string, (transport: Transport) => boolean>> = {
  https: isDoh,
  tls: transport => transport === 'dot',
}

/** How the target policy sees a server; without the port of a name server it may be any other service. */
export function destinationOf({ host, port }: HostPort, { transport, doh }: Way): Destination {
  const usualPorts = [plainPort, tlsPort, httpsPort]
  if (isDoh(transport)) return { scheme: 'https', host, port, path: doh.path, usualPorts }
  return { scheme: transport === 'dot' ? 'tls' : undefined, host, port, usualPorts }
}

function placeOf(text: string, transport: Transport): HostPort {
  const place = parseHostPort(text, portOf(transport))
  if (isDoh(transport) && !URL.canParse(originOf(place))) {
    throw new BadRequest('malformed target: expected a host that a URL can have')
  }
  return place
}

/**
 * Reads a target: a host or an address, with or without a port, also after `tls://` with DNS over TLS, or an `https://`
 * URL with DNS over HTTPS. Throws `BadRequest` for all else, as for a scheme that does not fit the transport.
 */
export function parseTarget(target: string, transport: Transport): DnsTarget {
  const [start, scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(target) ?? ['']
  if (start === '') return { ...placeOf(target, transport), path: undefined }
  if (schemes[scheme.toLowerCase()]?.(transport) !== true) {
    throw new BadRequest(`malformed target: ${scheme}:// does not fit the transport ${transport}`)
  }
  const [, authority = '', rest = ''] = /^([^/?#]*)(.*)$/s.exec(target.slice(start.length)) ?? []
  const place = placeOf(authority, transport)
  if (!isDoh(transport) && rest !== '' && rest !== '/') throw new BadRequest('malformed target: a path needs https://')
  if (/[#\s\\]/.test(rest)) throw new BadRequest('malformed target: expected a path without fragment and spaces')
  return { ...place, path: isDoh(transport) && rest !== '' && rest !== '/' ? requestPath(rest) : undefined }
}
