import { bool, integer, text, z } from '../../../kit/options.ts'
import { meta, parse, query, re2, scalar } from './value.ts'

/** A number; or a duration, where times are compared. */
const bound = () => z.union([z.number(), text()]).meta({ title: 'number or duration' })

const count = z
  .strictObject({
    min: integer(0).optional().describe('Fewest things.'),
    max: integer(0).optional().describe('Most things.'),
  })
  .superRefine(({ min, max }, issues) => {
    if (min === undefined && max === undefined) issues.addIssue({ code: 'custom', message: 'expected min or max' })
    if ((min ?? 0) > (max ?? Number.POSITIVE_INFINITY))
      issues.addIssue({ code: 'custom', path: ['min'], message: 'min is above max' })
  })

const shape = {
  path: query().optional().describe('Query for what is checked.'),
  meta: meta()
    .optional()
    .describe('Something of the answer beside its body: see `metrics`; of tls_not_after, the time that is left.'),
  parse: parse(),
  equals: scalar().optional().describe('The text or number that it must be.'),
  in: z.array(scalar()).min(1).optional().describe('Texts or numbers of which it must be one.'),
  not_in: z.array(scalar()).min(1).optional().describe('Texts or numbers of which it must be none.'),
  regex: re2().optional().describe('RE2 pattern that must be in its text.'),
  min: bound().optional().describe('Smallest number; for times, seconds or a duration such as `14d`.'),
  max: bound().optional().describe('Largest number; for times, seconds or a duration such as `26h`.'),
  range: text()
    .optional()
    .describe('Range of Nagios plugins: fails outside of `10`, `10:`, `~:10`, `10:20`; with `@10:20`, inside.'),
  exists: bool().optional().describe('Whether something must be found, or nothing.'),
  count: count.optional().describe('How many things must be found.'),
  quantifier: z
    .enum(['all', 'any'])
    .default('all')
    .describe('Of several things that are found: whether all must pass, or any.'),
  severity: z
    .enum(['critical', 'warning'])
    .default('critical')
    .describe('Whether the probe fails when it does (critical), or it is only told (warning).'),
  message: text().optional().describe('What to say when it fails; with `{query}` parts.'),
}

/** The matchers, of which a check has one or more. */
export const matchers = ['equals', 'in', 'not_in', 'regex', 'min', 'max', 'range', 'exists', 'count'] as const

const nameOfCheck = () => text().refine(name => name !== '', { error: 'expected a name' })

/** A check of one request: when it fails, the request has failed. */
export const requestCheck = z.strictObject({
  name: nameOfCheck().optional().describe('Name, for a check that is to be told as a series.'),
  ...shape,
})

/** A check of the module. */
export const check = z.strictObject({
  name: nameOfCheck().describe('Name, the label `check`.'),
  from: text().optional().describe('Request whose answer is checked; the first one by default.'),
  ...shape,
})

export type CheckOptions = z.output<typeof requestCheck>
