import type { z } from '../../../kit/options.ts'
import { typeName, typeOf } from '../wire/iana.ts'
import { parseData } from '../wire/parse-data.ts'
import { canonicalData } from '../wire/record.ts'
import type { WrittenExpectation } from './expect-options.ts'

const any = typeOf('ANY')

/** What the records of an answer are held against. */
export interface Expectation extends Omit<WrittenExpectation, 'records'> {
  /** By their canonical form, as they were written. */
  readonly records: ReadonlyMap<string, string> | undefined
  readonly written: WrittenExpectation
}

/** Reads the records as data of their type; each mistake is told at its place. */
function readRecords(texts: readonly string[], type: number, issues: z.RefinementCtx): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [at, text] of texts.entries()) {
    const refuse = (message: string) => issues.addIssue({ code: 'custom', path: ['records', at], message })
    try {
      const data = canonicalData(parseData(type, text))
      if (found.has(data)) refuse('the record is listed twice')
      found.set(data, text)
    } catch (error) {
      refuse(`not data of type ${typeName(type)}: ${(error as Error).message}`)
    }
  }
  return found
}

/** Reads the records that are expected; mistakes become issues. */
export function bindExpectation(expect: WrittenExpectation, issues: z.RefinementCtx): Expectation {
  const { match, type, records, count, ttl } = expect
  const bound = { ...expect, records: records && new Map<string, string>(), written: expect }
  const refuse = (message: string) => issues.addIssue({ code: 'custom', path: ['records'], message })
  // Not `custom`: the loader looks for such issues also where it has taken a faulty option out.
  const miss = (path: string[], message: string) =>
    issues.addIssue({
      code: 'invalid_type',
      expected: 'string',
      input: undefined,
      path,
      message: `missing: ${message}`,
    })
  if (records === undefined && count === undefined && ttl === undefined) miss([], 'expected records, count or ttl')
  if (records === undefined && match !== 'exact') miss(['records'], `expected the records of match: ${match}`)
  if (records?.length === 0 && match !== 'exact') refuse(`match: ${match} needs a record`)
  if (records === undefined || records.length === 0) return bound
  if (type !== undefined && type !== any) return { ...bound, records: readRecords(records, type, issues) }
  miss(['type'], 'query_type ANY does not tell the type of these records')
  return bound
}
