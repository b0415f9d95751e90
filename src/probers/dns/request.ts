import { BadRequest } from '../../kit/failure.ts'
import type { Destination, HostPort } from '../../kit/net/target.ts'
import type { RawRequest, TargetPolicy } from '../../kit/prober.ts'
import type { DnsOptions } from './options.ts'
import { withParams } from './params.ts'
import type { QueryName } from './question-options.ts'
import { destinationOf, parseTarget } from './target.ts'
import { defaultDoh, transportOf } from './transport/options.ts'
import type { Way } from './transport/server.ts'
import { typeOf } from './wire/iana.ts'

/** What one request to `/probe` asks for. */
export interface DnsRequest extends HostPort {
  readonly destination: Destination
  /** Those of the module, as the parameters of the request change them. */
  readonly config: DnsOptions
  readonly queryName: QueryName
  readonly queryType: number
  readonly way: Way
}

const any = typeOf('ANY')

/** Judges target and parameters. Throws `BadRequest`, or `Denied`. */
export function accept({ target, params }: RawRequest, options: DnsOptions, policy: TargetPolicy): DnsRequest {
  const config = withParams(options, params)
  const { query_name: queryName, query_type: queryType = any, tcp_fallback: tcpFallback, tls_config: tls } = config
  if (queryName === undefined) throw new BadRequest('the parameter query_name is missing')
  const transport = transportOf(config)
  const { path, ...place } = parseTarget(target, transport)
  const { doh = defaultDoh } = config
  const way = { transport, tcpFallback, tls, doh: { ...doh, path: path ?? doh.path } }
  const destination = destinationOf(place, way)
  policy.judge(destination)
  return { ...place, destination, config, queryName, queryType, way }
}
