import { type Cel, compileCel } from '../../kit/cel.ts'
import { hasZstd } from '../../kit/net/http/zstd.ts'
import { bool, dumps, pattern, text, z } from '../../kit/options.ts'

/** Status codes, both ends included. */
export interface StatusRange {
  readonly from: number
  readonly to: number
}

function statusRange(text: string): StatusRange | undefined {
  const [, single, family, from, to] = /^(?:([1-9]\d\d)|([1-5])xx|([1-5]\d\d)-([1-5]\d\d))$/i.exec(text) ?? []
  if (single !== undefined) return { from: Number(single), to: Number(single) }
  if (family !== undefined) return { from: Number(family) * 100, to: Number(family) * 100 + 99 }
  const range = { from: Number(from), to: Number(to) }
  return range.from <= range.to ? range : undefined
}

/** One status (above 599, too: some servers make such up), a class or a range. */
export const statusCode = () =>
  z
    .union([z.int(), z.string()])
    .transform((value, issues): StatusRange => {
      const range = statusRange(String(value))
      if (range !== undefined) return range
      issues.addIssue({ code: 'custom', message: 'expected a status such as 200, 2xx or 200-299' })
      return z.NEVER
    })
    .register(dumps, { dump: ({ from, to }: StatusRange) => (from === to ? from : `${from}-${to}`) })

/** Status codes that HTTP does not have (RFC 9110, 15). */
export const statusWarnings = (ranges: readonly StatusRange[]): readonly string[] =>
  ranges.filter(({ to }) => to > 599).map(({ to }) => `valid_status_codes: ${to} is no status code of HTTP`)

/** An HTTP version; `HTTP/2` is another word for `HTTP/2.0`. */
export const httpVersion = () =>
  z
    .enum(['HTTP/1.0', 'HTTP/1.1', 'HTTP/2', 'HTTP/2.0', 'HTTP/3.0'])
    .transform(version => (version === 'HTTP/2' ? 'HTTP/2.0' : version))

/** A method in capitals; empty text means GET. */
export const method = () =>
  text()
    .transform(value => value.toUpperCase() || 'GET')
    .refine(value => /^[!#$%&'*+.^_`|~\w-]+$/.test(value) && value !== 'CONNECT', { error: 'expected an HTTP method' })

/** A content coding that can be undone; empty text means none. */
export const compression = () =>
  text()
    .transform(value => value.toLowerCase())
    .pipe(
      z.enum(['', 'gzip', 'br', 'deflate', 'zstd', 'identity'], {
        error: 'expected gzip, br, deflate, zstd or identity',
      }),
    )
    .refine(value => value !== 'zstd' || hasZstd, `zstd needs a current Node 24, this is ${process.version}`)

/** A pattern for the values of a header. */
export const headerMatch = z.strictObject({
  header: text()
    .refine(value => value !== '', 'expected the name of a header')
    .describe('Name of the header.'),
  regexp: pattern()
    .refine(({ source }) => source !== '', 'expected a regular expression that is not empty')
    .describe('RE2 pattern to look for in its values.'),
  allow_missing: bool().default(false).describe('Accept an answer without this header.'),
})

/** A CEL expression, compiled at load. */
export const cel = () =>
  text()
    .transform((source, issues): Cel => {
      try {
        return compileCel(source)
      } catch (error) {
        issues.addIssue({ code: 'custom', message: `bad CEL expression: ${(error as Error).message}` })
        return z.NEVER
      }
    })
    .meta({ title: 'CEL expression' })
