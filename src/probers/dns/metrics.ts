import { gauge, type MetricSink } from '../../kit/metrics.ts'
import { tlsMetrics } from '../../kit/net/metrics.ts'
import type { Reply } from './transport/exchange.ts'
import { isEncrypted, type Phase, type Transport } from './transport/server.ts'
import { rcodeName } from './wire/iana.ts'
import { soaSerial } from './wire/record.ts'

export const duration = gauge('probe_dns_duration_seconds', 'Duration of DNS request by phase', ['phase'])
export const answerRecords = gauge(
  'probe_dns_answer_rrs',
  'Returns number of entries in the answer resource record list',
)
export const authorityRecords = gauge(
  'probe_dns_authority_rrs',
  'Returns number of entries in the authority resource record list',
)
export const additionalRecords = gauge(
  'probe_dns_additional_rrs',
  'Returns number of entries in the additional resource record list',
)
export const querySucceeded = gauge(
  'probe_dns_query_succeeded',
  'Displays whether or not the query was executed successfully',
)
export const serial = gauge('probe_dns_serial', 'Returns the serial number of the zone')
export const queryInfo = gauge('probe_dns_query_info', 'What was asked, and how; always 1.', [
  'query_name',
  'query_type',
  'query_class',
  'transport',
])
export const rcode = gauge('probe_dns_rcode', 'Response code as a number of twelve bits.')
export const rcodeInfo = gauge('probe_dns_rcode_info', 'Response code by name; always 1.', ['rcode'])
export const flag = gauge('probe_dns_flag', 'Flags of the answer; do is that of EDNS.', ['flag'])
export const truncated = gauge(
  'probe_dns_truncated',
  'Whether an answer came back truncated, also one that TCP then replaced.',
)
export const tcpFallback = gauge('probe_dns_tcp_fallback', 'Whether the question was asked again over TCP.')
export const ignoredResponses = gauge(
  'probe_dns_ignored_responses',
  'Datagrams from the server that did not answer the query.',
)
export const attempts = gauge(
  'probe_dns_attempts',
  'How often the question was asked because there was no answer; 1 without retries.',
)
export const httpStatusCode = gauge('probe_http_status_code', 'Response HTTP status code')
export const responseBytes = gauge('probe_dns_response_bytes', 'Size of the answer in octets.')
export const answerTtl = gauge('probe_dns_answer_ttl_seconds', 'Smallest and largest TTL in the answer section.', [
  'stat',
])
export const failure = gauge(
  'probe_dns_failure',
  'Why the probe failed, in more detail than probe_failure_info; always 1.',
  ['reason'],
)

/** All of them, for the prober's definition. */
export const dnsMetrics = [
  duration,
  answerRecords,
  authorityRecords,
  additionalRecords,
  querySucceeded,
  serial,
  queryInfo,
  rcode,
  rcodeInfo,
  flag,
  truncated,
  tcpFallback,
  ignoredResponses,
  attempts,
  responseBytes,
  answerTtl,
  httpStatusCode,
  failure,
  ...tlsMetrics,
]

/** Sets what blackbox_exporter has on every probe; with TLS, its phase in addition. */
export function setInitial(metrics: MetricSink, transport: Transport): void {
  for (const phase of ['resolve', 'connect', 'request'] as const) metrics.set(duration, 0, { phase })
  if (isEncrypted(transport)) metrics.set(duration, 0, { phase: 'tls' })
  for (const def of [answerRecords, authorityRecords, additionalRecords, querySucceeded]) metrics.set(def, 0)
}

/** Sets what an answer tells, whatever the checks say of it. */
export function setReply(metrics: MetricSink, reply: Reply, asksForSoa: boolean): void {
  const { message } = reply
  const { answer, authority, additional, edns } = message
  metrics.set(querySucceeded, 1)
  metrics.set(answerRecords, answer.length)
  metrics.set(authorityRecords, authority.length)
  metrics.set(additionalRecords, additional.length)
  if (asksForSoa) metrics.set(serial, answer.map(soaSerial).findLast(number => number !== undefined) ?? 0)
  metrics.set(rcode, message.rcode)
  metrics.set(rcodeInfo, 1, { rcode: rcodeName(message.rcode) })
  const { aa, tc, rd, ra, ad, cd } = message.flags
  const flags = { aa, tc, rd, ra, ad, cd, do: edns?.dnssecOk ?? false }
  for (const [name, isSet] of Object.entries(flags)) metrics.set(flag, isSet, { flag: name })
  metrics.set(truncated, reply.wasTruncated)
  metrics.set(tcpFallback, reply.fellBack)
  metrics.set(responseBytes, reply.bytes)
  const ttls = answer.map(({ ttl }) => ttl)
  if (ttls.length === 0) return
  metrics.set(answerTtl, Math.min(...ttls), { stat: 'min' })
  metrics.set(answerTtl, Math.max(...ttls), { stat: 'max' })
}

export type Stopwatch = ReturnType<typeof createStopwatch>

/** Measures phases, one after another; a phase that comes again adds to its time. */
export function createStopwatch(metrics: MetricSink) {
  const spentMs = new Map<Phase, number>()
  let running: { readonly phase: Phase; readonly sinceMs: number } | undefined

  const stop = () => {
    if (running === undefined) return
    const ms = (spentMs.get(running.phase) ?? 0) + performance.now() - running.sinceMs
    spentMs.set(running.phase, ms)
    metrics.set(duration, ms / 1000, { phase: running.phase })
    running = undefined
  }
  const start = (phase: Phase) => {
    stop()
    running = { phase, sinceMs: performance.now() }
  }
  return { start, stop }
}
