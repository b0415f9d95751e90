import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import { createSlices } from '../kit/slices.ts'
import type { Family, Sample } from './probe-metrics.ts'

/** The only content type sonde answers metrics with; Prometheus 3 fails a scrape whose type it cannot parse. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

function sortLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const names = Object.keys(labels)
  return names.length < 2 ? labels : Object.fromEntries(names.sort().map(name => [name, labels[name] ?? '']))
}

// Otherwise the library makes one for each sample, and an entry in a WeakMap for it: half of the time that it takes.
const sharedLabels = {}

// What Go calls a const metric: the registry uses only name, type and get(), so the library's own hash of a label set,
// under which two series can become one, has no part in it.
function constMetric({ name, help, type, samples }: Family): Metric {
  const values = samples.map(({ suffix, labels, value }) => ({
    metricName: suffix === undefined ? name : name + suffix,
    labels: sortLabels(labels),
    sharedLabels,
    value,
  }))
  return {
    name,
    help,
    type,
    aggregator: 'sum',
    get: () => ({ name, help, type, values }),
    reset() {},
  } as unknown as Metric
}

function registryOf(metrics: readonly (Metric & { readonly name: string })[]): Registry {
  const registry = new Registry()
  for (const metric of metrics.toSorted((a, b) => (a.name < b.name ? -1 : 1))) registry.registerMetric(metric)
  return registry
}

const escaped = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

const valueText = (value: number) =>
  Math.abs(value) === Number.POSITIVE_INFINITY ? (value < 0 ? '-Inf' : '+Inf') : `${value}`

function sampleLine(name: string, { labels, value, atMs }: Sample): string {
  const pairs = Object.entries(sortLabels(labels)).map(
    ([label, text]) => `${label}="${escaped(text).replaceAll('"', '\\"')}"`,
  )
  const set = pairs.length === 0 ? '' : `{${pairs.join(',')}}`
  return `${name}${set} ${valueText(value)}${atMs === undefined ? '' : ` ${atMs}`}\n`
}

/** The library prints more series than these in one go. */
const manySeries = 1000

const never = new AbortController().signal

async function familyText({ name, help, type, samples }: Family): Promise<string> {
  const pause = createSlices(never)
  const parts = [`# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${type}\n`]
  for (let start = 0; start < samples.length; start += manySeries) {
    await pause()
    const some = samples.slice(start, start + manySeries)
    parts.push(some.map(sample => sampleLine(name, sample)).join(''))
  }
  return parts.join('')
}

/**
 * The library holds the event loop while it prints a family, prints no sample timestamps, and takes a metric called
 * `constructor` for one that it has already.
 */
const isBeyondLibrary = ({ name, type, samples }: Family) =>
  (samples.length > manySeries && type !== 'histogram') || name in {} || samples.some(({ atMs }) => atMs !== undefined)

/** Prints families, sorted by name, labels by name, in text format 0.0.4; what the library cannot print comes last. */
export async function render(families: readonly Family[], more: readonly Metric[] = []): Promise<string> {
  const printable = families.filter(family => !isBeyondLibrary(family)).map(constMetric)
  const registry = registryOf([...printable, ...more] as (Metric & { readonly name: string })[])
  const text = (await registry.metrics()).replaceAll('\n\n', '\n') // no value holds a newline; Go prints no empty lines
  const parts = printable.length + more.length > 0 ? [text] : []
  const own = families.filter(isBeyondLibrary).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  for (const family of own) parts.push(await familyText(family))
  return parts.join('')
}

// Gauges whose names end in `_total`: promtool refuses them.
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total']

/** Returns a function that prints families together with `process_*` and `nodejs_*` of this process. */
export function createProcessRender(): (families: readonly Family[]) => Promise<string> {
  const defaults = new Registry()
  collectDefaultMetrics({ register: defaults })
  for (const name of misnamed) defaults.removeSingleMetric(name)
  return families => render(families, defaults.getMetricsAsArray() as unknown as Metric[])
}
