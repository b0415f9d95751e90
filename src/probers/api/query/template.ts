import type { Format } from '../document/document.ts'
import { compileQuery } from './compile.ts'
import { type Query, QueryError, type Scope } from './query.ts'

/** Text with queries in it, as labels and messages are written: its parts in order. */
export type Template = readonly (string | Query)[]

/** Compiles text with `{query}` in it. Throws `QueryError`, with the column in the text. */
export function compileTemplate(source: string, format: Format, scope: Scope): Template {
  const parts: (string | Query)[] = []
  let at = 0
  for (const match of source.matchAll(/\{((?:[^{}'"]|'[^']*'|"[^"]*")*)\}/g)) {
    if (match.index > at) parts.push(source.slice(at, match.index))
    const inner = match[1] ?? ''
    const bare = scope.names.has(inner) || /^\^*key$/.test(inner) ? match[0] : inner
    try {
      parts.push(compileQuery(bare, format, scope))
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      throw new QueryError(error.message, match.index + 1 + error.column, { cause: error })
    }
    at = match.index + match[0].length
  }
  if (at < source.length) parts.push(source.slice(at))
  return parts
}
