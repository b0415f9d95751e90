import type { MetricDef } from '../../../kit/metrics.ts'
import type { CheckResult, Deferred, DocumentResult, EntryResult, ExtractReason, Row } from './answer.ts'
import type { DocumentPlan, Extraction, PlannedEntry } from './plan.ts'
import { createCounts, createRoom, createRows } from './rows.ts'

/** A series with its labels as they are shown. */
export interface Sample {
  readonly def: MetricDef
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  readonly atMs: number | undefined
}

/** What all answers together come to. */
export interface Outcome {
  readonly samples: readonly Sample[]
  readonly errors: readonly { readonly metric: string; readonly reason: ExtractReason; readonly count: number }[]
  readonly checks: readonly (CheckResult & { readonly name: string })[]
  /** Why the probe has failed, failed requests aside: critical checks, and what `on_missing` and `on_duplicate` say. */
  readonly failures: readonly string[]
}

/** What was made of each answer, by request; of a request that failed before, or was not sent, there is nothing. */
export type Results = ReadonlyMap<string, DocumentResult>

/** The variant of an entry whose request was the first to succeed. */
function chosen(entry: number, { from }: PlannedEntry, results: Results): EntryResult | undefined {
  const variant = from.findIndex(request => results.get(request)?.fault === undefined && results.has(request))
  return results.get(from[variant] ?? '')?.entries.find(one => one.entry === entry && one.variant === variant)
}

/** Every table that there is; of a request that failed, none. */
const tablesOf = (results: Results) => new Map([...results.values()].flatMap(({ tables }) => [...tables]))

const resolve = (label: string | Deferred, tables: ReturnType<typeof tablesOf>): string =>
  typeof label === 'string' ? label : (tables.get(label.lookup)?.get(label.key) ?? label.fallback)

/** What is known already is not copied: there may be many. */
const isResolved = (row: Row): row is ResolvedRow => row.labels.every(label => typeof label === 'string')

interface ResolvedRow extends Row {
  readonly labels: readonly string[]
}

function labelsOf({ labels: names }: MetricDef, { labels }: ResolvedRow): Sample['labels'] {
  const named: Record<string, string> = {}
  for (const [place, name] of names.entries()) named[name] = labels[place] ?? ''
  return named
}

/** Puts the series together in the order of the section, whatever the order of the answers was. */
function mergeEntries({ entries, families, maxSeries }: Extraction, results: Results) {
  const tables = tablesOf(results)
  const rows = createRows<ResolvedRow>(createRoom(maxSeries))
  const counted = entries.map((entry, index) => {
    const result = chosen(index, entry, results)
    const counts = createCounts()
    for (const [reason, count] of Object.entries(result?.counts ?? {})) counts.add(reason as ExtractReason, count)
    for (const row of result?.rows ?? []) {
      const resolved = isResolved(row) ? row : { ...row, labels: row.labels.map(label => resolve(label, tables)) }
      rows.add(resolved, entry.onDuplicate, counts)
    }
    return { entry, counts: counts.get() }
  })
  const samples = rows.get().flatMap((row): readonly Sample[] => {
    const def = families[row.family]
    return def === undefined ? [] : [{ def, labels: labelsOf(def, row), value: row.value, atMs: row.atMs }]
  })
  return { samples, counted }
}

type NamedCheck = Outcome['checks'][number]

/** Checks that could not be made, as their request has failed: they have, too, where it is required; else who knows. */
const unmade = ({ request, required }: DocumentPlan, checks: DocumentPlan['checks']): readonly CheckResult[] =>
  checks.flatMap(({ written: { name, severity } }) =>
    required ? [{ name, severity, passed: false, message: `the request ${request} failed` }] : [],
  )

const named = (checks: readonly CheckResult[]): readonly NamedCheck[] =>
  checks.flatMap(({ name, ...rest }) => (name === undefined ? [] : [{ name, ...rest }]))

function checksOf(plan: DocumentPlan, result: DocumentResult | undefined) {
  const isGood = result !== undefined && result.fault === undefined
  const isJudged = result !== undefined && result.conditions.length > 0
  return {
    conditions: named(isJudged ? result.conditions : unmade(plan, plan.conditions)),
    checks: named(isGood ? result.checks : unmade(plan, plan.checks)),
  }
}

/** Puts together what was made of the answers. The order of `results` does not matter. */
export function merge(extraction: Extraction, results: Results): Outcome {
  const { samples, counted } = mergeEntries(extraction, results)
  const byRequest = [...extraction.documents.values()].map(plan => checksOf(plan, results.get(plan.request)))
  const checks = byRequest.flatMap(one => one.checks)
  const errors = new Map<string, Outcome['errors'][number]>()
  for (const { entry, counts } of counted) {
    for (const [reason, count] of Object.entries(counts) as [ExtractReason, number][]) {
      const key = `${entry.name} ${reason}`
      errors.set(key, { metric: entry.name, reason, count: count + (errors.get(key)?.count ?? 0) })
    }
  }
  const failures = counted.flatMap(({ entry, counts }) => [
    ...(entry.onMissing === 'fail' && (counts.missing ?? 0) + (counts.not_a_number ?? 0) > 0
      ? [`metric ${entry.name}: a value is missing`]
      : []),
    ...(entry.onDuplicate === 'fail' && (counts.duplicate ?? 0) > 0
      ? [`metric ${entry.name}: several series have the same labels`]
      : []),
  ])
  const bad = checks.filter(({ passed, severity }) => !passed && severity === 'critical').map(({ message }) => message)
  return {
    samples,
    errors: [...errors.values()],
    checks: byRequest.flatMap(one => [...one.conditions, ...one.checks]),
    failures: [...bad, ...failures],
  }
}
