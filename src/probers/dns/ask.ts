import { isIP } from 'node:net'
import { resolveTarget } from '../../kit/net/address.ts'
import type { HostPort } from '../../kit/net/target.ts'
import type { ProbeContext } from '../../kit/prober.ts'
import { DnsFailure, rethrow } from './failure.ts'
import { type createStopwatch, ignoredResponses, tcpFallback, truncated } from './metrics.ts'
import type { DnsOptions, QueryName } from './options.ts'
import { buildQuery } from './query.ts'
import { exchange, type Reply } from './transport/exchange.ts'
import type { Server, Watch } from './transport/server.ts'
import { className, typeName } from './wire/iana.ts'

/** What one request to `/probe` asks for. */
export interface DnsRequest extends HostPort {
  readonly queryName: QueryName
  readonly queryType: number
}

type Stopwatch = ReturnType<typeof createStopwatch>

const maxLoggedStrays = 10

async function findServer(
  ctx: ProbeContext,
  { host, port }: HostPort,
  config: DnsOptions,
  stopwatch: Stopwatch,
): Promise<Server> {
  stopwatch.start('resolve')
  const { address, family } = await resolveTarget(host, config, ctx).catch(rethrow)
  const source = config.source_ip_address === '' ? undefined : config.source_ip_address
  if (source !== undefined && isIP(source) !== family) {
    throw new DnsFailure('unreachable', `source_ip_address ${source} cannot reach ${address}: another address family`)
  }
  return { address, family, port, source }
}

/** Turns what happens during the exchange into metrics and log lines. */
function watchExchange(ctx: ProbeContext, stopwatch: Stopwatch): Watch {
  return {
    phase: stopwatch.start,
    ignored(count, why) {
      ctx.metrics.set(ignoredResponses, count)
      if (count <= maxLoggedStrays) ctx.log.debug('skipped a message that does not answer the query', { why, count })
    },
    fallsBack() {
      ctx.metrics.set(truncated, 1)
      ctx.metrics.set(tcpFallback, 1)
      ctx.log.debug('the answer over udp is truncated, asking again over tcp')
    },
  }
}

/**
 * Finds the server, sends it the query and waits for the answer; metrics and log tell how that went. Throws
 * `DnsFailure` when the target is at fault.
 */
export async function ask(
  ctx: ProbeContext,
  request: DnsRequest,
  config: DnsOptions,
  stopwatch: Stopwatch,
): Promise<Reply> {
  const server = await findServer(ctx, request, config, stopwatch)
  const question = { name: request.queryName.name, type: request.queryType, class: config.query_class }
  const udpBytes = config.edns === false ? false : config.edns.udp_size
  const query = buildQuery(question, { recursionDesired: config.recursion_desired, udpBytes })
  ctx.log.debug('sending the query', {
    server: server.address,
    port: server.port,
    transport: config.transport_protocol,
    query_name: request.queryName.text,
    query_type: typeName(question.type),
    query_class: className(question.class),
    edns_udp_size: udpBytes === false ? undefined : udpBytes,
  })
  ctx.metrics.set(ignoredResponses, 0)
  const transport = { transport: config.transport_protocol, tcpFallback: config.tcp_fallback }
  const reply = await exchange(server, query, transport, watchExchange(ctx, stopwatch), ctx.signal).catch(rethrow)
  stopwatch.stop()
  return reply
}
