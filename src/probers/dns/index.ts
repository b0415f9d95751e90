import { DeadlineExceeded, ProbeFailure } from '../../kit/failure.ts'
import { addressMetrics } from '../../kit/net/address.ts'
import { tlsWarnings } from '../../kit/net/tls/context.ts'
import { defineProber, type ProbeContext } from '../../kit/prober.ts'
import { createSlices } from '../../kit/slices.ts'
import { type Asked, ask } from './ask.ts'
import { hasRules, judgeRecords, shown } from './check.ts'
import { DnsFailure, type DnsReason } from './failure.ts'
import * as metrics from './metrics.ts'
import { type DnsOptions, options } from './options.ts'
import { paramNames } from './param-options.ts'
import { accept, type DnsRequest } from './request.ts'
import { soaMetrics } from './soa/metrics.ts'
import { compareZone } from './soa/run.ts'
import type { Reply } from './transport/exchange.ts'
import { transportOf, transportWarnings } from './transport/options.ts'
import { isEncrypted, transports } from './transport/server.ts'
import type { Edns } from './wire/edns.ts'
import { readEdnsOptions } from './wire/edns-options.ts'
import { className, rcodeCode, rcodeName, typeName, typeOf } from './wire/iana.ts'
import type { Message } from './wire/message.ts'
import { recordText } from './wire/record.ts'

const soa = typeOf('SOA')
const formatError = rcodeCode('FORMERR')
const maxLoggedRecords = 20

function report(ctx: ProbeContext, { reply, cookie }: Asked, request: DnsRequest): void {
  const { message, transport, bytes } = reply
  metrics.setReply(ctx.metrics, reply, request.queryType === soa)
  metrics.setEdns(ctx.metrics, reply, cookie)
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
  if (message.edns !== undefined) logEdns(ctx, message.edns)
  for (const record of message.answer.slice(0, maxLoggedRecords)) {
    ctx.log.debug('answer record', { record: () => shown(recordText(record)) })
  }
}

function logEdns({ log }: ProbeContext, edns: Edns): void {
  const { nsid, extendedErrors, clientSubnet, malformed } = readEdnsOptions(edns)
  log.debug('the answer has EDNS', {
    udp_size: edns.udpBytes,
    nsid,
    ecs_scope: clientSubnet?.scopePrefix,
    malformed_options: malformed.length,
  })
  for (const { code, name, text } of extendedErrors.slice(0, maxLoggedRecords)) {
    log.debug('extended error', { code, name, text })
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
  metrics: [...addressMetrics, ...metrics.dnsMetrics, ...soaMetrics],

  params: () => paramNames,

  warnings(config) {
    const usable = config.allow_params.includes('transport') ? transports : [transportOf(config)]
    return [
      ...(config.query_type === undefined && !config.allow_params.includes('query_type')
        ? ['query_type is not set: ANY, which many servers refuse or shorten (RFC 8482)']
        : []),
      ...(config.edns !== false && config.edns.padding > 0 && !usable.some(isEncrypted)
        ? ['edns.padding hides nothing without the transport dot, doh or doh_http1']
        : []),
      ...transportWarnings(config, usable),
      ...tlsWarnings(config.tls_config),
    ]
  },

  accept,

  async probe(ctx, request) {
    const { config, way } = request
    metrics.setInitial(ctx.metrics, way.transport)
    ctx.metrics.set(metrics.queryInfo, 1, {
      query_name: request.queryName.text,
      query_type: typeName(request.queryType),
      query_class: className(config.query_class),
      transport: way.transport,
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
      const asked = await ask(ctx, request, stopwatch)
      report(ctx, asked, request)
      await judge(ctx, asked.reply, config)
      if (config.soa !== undefined) await compareZone(ctx, request, config.soa, asked)
    } catch (error) {
      stopwatch.stop()
      if (error instanceof ProbeFailure && !ctx.signal.aborted)
        fail(error instanceof DnsFailure ? error.detail : 'other')
      throw error
    } finally {
      ctx.signal.removeEventListener('abort', onAbort)
    }
  },
})
