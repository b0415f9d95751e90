import { compilePattern, type Pattern } from '../../../kit/regexp.ts'
import { type Found, maxFound, type Query, QueryError, tooMuchFound } from './query.ts'

function compile(source: string): Pattern {
  try {
    return compilePattern(source)
  } catch (error) {
    throw new QueryError(`bad regular expression: ${(error as Error).message}`, 1, { cause: error })
  }
}

/** Compiles a query of text: `.` is the item's text; an RE2 finds its first group that took part, or else what it matches. */
export function compileTextQuery(source: string): Query {
  if (source === '.') {
    return { source, cost: { factor: 1, power: 0 }, absolute: false, find: (_, item) => [item.found] }
  }
  if (/^\$[.[]/.test(source)) {
    throw new QueryError('$ is the end of the text here, after which nothing comes: a JSONPath needs format: json')
  }
  const pattern = compile(source)
  return {
    source,
    cost: { factor: pattern.cost, power: 1 },
    absolute: false,
    find(_, item) {
      const { node } = item.found
      if (typeof node !== 'string') return []
      const found: Found[] = []
      for (const { text, groups } of pattern.occurrences(node)) {
        const value = groups.find(group => group !== undefined) ?? text
        if (found.length === maxFound) throw tooMuchFound()
        found.push({ value, key: found.length, node: value })
      }
      return found
    },
  }
}
