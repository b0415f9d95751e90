import type { Format } from '../document/document.ts'
import { compileQuery } from './compile.ts'
import { compileName } from './name.ts'
import { type Query, QueryError, type Scope } from './query.ts'

/** Text with queries in it, as labels and messages are written: its parts in order. */
export type Template = readonly (string | Query)[]

const quoted = /"[^"]*"|'[^']*'/y

/** Where the brace that closes stands: not one in quotes. */
function closingBrace(source: string, open: number): number {
  for (let at = open + 1; at < source.length; at++) {
    if (source[at] === '}') return at
    quoted.lastIndex = at
    if (quoted.test(source)) at = quoted.lastIndex - 1
  }
  throw new QueryError('expected }', source.length + 1)
}

/**
 * What stands in braces: a name or key, else a query as it would stand without braces, else one of Kubernetes' dialect
 * (`$` means the document in the former, the item in the latter).
 */
function compilePart(part: string, format: Format, scope: Scope): Query {
  const inner = part.slice(1, -1).trim()
  const named = compileName(`{${inner}}`, format, scope)
  if (named !== undefined) return named
  try {
    return compileQuery(inner, format, scope)
  } catch (error) {
    if (format !== 'json' || !/^[.[@]/.test(inner)) throw error
    try {
      return compileQuery(part, format, scope)
    } catch {
      throw error
    }
  }
}

/** Compiles text with `{query}` in it. Throws `QueryError`, with the column in the text. */
export function compileTemplate(source: string, format: Format, scope: Scope): Template {
  const parts: (string | Query)[] = []
  for (let at = 0; at < source.length; ) {
    const open = source.indexOf('{', at)
    const text = source.slice(at, open === -1 ? undefined : open)
    if (text !== '') parts.push(text)
    if (open === -1) break
    at = closingBrace(source, open) + 1
    const part = source.slice(open, at)
    try {
      parts.push(compilePart(part, format, scope))
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      const lead = part.length - part.slice(1).trimStart().length
      throw new QueryError(error.message, open + lead + error.column, { cause: error })
    }
  }
  return parts
}
