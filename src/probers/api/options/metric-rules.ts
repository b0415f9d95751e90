import type { MetricDef } from '../../../kit/metrics.ts'
import { decimalNumber } from '../extract/amount.ts'
import type { Path, Report } from '../extract/compiler.ts'
import { type Source, sourcesOf } from '../extract/entries.ts'
import type { Placed } from '../extract/spec.ts'
import type { MetricOptions } from './metric.ts'
import type { Section } from './section.ts'
import type { LabelOptions, ValueOptions } from './value.ts'

/** Labels that Prometheus gives a meaning of its own (histograms, summaries). */
const refusedLabels = new Set(['le', 'quantile'])

/** Labels that Prometheus sets on every series of a target: it renames those of the same name. */
const scrapeLabels = new Set(['target', 'module', 'instance', 'job'])

type Written = number | boolean | string | ValueOptions

const isMap = (written: Written): written is ValueOptions => typeof written === 'object'

/** Numbers and booleans alone, where a number is wanted. */
function checkNumbers({ map = {}, default: fallback }: ValueOptions, at: Path, report: Report): void {
  const isNumber = (value: unknown) => typeof value !== 'string' || decimalNumber(value) !== undefined
  for (const [text, value] of Object.entries(map)) {
    if (!isNumber(value)) report([...at, 'map', text], 'expected a number')
  }
  if (!isNumber(fallback)) report([...at, 'default'], 'expected a number')
}

/** A count does not look at what it counts. */
function checkCount(value: ValueOptions, at: Path, report: Report): void {
  if (value.agg !== 'count') return
  const idle = (['map', 'default', 'scale', 'regex'] as const).filter(key => value[key] !== undefined)
  for (const key of idle) report([...at, key], 'has no meaning for a count')
  if (value.parse !== 'number') report([...at, 'parse'], 'has no meaning for a count')
}

function checkState(value: ValueOptions, at: Path, report: Report): void {
  if (value.parse !== 'number') report([...at, 'parse'], 'has no meaning for a state')
  if (value.scale !== undefined) report([...at, 'scale'], 'has no meaning for a state')
  if (value.agg !== 'first') report([...at, 'agg'], 'has no meaning for a state')
}

function checkNumberSource({ at, value, values, pivot }: Source, { states }: MetricOptions, report: Report): void {
  if (value === undefined && values === undefined) report(at, 'expected value or values')
  if (value !== undefined && values !== undefined) report(values.at, 'excludes value')
  if (values !== undefined && Object.keys(values.written).length === 0) report(values.at, 'expected a value')
  for (const key of Object.keys(values?.written ?? {})) {
    if (key === '') report([...(values?.at ?? []), key], 'expected a name')
  }
  if (pivot !== undefined && values === undefined) report(pivot.at, 'needs values')
  if (states !== undefined) report([...at.slice(0, 2), 'states'], 'needs type: stateset')
  const all: readonly Placed<Written>[] = [
    ...(value === undefined ? [] : [value]),
    ...Object.entries(values?.written ?? {}).map(([key, written]) => ({ at: [...(values?.at ?? []), key], written })),
  ]
  for (const { written, at: place } of all) {
    if (!isMap(written)) continue
    checkNumbers(written, place, report)
    checkCount(written, place, report)
  }
}

function checkStateSource({ at, value, values, pivot }: Source, { states }: MetricOptions, report: Report): void {
  if (value === undefined) report(at, 'a stateset needs value')
  else if (isMap(value.written)) checkState(value.written, value.at, report)
  for (const key of [values, pivot]) if (key !== undefined) report(key.at, 'has no meaning for a stateset')
  if (states === undefined) report(at.slice(0, 2), 'a stateset needs states')
  else if (new Set(states).size < states.length) report([...at.slice(0, 2), 'states'], 'a state stands twice')
}

function checkInfoSource(source: Source, metric: MetricOptions, report: Report): void {
  for (const key of ['value', 'values', 'pivot'] as const) {
    const given = source[key]
    if (given !== undefined) report(given.at, 'an info has no value but 1')
  }
  if (metric.states !== undefined) report([...source.at.slice(0, 2), 'states'], 'needs type: stateset')
  if (metric.on_missing !== 'skip') report([...source.at.slice(0, 2), 'on_missing'], 'an info has no value but 1')
}

function checkLabels(source: Source, metric: MetricOptions, lookups: Section['lookups'], report: Report): void {
  const further = metric.type === 'stateset' ? { at: source.at, written: metric.name } : source.pivot
  for (const [name, { at, written }] of source.labels) {
    if (refusedLabels.has(name)) report(at, `the label ${name} belongs to histograms and summaries`)
    if (name === further?.written)
      report(at, `${metric.type === 'stateset' ? 'the states make' : 'pivot makes'} this label`)
    const { lookup } = typeof written === 'string' ? ({} as Partial<LabelOptions>) : written
    if (lookup !== undefined && !Object.hasOwn(lookups, lookup)) {
      report([...at, 'lookup'], `there is no such entry under lookups: ${lookup}`)
    }
  }
  const pivot = source.pivot?.written
  if (pivot === undefined) return
  if (!/^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(pivot)) report(source.pivot?.at ?? [], 'expected a label name')
  if (refusedLabels.has(pivot)) report(source.pivot?.at ?? [], `the label ${pivot} belongs to histograms and summaries`)
}

const inherited = ['from', 'items', 'zip', 'value', 'values', 'pivot', 'timestamp'] as const

/** What an entry says for its variants, when each of them says it by itself. */
function checkInherited({ first_of: variants, labels, ...entry }: MetricOptions, at: Path, report: Report): void {
  if (variants === undefined) return
  const idle = (path: Path) => report(path, 'has no meaning where every variant has its own')
  const ofValue: readonly string[] = ['value', 'values', 'pivot']
  for (const key of inherited.filter(key => entry[key] !== undefined)) {
    const isOwn = (variant: (typeof variants)[number]) =>
      ofValue.includes(key) ? (variant.value ?? variant.values) !== undefined : variant[key] !== undefined
    if (variants.every(isOwn)) idle([...at, key])
  }
  for (const name of Object.keys(labels)) {
    if (variants.every(variant => Object.hasOwn(variant.labels, name))) idle([...at, 'labels', name])
  }
}

const checkers = {
  gauge: checkNumberSource,
  counter: checkNumberSource,
  untyped: checkNumberSource,
  stateset: checkStateSource,
  info: checkInfoSource,
} as const

/** The rules of metrics that concern several keys. */
export function checkMetrics(section: Section, requests: readonly string[], report: Report): void {
  for (const [index, metric] of section.metrics.entries()) {
    const seen = new Set<string>()
    // What all variants have of the entry is wrong once.
    const once: Report = (at, message) => {
      const key = JSON.stringify([at, message])
      if (!seen.has(key)) report(at, message)
      seen.add(key)
    }
    checkInherited(metric, ['metrics', index], report)
    for (const source of sourcesOf(metric, ['metrics', index])) {
      checkers[metric.type](source, metric, once)
      checkLabels(source, metric, section.lookups, once)
      if (source.from !== undefined && !requests.includes(source.from.written)) {
        once(source.from.at, `there is no such entry under requests: ${source.from.written}`)
      }
    }
  }
}

/** Series that Prometheus adds to those of every target by itself. */
const scrapeSeries =
  /^(?:up|scrape_(?:duration_seconds|samples_scraped|samples_post_metric_relabeling|series_added|timeout_seconds|sample_limit|body_size_bytes))$/

/** What an operator should know of the metrics at load. */
export const metricWarnings = (families: readonly MetricDef[]): readonly string[] =>
  families.flatMap(({ name, type, labels }) => [
    ...labels
      .filter(label => scrapeLabels.has(label))
      .map(label => `metrics: the label ${label} of ${name} becomes exported_${label} in Prometheus`),
    ...(scrapeSeries.test(name) ? [`metrics: Prometheus has a metric ${name} of its own for every target`] : []),
    ...(type === 'counter' && !name.endsWith('_total')
      ? [`metrics: the name of a counter ends in _total: ${name}`]
      : []),
  ])
