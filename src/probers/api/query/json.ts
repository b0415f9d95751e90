import { compileJsonPath } from './json-path.ts'
import { climb } from './name.ts'
import { type Found, type Query, QueryError, type Scope } from './query.ts'

/** Compiles RFC 9535 with sonde's prefixes. */
export function compileJsonQuery(source: string, scope: Scope): Query {
  const relative = /^(\^*)([.[].*|)$/s.exec(source.replace(/^\{(.*)\}$/, '$1'))
  const absolute = source.startsWith('$')
  if (!absolute && (relative === null || source === '')) throw new QueryError('expected a query')
  const levels = relative?.[1]?.length ?? 0
  if (levels > scope.depth) throw new QueryError('that many ^ lead beyond the document')
  const rest = relative?.[2] ?? ''
  const path = absolute ? source : `$${rest === '.' ? '' : rest.replace(/^\.(?=\[)/, '')}`
  let compiled: ReturnType<typeof compileJsonPath>
  try {
    compiled = compileJsonPath(path)
  } catch (error) {
    throw new QueryError((error as Error).message, 1, { cause: error })
  }
  return {
    source,
    cost: { factor: 1, power: 1 },
    absolute,
    find(document, item) {
      if (document.format !== 'json') return []
      const base = absolute ? document.value : climb(item, levels).found.node
      return Array.from(
        compiled.places(base),
        ({ value, location }): Found => ({ value, key: location.at(-1), node: value }),
      )
    },
  }
}
