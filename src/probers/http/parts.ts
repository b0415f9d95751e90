import { type Cel, compileCel } from '../../kit/cel.ts'
import { hasZstd } from '../../kit/net/http/zstd.ts'
import { bool, pattern, text, z } from '../../kit/options.ts'

/** An HTTP version; `HTTP/2` is another word for `HTTP/2.0`. */
export const httpVersion = () =>
  z
    .enum(['HTTP/1.0', 'HTTP/1.1', 'HTTP/2', 'HTTP/2.0', 'HTTP/3.0'])
    .transform(version => (version === 'HTTP/2' ? 'HTTP/2.0' : version))

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
