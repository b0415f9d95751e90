import { integer, text, z } from '../../../kit/options.ts'
import { items, zip } from './items.ts'
import { labels, namedValue, numberTypes, query, value } from './value.ts'

export const onMissing = ['skip', 'zero', 'nan', 'fail'] as const
export const onDuplicate = ['first', 'last', 'sum', 'fail'] as const

const timestamp = z.strictObject({
  path: query().describe('Query for the instant.'),
  parse: z
    .enum(['timestamp', 'unix', 'unix_ms'])
    .default('timestamp')
    .describe('How to read it: a date as in RFC 3339 or HTTP, or Unix time in seconds or milliseconds.'),
})

/** Where series come from: what the variants of a metric may each have of their own. */
const sourceShape = {
  from: text().optional().describe('Request whose answer to read; the first one by default.'),
  items: items()
    .optional()
    .describe('Things to make a series of each: a query, or a map, or a list of such for levels inside each other.'),
  zip: zip()
    .optional()
    .describe('Queries for parallel lists by name; each index is an item, with what stands there as `{name}`.'),
  value: value()
    .optional()
    .describe('Value of the series: a number, a query, or a map that tells how to read what is found.'),
  values: z
    .record(z.string(), namedValue())
    .optional()
    .describe('Several values: each key becomes the end of a metric name, or with `pivot` the value of that label.'),
  pivot: text().optional().describe('Label that tells the keys of `values` apart.'),
  timestamp: timestamp.optional().describe('Instant of the samples, for data that is older than the probe.'),
}

const variant = z.strictObject({
  ...sourceShape,
  labels: labels().default({}).describe('Labels, besides those of the metric.'),
})

/** One entry of `metrics`. */
export const metric = z.strictObject({
  name: text().describe('Name of the metric.'),
  type: z
    .enum([...numberTypes, 'stateset', 'info'])
    .default('untyped')
    .describe('Type; stateset: a series for each of `states`; info: always 1; these two are gauges for Prometheus.'),
  help: text().optional().describe('Help text; the name without.'),
  ...sourceShape,
  labels: labels()
    .default({})
    .describe('Labels: text with `{query}` parts, or a map that tells how to read what is found.'),
  states: z
    .array(text())
    .min(1)
    .optional()
    .describe(
      'States of a stateset: the one that the value says is 1, the others 0, in a label named like the metric.',
    ),
  first_of: z
    .array(variant)
    .min(1)
    .optional()
    .describe('Variants: the first one whose request succeeded counts; each adds to the options of the metric.'),
  on_missing: z
    .enum(onMissing)
    .default('skip')
    .describe('Where no value is found: no series, 0, NaN, or fail; counted as missing. A `default` comes first.'),
  on_duplicate: z
    .enum(onDuplicate)
    .default('first')
    .describe('Of several series with the same labels: take the first, the last, their sum, or fail.'),
  max_items: integer(1, 1_000_000).default(1000).describe('Most items that are read.'),
})

export type MetricOptions = z.output<typeof metric>
export type VariantOptions = z.output<typeof variant>
export type MetricType = MetricOptions['type']
