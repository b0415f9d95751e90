import { compilePattern } from '../../../kit/regexp.ts'
import { type Found, type Query, QueryError } from './query.ts'

/**
 * Compiles a query of text: an RE2 whose first group, else the whole match, is what is found at each occurrence; `.` is
 * the whole text.
 */
export function compileTextQuery(source: string): Query {
  if (source === '.') {
    return { source, cost: { factor: 1, power: 0 }, absolute: false, find: (_, item) => [item.found] }
  }
  let pattern: ReturnType<typeof compilePattern>
  try {
    pattern = compilePattern(source)
  } catch (error) {
    throw new QueryError((error as Error).message, 1, { cause: error })
  }
  return {
    source,
    cost: { factor: pattern.cost, power: 1 },
    absolute: false,
    find(_, item) {
      const { node } = item.found
      if (typeof node !== 'string') return []
      return Array.from(pattern.occurrences(node), ({ text, groups }, key): Found => {
        const value = groups.length === 0 ? text : groups.find(group => group !== undefined)
        return { value, key, node: value }
      })
    },
  }
}
