import { gauge, type MetricSink } from '../../kit/metrics.ts'
import { bool, integer, z } from '../../kit/options.ts'
import { safeText } from '../../kit/text.ts'
import { typeName, typeOf } from './wire/iana.ts'
import type { Message } from './wire/message.ts'
import { nameText } from './wire/name.ts'
import { canonicalData, dataText, type ResourceRecord } from './wire/record.ts'

const soaTimers = [
  gauge('probe_dns_soa_refresh_seconds', 'After how long secondaries look for a new serial number.'),
  gauge('probe_dns_soa_retry_seconds', 'After how long they try again when they could not look.'),
  gauge('probe_dns_soa_expire_seconds', 'After how long without success they give the zone up.'),
  gauge('probe_dns_soa_minimum_seconds', 'How long caches may remember that a name does not exist (RFC 2308).'),
] as const
export const answerHash = gauge(
  'probe_dns_answer_hash',
  'FNV-1a of 32 bits over the data in the answer section, TTLs left out: it changes when the data does.',
)
export const recordTtl = gauge('probe_dns_rr_ttl_seconds', 'TTL of each record; there with `per_record_ttl`.', [
  'section',
  'name',
  'rr_type',
  'value',
])
export const recordTtlTruncated = gauge(
  'probe_dns_rr_ttl_truncated',
  'Whether there are more records than `per_record_ttl.max_series` shows.',
)

export const recordMetrics = [...soaTimers, answerHash, recordTtl, recordTtlTruncated]

/** The option `per_record_ttl`. */
export const perRecordTtlOption = () =>
  z
    .strictObject({
      enabled: bool().default(false).describe('Give the TTL of each record as a series of its own.'),
      max_series: integer(1, 1000).default(50).describe('Most series; what is beyond is cut off.'),
      value_length: integer(1, 255).default(50).describe('Most characters of the data of a record in its label.'),
    })
    .prefault({})
    .describe('Series by record: their labels come from the server, so think of how many there can be.')

export type PerRecordTtl = z.output<ReturnType<typeof perRecordTtlOption>>

const soa = typeOf('SOA')
const rrsig = typeOf('RRSIG')
const firstTimer = 3
const fnvOffset = 0x811c9dc5
const fnvPrime = 0x01000193

interface Shown {
  readonly queryType: number
  readonly perRecordTtl: PerRecordTtl
}

/** Sets what the records of an answer tell. An answer that lacks some of them has no hash. */
export async function setRecords(
  metrics: MetricSink,
  message: Message,
  { queryType, perRecordTtl }: Shown,
  breathe: () => Promise<void> | undefined,
): Promise<void> {
  setSoaTimers(metrics, message)
  if (perRecordTtl.enabled) await setRecordTtls(metrics, message, perRecordTtl, breathe)
  if (!message.flags.tc) metrics.set(answerHash, await hashRecords(message.answer, queryType, breathe))
}

/** Sets the timers of the zone's SOA record, of several the last one, as `probe_dns_serial` does. */
function setSoaTimers(metrics: MetricSink, { answer }: Message): void {
  const values = answer.findLast(record => record.type === soa && record.values !== undefined)?.values
  if (values === undefined) return
  for (const [at, timer] of soaTimers.entries()) metrics.set(timer, values[firstTimer + at] as number)
}

/** The hash of records in any order. Signatures count only where they are asked for: they change all the time. */
export async function hashRecords(
  records: readonly ResourceRecord[],
  queryType: number,
  breathe: () => Promise<void> | undefined,
): Promise<number> {
  const texts: string[] = []
  for (const record of records) {
    await breathe()
    if (record.type !== rrsig || queryType === rrsig) texts.push(`${record.type} ${canonicalData(record)}\n`)
  }
  let hash = fnvOffset
  for (const text of texts.sort()) {
    await breathe()
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), fnvPrime) >>> 0
  }
  return hash
}

/** Sets the TTLs of records; of those that look alike in their labels, the smallest. */
async function setRecordTtls(
  metrics: MetricSink,
  message: Message,
  { max_series, value_length }: PerRecordTtl,
  breathe: () => Promise<void> | undefined,
): Promise<void> {
  const records = (['answer', 'authority', 'additional'] as const).flatMap(section =>
    message[section].map(record => ({ section, record })),
  )
  const smallest = new Map<string, number>()
  for (const { section, record } of records.slice(0, max_series)) {
    await breathe()
    const { name, type, ttl } = record
    const labels = {
      section,
      name: safeText(nameText(name)),
      rr_type: typeName(type),
      value: safeText(dataText(record), value_length),
    }
    const key = JSON.stringify(labels)
    const least = Math.min(ttl, smallest.get(key) ?? ttl)
    smallest.set(key, least)
    metrics.set(recordTtl, least, labels)
  }
  metrics.set(recordTtlTruncated, records.length > max_series)
}
