import { gauge, type MetricSink } from '../../../kit/metrics.ts'
import { typeName } from '../wire/iana.ts'
import { type Status, statuses } from './finding.ts'
import type { Signature } from './rrset.ts'
import { expiresAtSeconds, startsAtSeconds } from './times.ts'

const state = gauge(
  'probe_dns_dnssec',
  'What became of the answer with DNSSEC; one status is 1, the others 0. There with the option dnssec.',
  ['status'],
)
const earliestExpiry = gauge(
  'probe_dns_rrsig_earliest_expiry_timestamp_seconds',
  'When the first signature of the answer ends, or of the keys that were asked for.',
)
const expiry = gauge(
  'probe_dns_rrsig_expiry_seconds',
  'Time until the first signature over a type ends; negative when it has ended. At most 16 types.',
  ['type_covered'],
)
const inception = gauge(
  'probe_dns_rrsig_inception_timestamp_seconds',
  'When the youngest signature of the answer begins.',
)

export const dnssecMetrics = [state, earliestExpiry, expiry, inception]

// The types are the server's choice.
const maxTypes = 16

export function setStatus(metrics: MetricSink, status: Status): void {
  for (const each of statuses) metrics.set(state, each === status, { status: each })
}

/** Sets what the times of signatures tell, if there are any. */
export function setSignatures(metrics: MetricSink, signatures: readonly Signature[], nowSeconds: number): void {
  if (signatures.length === 0) return
  const byEnd = signatures
    .map(signature => ({ type: signature.typeCovered, ends: expiresAtSeconds(signature, nowSeconds) }))
    .sort((a, b) => a.ends - b.ends)
  const firstOfType = new Map(byEnd.toReversed().map(({ type, ends }) => [type, ends]))
  const starts = signatures.map(signature => startsAtSeconds(signature, nowSeconds))
  metrics.set(earliestExpiry, byEnd[0]?.ends ?? 0)
  metrics.set(inception, Math.max(...starts))
  for (const [type, ends] of [...firstOfType].sort(([, a], [, b]) => a - b).slice(0, maxTypes)) {
    metrics.set(expiry, ends - nowSeconds, { type_covered: typeName(type) })
  }
}
