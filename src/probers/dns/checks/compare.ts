import { formatDuration } from '../../../kit/duration.ts'
import { shown } from '../shown.ts'
import { canonicalData, dataText, isMalformed } from '../wire/record.ts'
import type { Expectation } from './expect-options.ts'
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

/** Texts of records that have something in common: how many, and the first of them. */
function createList(label: string) {
  const first: string[] = []
  let count = 0
  return {
    add(text: () => string) {
      if (count++ < maxListed) first.push(shown(text()))
    },
    get count() {
      return count
    },
    text: () => `${count} ${label} (${first.join(', ')}${count > maxListed ? ', …' : ''})`,
  }
}

/** Whether a record may be there that is on the list, or one that is not. */
const isAllowed = (match: Limits['match'], isListed: boolean) =>
  match === 'exact' ? isListed : match === 'none' ? !isListed : true

function missingOf({ match, records = new Map() }: Limits, present: ReadonlySet<string>): readonly string[] {
  const absent = [...records].flatMap(([data, text]) => (present.has(data) ? [] : [text]))
  if (match === 'none') return []
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
  const present = new Set<string>()
  const lists = {
    missing: createList('missing'),
    unexpected: createList('unexpected'),
    malformed: createList('malformed'),
  }
  let matches = 0
  let outOfBounds = 0
  let ttl: string | undefined
  for (const record of records) {
    await breathe()
    const data = canonicalData(record)
    present.add(data)
    const fault = limits.ttl && ttlFault(limits.ttl, record.ttl * 1000)
    if (fault !== undefined) ttl ??= `the TTL ${record.ttl}s of ${shown(dataText(record))} ${fault}`
    if (isMalformed(record)) lists.malformed.add(() => dataText(record))
    else if (limits.records !== undefined && !isAllowed(limits.match, limits.records.has(data))) {
      lists.unexpected.add(() => dataText(record))
    } else if (fault !== undefined) outOfBounds++
    else matches++
  }
  for (const text of missingOf(limits, present)) lists.missing.add(() => text)
  const faults = [lists.missing, lists.unexpected, lists.malformed].filter(({ count }) => count > 0)
  const isFaulty = limits.records !== undefined && faults.length > 0
  const count = limits.count && countFault(limits.count, records.length)
  return {
    counts: {
      match: matches,
      missing: lists.missing.count,
      unexpected: lists.unexpected.count,
      ttl_out_of_bounds: outOfBounds,
      malformed: lists.malformed.count,
    },
    records: isFaulty ? `${what}: ${faults.map(list => list.text()).join(', ')}` : undefined,
    count: count && `${what}: ${records.length} ${count}`,
    ttl: ttl && `${what}: ${ttl}`,
  }
}
