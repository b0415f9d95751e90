import { DeadlineExceeded, ProbeFailure } from '../../kit/failure.ts'
import { addressMetrics } from '../../kit/net/address.ts'
import { tlsWarnings } from '../../kit/net/tls/context.ts'
import { clientCredentials } from '../../kit/net/tls/options.ts'
import { defineProber, type ProbeContext } from '../../kit/prober.ts'
import { createSlices } from '../../kit/slices.ts'
import { type Asked, ask } from './ask.ts'
import { setOutcomes } from './checks/expectation.ts'
import { judge } from './checks/judge.ts'
import { checkMetrics, recordValidations } from './checks/metrics.ts'
import { dnssecMetrics } from './dnssec/metrics.ts'
import { dnssecWarnings } from './dnssec/options.ts'
import { ednsMetrics, reportEdns } from './edns-report.ts'
import { DnsFailure, type DnsReason } from './failure.ts'
import * as metrics from './metrics.ts'
import { options } from './options.ts'
import { paramNames } from './param-options.ts'
import { recordMetrics, setRecords } from './record-metrics.ts'
import { accept, type DnsRequest } from './request.ts'
import { shown } from './shown.ts'
import { soaMetrics } from './soa/metrics.ts'
import { transportOf, transportWarnings } from './transport/options.ts'
import { isEncrypted, transports } from './transport/server.ts'
import { className, rcodeName, typeName, typeOf } from './wire/iana.ts'
import { recordText } from './wire/record.ts'

const soa = typeOf('SOA')
const maxLoggedRecords = 20

function report(ctx: ProbeContext, { reply, cookie }: Asked, request: DnsRequest): void {
  const { message, transport, bytes } = reply
  metrics.setReply(ctx.metrics, reply, request.queryType === soa)
  if (request.config.expect !== undefined) setOutcomes(ctx.metrics)
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
  reportEdns(ctx, message.edns, cookie)
  for (const record of message.answer.slice(0, maxLoggedRecords)) {
    ctx.log.debug('answer record', { record: () => shown(recordText(record)) })
  }
}

/** Asks a DNS server a question and judges its answer. */
export const dns = defineProber({
  name: 'dns',
  options,
  metrics: [
    ...addressMetrics,
    ...metrics.dnsMetrics,
    ...ednsMetrics,
    ...recordMetrics,
    ...checkMetrics,
    ...dnssecMetrics,
    ...soaMetrics,
  ],

  params: () => paramNames,

  counters: ({ expect }) => (expect === undefined ? [] : [recordValidations]),

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
      ...dnssecWarnings(config.dnssec, config.query_name?.name),
    ]
  },

  credentials: ({ tls_config }) => clientCredentials(tls_config),

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
      const breathe = createSlices(ctx.signal)
      const shape = { queryType: request.queryType, perRecordTtl: config.per_record_ttl }
      await setRecords(ctx.metrics, asked.reply.message, shape, breathe)
      await judge({ ctx, request, asked, breathe })
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
