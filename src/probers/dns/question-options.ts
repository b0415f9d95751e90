import { dumps, text, z } from '../../kit/options.ts'
import { classCode, className, rcodeCode, rcodeName, typeCode, typeName } from './wire/iana.ts'
import type { Name } from './wire/name.ts'
import { parseName } from './wire/parse-name.ts'

/** A name as it was written, for labels and logs, and as octets. */
export interface QueryName {
  readonly text: string
  readonly name: Name
}

export const queryName = () =>
  text()
    .transform((value, issues): QueryName => {
      try {
        return { text: value, name: parseName(value) }
      } catch (error) {
        issues.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    })
    .register(dumps, { dump: ({ text }: QueryName) => text })

/** Text that stands for a number. */
const coded = (codeOf: (text: string) => number | undefined, nameOf: (code: number) => string, expected: string) =>
  text()
    .transform((value, issues) => {
      const code = codeOf(value)
      if (code !== undefined) return code
      issues.addIssue({ code: 'custom', message: `expected ${expected}` })
      return z.NEVER
    })
    .register(dumps, { dump: nameOf })

export const recordType = () => coded(typeCode, typeName, 'a record type such as A, MX or TYPE65280')
export const queryClass = () => coded(classCode, className, 'one of IN, CS, CH, HS, NONE, ANY')
export const rcode = () => coded(rcodeCode, rcodeName, 'a response code such as NOERROR, NXDOMAIN or REFUSED')

/** Takes an empty text for an option that is not there, as blackbox_exporter does. */
export const emptyMeans = <S extends z.ZodType>(fallback: string | undefined, schema: S) =>
  z.preprocess(value => (value === '' ? fallback : value), schema)
