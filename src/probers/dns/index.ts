import { isIP } from 'node:net'
import { DeadlineExceeded } from '../../kit/failure.ts'
import { addressMetrics, resolveTarget } from '../../kit/net/address.ts'
import { type HostPort, parseHostPort } from '../../kit/net/target.ts'
import { defineProber, type ProbeContext } from '../../kit/prober.ts'
import { createSlices } from '../../kit/slices.ts'
import { hasRules, judgeRecords } from './check.ts'
import { exchange, type Reply } from './exchange.ts'
import { DnsFailure, detailOf } from './failure.ts'
import * as metrics from './metrics.ts'
import { type DnsOptions, options, type QueryName } from './options.ts'
import { buildQuery } from './query.ts'
import type { Server, Watch } from './server.ts'
import { className, rcodeName, typeName, typeOf } from './wire/iana.ts'
import { recordText } from './wire/record.ts'

interface DnsRequest extends HostPort {
  readonly queryName: QueryName
  readonly queryType: number
}

const defaultPort = 53
const any = typeOf('ANY')
const soa = typeOf('SOA')
const maxLoggedRecords = 20
const maxLoggedBytes = 512
const maxLoggedStrays = 10

type Stopwatch = ReturnType<typeof metrics.createStopwatch>

async function findServer(
  ctx: ProbeContext,
  { host, port }: HostPort,
  config: DnsOptions,
  stopwatch: Stopwatch,
): Promise<Server> {
  stopwatch.start('resolve')
  const { address, family } = await resolveTarget(host, config, ctx)
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
      ctx.metrics.set(metrics.ignoredResponses, count)
      if (count <= maxLoggedStrays) ctx.log.debug('skipped a message that does not answer the query', { why, count })
    },
    fallsBack() {
      ctx.metrics.set(metrics.truncated, 1)
      ctx.metrics.set(metrics.tcpFallback, 1)
      ctx.log.debug('the answer over udp is truncated, asking again over tcp')
    },
  }
}

async function ask(ctx: ProbeContext, request: DnsRequest, config: DnsOptions, stopwatch: Stopwatch): Promise<Reply> {
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
  ctx.metrics.set(metrics.ignoredResponses, 0)
  const transport = { transport: config.transport_protocol, tcpFallback: config.tcp_fallback }
  const reply = await exchange(server, query, transport, watchExchange(ctx, stopwatch), ctx.signal)
  stopwatch.stop()
  return reply
}

function report(ctx: ProbeContext, reply: Reply, request: DnsRequest): void {
  const { message, transport, bytes } = reply
  metrics.setReply(ctx.metrics, reply, request.queryType === soa)
  ctx.log.debug('received an answer', {
    transport,
    bytes,
    rcode: rcodeName(message.rcode),
    flags: Object.entries(message.flags)
      .flatMap(([name, isSet]) => (isSet ? [name] : []))
      .join(' '),
    answer: message.answer.length,
    authority: message.authority.length,
    additional: message.additional.length,
  })
  for (const record of message.answer.slice(0, maxLoggedRecords)) {
    if (record.rdata.length <= maxLoggedBytes) ctx.log.debug('answer record', { record: recordText(record) })
  }
}

/** Holds the answer against the configuration, in blackbox_exporter's order; the first failure decides. */
async function judge(ctx: ProbeContext, { message }: Reply, config: DnsOptions): Promise<void> {
  if (message.flags.tc) throw new DnsFailure('truncated', 'the answer is truncated')
  const rcode = rcodeName(message.rcode)
  if (!config.valid_rcodes.includes(message.rcode)) {
    throw new DnsFailure(
      'rcode',
      `the response code is ${rcode}, not ${config.valid_rcodes.map(rcodeName).join(' or ')}`,
    )
  }
  ctx.log.debug('the response code is valid', { rcode })
  const breathe = createSlices(ctx.signal)
  for (const section of ['answer', 'authority', 'additional'] as const) {
    const rules = config[`validate_${section}_rrs`]
    if (!hasRules(rules)) continue
    const fault = await judgeRecords(message[section], rules, config.all_match_semantics, breathe)
    if (fault !== undefined) throw new DnsFailure(`${section}_rrs`, `${section} section: ${fault}`)
    ctx.log.debug('the records are valid', { section, records: message[section].length })
  }
}

/** Asks a DNS server a question and judges its answer. */
export const dns = defineProber({
  name: 'dns',
  options,
  metrics: [...addressMetrics, ...metrics.dnsMetrics],

  unavailable: ({ dns_over_tls }) => (dns_over_tls ? 'dns_over_tls is not built yet' : undefined),

  warnings: ({ query_type, dns_over_tls, tls_config }) => [
    ...(query_type === undefined
      ? ['query_type is not set: ANY, which many servers refuse or shorten (RFC 8482)']
      : []),
    ...(tls_config !== undefined && !dns_over_tls ? ['tls_config has no effect without dns_over_tls'] : []),
  ],

  accept: ({ target }, { query_name, query_type }): DnsRequest => ({
    ...parseHostPort(target, defaultPort),
    queryName: query_name,
    queryType: query_type ?? any,
  }),

  async probe(ctx, request, config) {
    metrics.setInitial(ctx.metrics)
    ctx.metrics.set(metrics.queryInfo, 1, {
      query_name: request.queryName.text,
      query_type: typeName(request.queryType),
      query_class: className(config.query_class),
      transport: config.transport_protocol,
    })
    const stopwatch = metrics.createStopwatch(ctx.metrics)
    const fail = (reason: string) => ctx.metrics.set(metrics.failure, 1, { reason })
    // Inside the event, as the answer is sealed as soon as it is over.
    const onAbort = () => {
      stopwatch.stop()
      if (ctx.signal.reason instanceof DeadlineExceeded) fail('timeout')
    }
    ctx.signal.addEventListener('abort', onAbort, { once: true })
    try {
      const reply = await ask(ctx, request, config, stopwatch)
      report(ctx, reply, request)
      await judge(ctx, reply, config)
    } catch (error) {
      stopwatch.stop()
      const reason = ctx.signal.aborted ? undefined : detailOf(error)
      if (reason !== undefined) fail(reason)
      throw error
    } finally {
      ctx.signal.removeEventListener('abort', onAbort)
    }
  },
})
