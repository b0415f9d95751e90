import { collectDefaultMetrics, type Metric, Registry } from 'prom-client'
import type { Family } from './probe-metrics.ts'

/** The only content type sonde answers metrics with; Prometheus 3 fails a scrape whose type it cannot parse. */
export const contentType = 'text/plain; version=0.0.4; charset=utf-8'

const sortLabels = (labels: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))

// What Go calls a const metric: the registry uses only name, type and get(), so the library's own hash of a label set,
// under which two series can become one, has no part in it.
function constMetric({ name, help, type, samples }: Family): Metric {
  const values = samples.map(({ labels, value }) => ({ labels: sortLabels(labels), value }))
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

/** Prints families, sorted by name, labels by name, in text format 0.0.4. */
export async function render(families: readonly Family[], more: readonly Metric[] = []): Promise<string> {
  const registry = registryOf([...families.map(constMetric), ...more] as (Metric & { readonly name: string })[])
  return (await registry.metrics()).replaceAll('\n\n', '\n') // no value holds a newline; Go prints no empty lines
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
