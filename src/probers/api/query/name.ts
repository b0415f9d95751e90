import type { Format } from '../document/document.ts'
import { type Found, type Item, type Query, QueryError, type Scope } from './query.ts'

const cost = { factor: 1, power: 0 }

/** The item that `levels` carets lead to; the document when there are not so many. */
export function climb(item: Item, levels: number): Item {
  let at = item
  for (let level = 0; level < levels && at.enclosing !== undefined; level++) at = at.enclosing
  return at
}

const none: readonly Found[] = []

const foundValue = (value: unknown): readonly Found[] =>
  value === undefined ? none : [{ value, key: undefined, node: undefined }]

/**
 * Compiles `{key}`, `{^key}` and `{name}` of a name that is captured. `undefined` when the source is none of them: in
 * XML, a name that is not captured is that of a child.
 */
export function compileName(source: string, format: Format, scope: Scope): Query | undefined {
  const key = /^\{(\^*)key\}$/.exec(source)
  if (key !== null) {
    const levels = key[1]?.length ?? 0
    if (levels >= scope.depth) {
      throw new QueryError(
        scope.depth === 0 ? 'there are no items that have a key' : 'that many ^ lead beyond the items',
      )
    }
    return { source, cost, absolute: false, find: (_, item) => foundValue(climb(item, levels).found.key) }
  }
  const name = /^\{([\p{L}_][\p{L}\p{N}_]*)\}$/u.exec(source)?.[1]
  if (name !== undefined && scope.names.has(name)) {
    return { source, cost, absolute: false, find: (_, item) => foundValue(item.names.get(name)) }
  }
  if (name === undefined || format === 'xml') return undefined
  throw new QueryError(`no name ${name} is captured here`)
}
