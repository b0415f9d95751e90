import { number, positiveDuration, text, z } from '../../kit/options.ts'

const filled = () => text().refine(value => value !== '', { error: 'expected a text that is not empty' })

const metric = z
  .strictObject({
    name: filled().describe('Name of the metric.'),
    labels: z.record(z.string(), text()).default({}).describe('Labels that its series must have, others aside.'),
    min: number().optional().describe('Smallest value.'),
    max: number().optional().describe('Largest value.'),
    equals: number().optional().describe('The value itself.'),
  })
  .refine(({ min, max, equals }) => [min, max, equals].some(bound => bound !== undefined), {
    error: 'expected min, max or equals',
  })
  .refine(({ min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }) => min <= max, {
    error: 'min is above max',
  })

const check = z.strictObject({
  name: filled().optional().describe('What reports call it; the target unless given.'),
  module: filled().describe('Module of the modules file.'),
  target: filled().describe('What to probe.'),
  params: z.record(z.string(), text()).default({}).describe('Parameters that the module declares.'),
  expect: z.enum(['up', 'down']).default('up').describe('Whether the probe has to succeed or to fail.'),
  max_duration: positiveDuration().optional().describe('The longest that the probe may take.'),
  metrics: z.array(metric).default([]).describe('What its metrics have to be.'),
})

/** Tells a check from the others, also where one target has several modules. */
const keyOf = ({ name, module, target }: Check) => name ?? `${module} ${target}`

/** A checks file: a list of what has to hold. */
export const checksFile = z
  .array(check)
  .min(1)
  .superRefine((checks, context) => {
    const keys = checks.map(keyOf)
    keys.forEach((key, index) => {
      if (keys.indexOf(key) !== index) {
        context.addIssue({ code: 'custom', path: [index, 'name'], message: 'two checks have this name' })
      }
    })
  })
  .transform(checks => checks.map(entry => ({ ...entry, key: keyOf(entry), name: entry.name ?? entry.target })))

type Check = z.output<typeof check>

/** A check with its name, and what tells it from the others. */
export type NamedCheck = z.output<typeof checksFile>[number]
