import { formatDuration } from '../../../kit/duration.ts'
import { shown } from '../shown.ts'
import { canonicalData, dataText, isMalformed, type RecordData } from '../wire/record.ts'
import type { Expectation } from './bind-expectation.ts'
import type { Selection } from './select.ts'

/** What can become of a record, and of one that is not there. */
export const outcomes = ['match', 'missing', 'unexpected', 'ttl_out_of_bounds', 'malformed'] as const

export type Outcome = (typeof outcomes)[number]

export interface Comparison {
  /** How many records came to what. */
  readonly counts: Readonly<Record<Outcome, number>>
  /** What is wrong with each part of the expectation that is configured. */
  readonly records: string | undefined
  readonly count: string | undefined
  readonly ttl: string | undefined
}

type Limits = Pick<Expectation, 'match' | 'records' | 'count' | 'ttl'>

const maxListed = 3

/** Counts outcomes and keeps the first texts of each. */
function createTally() {
  const counts = { match: 0, missing: 0, unexpected: 0, ttl_out_of_bounds: 0, malformed: 0 }
  const texts = new Map<Outcome, string[]>()
  const listOf = (outcome: Outcome) => {
    const more = counts[outcome] > maxListed ? ', …' : ''
    return `${counts[outcome]} ${outcome} (${texts.get(outcome)?.join(', ')}${more})`
  }
  return {
    counts,
    add(outcome: Outcome, text: () => string) {
      if (counts[outcome]++ < maxListed) texts.set(outcome, [...(texts.get(outcome) ?? []), shown(text())])
    },
    /** Those of some outcomes, in words; undefined when there are none. */
    list: (among: readonly Outcome[]) =>
      among
        .filter(outcome => counts[outcome] > 0)
        .map(listOf)
        .join(', ') || undefined,
  }
}

/** Whether a record may be there that is on the list, or one that is not. */
const isAllowed = (match: Limits['match'], isListed: boolean) =>
  match === 'exact' ? isListed : match === 'none' ? !isListed : true

function outcomeOf(record: RecordData, data: string, { match, records }: Limits, isInBounds: boolean): Outcome {
  if (isMalformed(record)) return 'malformed'
  if (records !== undefined && !isAllowed(match, records.has(data))) return 'unexpected'
  return isInBounds ? 'match' : 'ttl_out_of_bounds'
}

function missingOf({ match, records }: Limits, present: ReadonlySet<string>): readonly string[] {
  if (records === undefined || match === 'none') return []
  const absent = [...records].flatMap(([data, text]) => (present.has(data) ? [] : [text]))
  if (match !== 'any') return absent
  return absent.length === records.size ? [absent.join(' or ')] : []
}

function ttlFault({ min = 0, max = Number.POSITIVE_INFINITY, exact }: NonNullable<Limits['ttl']>, ttlMs: number) {
  if (exact !== undefined) return ttlMs === exact ? undefined : `is not ${formatDuration(exact)}`
  if (ttlMs < min) return `is below ${formatDuration(min)}`
  return ttlMs > max ? `is above ${formatDuration(max)}` : undefined
}

function countFault({ min = 0, max = Number.POSITIVE_INFINITY }: NonNullable<Limits['count']>, count: number) {
  if (count < min) return `are fewer than ${min}`
  return count > max ? `are more than ${max}` : undefined
}

/** Holds records against an expectation. `breathe` is awaited before each. */
export async function compareRecords(
  { records, what }: Selection,
  limits: Limits,
  breathe: () => Promise<void> | undefined,
): Promise<Comparison> {
  const tally = createTally()
  const present = new Set<string>()
  let ttl: string | undefined
  for (const record of records) {
    await breathe()
    const data = canonicalData(record)
    present.add(data)
    const fault = limits.ttl && ttlFault(limits.ttl, record.ttl * 1000)
    if (fault !== undefined) ttl ??= `the TTL ${record.ttl}s of ${shown(dataText(record))} ${fault}`
    tally.add(outcomeOf(record, data, limits, fault === undefined), () => dataText(record))
  }
  for (const text of missingOf(limits, present)) tally.add('missing', () => text)
  const wrong = limits.records && tally.list(['missing', 'unexpected', 'malformed'])
  const count = limits.count && countFault(limits.count, records.length)
  return {
    counts: tally.counts,
    records: wrong && `${what}: ${wrong}`,
    count: count && `${what}: ${records.length} ${count}`,
    ttl: ttl && `${what}: ${ttl}`,
  }
}
