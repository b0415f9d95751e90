import { connectOptions } from '../../../kit/net/connect-options.ts'
import { addressOptions, configPath, integer, text, z } from '../../../kit/options.ts'
import { check } from './check.ts'
import { items } from './items.ts'
import { metric } from './metric.ts'
import { param, request, transportShape } from './transport.ts'
import { query } from './value.ts'

const lookup = z.strictObject({
  from: text().describe('Request whose answer to read.'),
  items: items().describe('Its rows: as in `metrics`.'),
  key: query().describe('Query for what is looked up.'),
  value: query().describe('Query for the text that it stands for.'),
})

export type LookupOptions = z.output<typeof lookup>

/** The section as it is written; `bind.ts` holds its keys against each other and compiles it. */
export const section = z.strictObject({
  ...transportShape,
  ...addressOptions,
  ...connectOptions,
  roots: z
    .array(configPath())
    .default([])
    .describe(
      'Folders, or single files, below which a target `file:PATH` may lie; relative ones from the configuration file.',
    ),
  params: z
    .record(z.string(), param)
    .default({})
    .describe('Query parameters of /probe that may reach requests, as `{{param.NAME}}`.'),
  requests: z
    .record(z.string(), request)
    .optional()
    .describe(
      'Requests by name, each with options of its own: path to body_size_limit as above, and those below. Without, there is one that is called main.',
    ),
  lookups: z
    .record(z.string(), lookup)
    .default({})
    .describe('Tables by name, made of one answer, to turn what stands in another into a label.'),
  metrics: z.array(metric).default([]).describe('Metrics to make of the answers.'),
  checks: z.array(check).default([]).describe('Checks of the answers.'),
  max_series: integer(1, 10_000)
    .default(10_000)
    .describe(
      'Most series of all metrics together, with 8 MB of text in their labels; what is beyond is left out and counted.',
    ),
})

export type Section = z.output<typeof section>
