import { DeadlineExceeded } from '../../kit/failure.ts'
import { addressMetrics } from '../../kit/net/address.ts'
import { parseHostPort } from '../../kit/net/target.ts'
import { defineProber, type ProbeContext } from '../../kit/prober.ts'
import { createSlices } from '../../kit/slices.ts'
import { ask, type DnsRequest } from './ask.ts'
import { hasRules, judgeRecords, shown } from './check.ts'
import { DnsFailure, type DnsReason } from './failure.ts'
import * as metrics from './metrics.ts'
import { type DnsOptions, options } from './options.ts'
import type { Reply } from './transport/exchange.ts'
import { className, rcodeCode, rcodeName, typeName, typeOf } from './wire/iana.ts'
import type { Message } from './wire/message.ts'
import { recordText } from './wire/record.ts'

const defaultPort = 53
const any = typeOf('ANY')
const soa = typeOf('SOA')
const formatError = rcodeCode('FORMERR')
const maxLoggedRecords = 20

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
    ctx.log.debug('answer record', { record: () => shown(recordText(record)) })
  }
}

/** How a server without EDNS answers a query with it (RFC 6891, 7). */
const refusesEdns = ({ rcode, edns }: Message) => rcode === formatError && edns === undefined

/** Holds the answer against the configuration, in blackbox_exporter's order; the first failure decides. */
async function judge(ctx: ProbeContext, { message }: Reply, config: DnsOptions): Promise<void> {
  if (message.flags.tc) throw new DnsFailure('truncated', 'the answer is truncated')
  const rcode = rcodeName(message.rcode)
  if (!config.valid_rcodes.includes(message.rcode)) {
    const expected = config.valid_rcodes.map(rcodeName).join(' or ')
    const hint = config.edns !== false && refusesEdns(message) ? '; a server without EDNS needs `edns: false`' : ''
    throw new DnsFailure('rcode', `the response code is ${rcode}, not ${expected}${hint}`)
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
    const fail = (reason: DnsReason) => ctx.metrics.set(metrics.failure, 1, { reason })
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
      if (error instanceof DnsFailure && !ctx.signal.aborted) fail(error.detail)
      throw error
    } finally {
      ctx.signal.removeEventListener('abort', onAbort)
    }
  },
})
