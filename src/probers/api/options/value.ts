import { isToken } from '../../../kit/net/http/token.ts'
import { bool, number, text, z } from '../../../kit/options.ts'

/** A query in the language of the document's format; it is compiled with the whole section, where that is known. */
export const query = () =>
  text()
    .refine(source => source.trim() !== '', { error: 'expected a query' })
    .meta({ title: 'query' })

/** RE2; compiled with the whole section. */
export const re2 = () => text().meta({ title: 'regular expression' })

/** Text, a number or a boolean, as it was written. */
export const scalar = () => z.union([z.number(), z.boolean(), text()]).meta({ title: 'text, number, true or false' })

export const parses = ['number', 'bool', 'timestamp', 'unix', 'unix_ms', 'age', 'duration', 'bytes'] as const
export type Parse = (typeof parses)[number]

export const aggregates = ['first', 'count', 'sum', 'min', 'max', 'avg'] as const
export type Aggregate = (typeof aggregates)[number]

const parseHelp =
  'timestamp: a date as in RFC 3339 or HTTP, or Unix time; unix, unix_ms: Unix time; age: seconds since such a timestamp; duration: text such as `1h30m`, `PT90M` or `1.02:30:00`, or seconds; bytes: `512`, `10 kB` (1000), `10 KiB` (1024).'

export const parse = () => z.enum(parses).default('number').describe(`How to read what was found. ${parseHelp}`)

const isMeta = (name: string) =>
  ['status_code', 'duration', 'size', 'tls_not_after'].includes(name) ||
  (name.startsWith('header:') && isToken(name.slice('header:'.length)))

/** What is known of an answer beside its body. */
export const meta = () =>
  text()
    .refine(name => isMeta(name), {
      error: 'expected status_code, duration, size, tls_not_after or header:NAME',
    })
    .meta({ title: 'status_code, duration, size, tls_not_after or header:NAME' })

const valueShape = {
  path: query().optional().describe('Query for the value.'),
  first_of: z.array(query()).min(1).optional().describe('Queries, of which the first one that finds something counts.'),
  meta: meta()
    .optional()
    .describe(
      'Something of the answer beside its body: its status, seconds it took, octets of its body, Unix time at which the certificate ends, or a header.',
    ),
  parse: parse(),
  map: z
    .record(z.string(), scalar())
    .optional()
    .describe('Values by the text that was found, such as `{UP: 1, DOWN: 0}`; what is not in it is read as usual.'),
  default: scalar().optional().describe('Value where nothing is found, or what is found is not in `map`.'),
  scale: number()
    .refine(factor => factor !== 0, { error: 'expected another factor than 0' })
    .optional()
    .describe('Factor for what was read; values of `map` and `default` stay as they are.'),
  regex: re2()
    .optional()
    .describe('RE2 pattern: its first group, or else what it matches, is read in place of the whole text.'),
  agg: z
    .enum(aggregates)
    .default('first')
    .describe('What to make of several things that are found; count does not read them.'),
}

const sources = ['path', 'first_of', 'meta'] as const

interface Sources {
  readonly path?: string | undefined
  readonly first_of?: readonly string[] | undefined
  readonly meta?: string | undefined
}

function checkSources(value: Sources, issues: z.RefinementCtx): void {
  const given = sources.filter(key => value[key] !== undefined)
  if (given.length === 1) return
  const message = given.length === 0 ? 'expected path, first_of or meta' : `excludes ${given[0]}`
  issues.addIssue({ code: 'custom', path: given.slice(1, 2), message })
}

const valueMap = z.strictObject(valueShape).superRefine(checkSources)

/** A value: a constant, a query, or a map that tells more. */
export const value = () => z.union([number(), z.boolean(), query(), valueMap])

export const numberTypes = ['gauge', 'counter', 'untyped'] as const

const namedValueMap = z
  .strictObject({
    ...valueShape,
    type: z.enum(numberTypes).optional().describe('Type of this one, where it is not that of the metric.'),
    help: text().optional().describe('Help text of this one.'),
  })
  .superRefine(checkSources)

/** One of several values of a metric. */
export const namedValue = () => z.union([number(), z.boolean(), query(), namedValueMap])

/** A value as a map. */
export type ValueOptions = z.output<typeof namedValueMap>

const labelMap = z.strictObject({
  path: query().describe('Query for the text of the label.'),
  regex: re2()
    .optional()
    .describe(
      'RE2 pattern: its first group, or else what it matches, is taken; what does not match counts as missing.',
    ),
  lower: bool().default(false).describe('Write it in lower case.'),
  map: z
    .record(z.string(), text())
    .optional()
    .describe('Other texts for some; what is not in it becomes `default`, and without one stays as it is.'),
  lookup: text().optional().describe('Name of the lookup that turns it into another text.'),
  default: text()
    .optional()
    .describe('Text where nothing is found, in the document, `map` or the lookup; empty without.'),
})

export type LabelOptions = z.output<typeof labelMap>

/** Labels: text with `{query}` parts, or maps that tell more. */
export const labels = () =>
  z.record(
    z.string().refine(name => /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/.test(name), { error: 'expected a label name' }),
    z.union([text(), labelMap]),
  )
