import { BadRequest } from '../../kit/failure.ts'
import type { HostPort } from '../../kit/net/target.ts'
import type { RawRequest } from '../../kit/prober.ts'
import type { DnsOptions } from './options.ts'
import { withParams } from './params.ts'
import type { QueryName } from './question-options.ts'
import { parseTarget } from './target.ts'
import { defaultDoh, transportOf } from './transport/options.ts'
import type { Way } from './transport/server.ts'
import { typeOf } from './wire/iana.ts'

/** What one request to `/probe` asks for. */
export interface DnsRequest extends HostPort {
  /** Those of the module, as the parameters of the request change them. */
  readonly config: DnsOptions
  readonly queryName: QueryName
  readonly queryType: number
  readonly way: Way
}

const any = typeOf('ANY')

/** Judges target and parameters. Throws `BadRequest`. */
export function accept({ target, params }: RawRequest, options: DnsOptions): DnsRequest {
  const config = withParams(options, params)
  const { query_name: queryName, query_type: queryType = any, tcp_fallback: tcpFallback, tls_config: tls } = config
  if (queryName === undefined) throw new BadRequest('the parameter query_name is missing')
  const transport = transportOf(config)
  const { path, ...place } = parseTarget(target, transport)
  const { doh = defaultDoh } = config
  const way = { transport, tcpFallback, tls, doh: { ...doh, path: path ?? doh.path } }
  return { ...place, config, queryName, queryType, way }
}
