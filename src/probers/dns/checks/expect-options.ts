import { formatDuration } from '../../../kit/duration.ts'
import { bool, dumps, integer, positiveDuration, text, z } from '../../../kit/options.ts'
import { emptyMeans, recordType } from '../question-options.ts'
import { typeName, typeOf } from '../wire/iana.ts'
import { bindExpectation, type Expectation } from './bind-expectation.ts'

const any = typeOf('ANY')
const maxRecords = 1000

/** A TTL: a duration, or a number of seconds as zone files have it. */
const ttl = () =>
  z.preprocess(
    value => (/^\d+$/.test(String(value)) ? `${value}s` : value),
    positiveDuration().meta({ title: 'duration or seconds' }),
  )

interface Bounds {
  readonly min?: number | undefined
  readonly max?: number | undefined
}

function checkBounds({ min = 0, max = Number.POSITIVE_INFINITY }: Bounds, issues: z.RefinementCtx): void {
  if (min > max) issues.addIssue({ code: 'custom', path: ['min'], message: 'min is above max' })
}

const count = z
  .strictObject({
    min: integer(0).optional().describe('Fewest records.'),
    max: integer(0).optional().describe('Most records.'),
  })
  .superRefine(checkBounds)

const ttls = z
  .strictObject({
    min: ttl().optional().describe('Smallest TTL.'),
    max: ttl().optional().describe('Largest TTL.'),
    exact: ttl().optional().describe('The only TTL, in place of min and max; of caches no answer keeps it.'),
  })
  .superRefine((bounds, issues) => {
    checkBounds(bounds, issues)
    if (bounds.exact === undefined || (bounds.min === undefined && bounds.max === undefined)) return
    issues.addIssue({ code: 'custom', path: ['exact'], message: 'exact stands in place of min and max' })
  })

const written = z.strictObject({
  section: z
    .enum(['answer', 'authority', 'additional'])
    .default('answer')
    .describe('Section of the records: answer, authority or additional.'),
  match: z
    .enum(['exact', 'subset', 'any', 'none'])
    .default('exact')
    .describe('exact: these records and no other; subset: all of these; any: one of these; none: none of these.'),
  follow_cname: bool()
    .default(true)
    .describe('In the answer section: take the records at the end of the chain of aliases.'),
  type: recordType().optional().describe('Type of the records, where it is not query_type.'),
  records: z
    .array(text())
    .max(maxRecords)
    .optional()
    .describe(
      'Data of the records as in a zone file, such as `192.0.2.1`, `10 mail.example.org` or `"v=spf1 -all"`; compared by meaning: case of names, forms of addresses, blanks and cuts do not matter.',
    ),
  count: count.optional().describe('How many records there are.'),
  ttl: ttls.optional().describe('Bounds of the TTL of every record.'),
})

export type WrittenExpectation = z.output<typeof written>

function dump({ written: { type, ttl, ...rest } }: Expectation): object {
  const durations = Object.entries(ttl ?? {}).flatMap(([key, ms]) =>
    ms === undefined ? [] : [[key, formatDuration(ms)]],
  )
  return {
    ...rest,
    ...(type !== undefined && { type: typeName(type) }),
    ...(durations.length > 0 && { ttl: Object.fromEntries(durations) }),
  }
}

/** The option `expect`. */
export const expectOption = () =>
  written
    .transform(bindExpectation)
    .register(dumps, { dump })
    .optional()
    .describe('Records that the answer must have, or must not; each record of these is counted as valid or invalid.')

const queryType = emptyMeans(undefined, recordType().optional())
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Gives `expect` the type that is asked for, before it reads its records. */
export function withExpectedType(section: unknown): unknown {
  if (!isMap(section) || !isMap(section.expect) || 'type' in section.expect) return section
  const asked = queryType.safeParse(section.query_type)
  // Without a sound type nothing can be said of the records.
  if (!asked.success) return { ...section, expect: undefined }
  const isKnown = asked.data !== undefined && asked.data !== any && 'records' in section.expect
  return isKnown ? { ...section, expect: { ...section.expect, type: section.query_type } } : section
}

interface Checked {
  readonly expect?: Expectation | undefined
  readonly allow_params: readonly string[]
}

export function checkExpect({ expect, allow_params }: Checked, issues: z.RefinementCtx): void {
  const at = allow_params.indexOf('query_type')
  if (expect?.records === undefined || at === -1) return
  const message = 'expect.records are of one type: query_type cannot be a parameter'
  issues.addIssue({ code: 'custom', path: ['allow_params', at], message })
}
