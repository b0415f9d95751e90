import { compilePattern, type Pattern } from '../../../kit/regexp.ts'
import type { Document, Format } from '../document/document.ts'
import { compileQuery } from './compile.ts'
import { type Cost, type Found, type Item, inPart, QueryError, type Scope } from './query.ts'

/** One level of items, as it stands in the configuration. */
export type Level = string | { readonly path: string; readonly key_regex: string } | { readonly regex: string }

/** What a level costs, for one item around it. */
export interface LevelCost {
  readonly cost: Cost
  readonly absolute: boolean
}

/** A compiled level: the items within an item. */
export interface CompiledLevel {
  /** Names that it captures. */
  readonly names: readonly string[]
  readonly costs: readonly LevelCost[]
  within(document: Document, item: Item): Iterable<Item>
}

function pattern(source: string): Pattern {
  try {
    return compilePattern(source)
  } catch (error) {
    throw new QueryError(`bad regular expression: ${(error as Error).message}`, 1, { cause: error })
  }
}

/** The names of an item, with those of the groups that took part. */
function captured(names: Item['names'], { names: groups }: Pattern, values: readonly unknown[]): Item['names'] {
  const all = new Map(names)
  for (const [name, number] of groups) if (values[number - 1] !== undefined) all.set(name, values[number - 1])
  return all
}

function compilePath(source: string, format: Format, scope: Scope): CompiledLevel {
  const query = compileQuery(source, format, scope)
  return {
    names: [],
    costs: [query],
    *within(document, item) {
      for (const found of query.find(document, item)) yield { found, names: item.names, enclosing: item }
    },
  }
}

function compileKeys(path: string, keyRegex: string, format: Format, scope: Scope): CompiledLevel {
  const query = inPart('path', () => compileQuery(path, format, scope))
  inPart('key_regex', () => pattern(keyRegex))
  const whole = pattern(`\\A(?:${keyRegex})\\z`)
  return {
    names: [...whole.names.keys()],
    costs: [query, { cost: { factor: whole.cost, power: 1 }, absolute: query.absolute }], // keys are part of the octets
    *within(document, item) {
      for (const found of query.find(document, item)) {
        const [match] = whole.occurrences(String(found.key ?? ''))
        if (match !== undefined) yield { found, names: captured(item.names, whole, match.groups), enclosing: item }
      }
    },
  }
}

function compileRegex(regex: string): CompiledLevel {
  const parts = inPart('regex', () => pattern(regex))
  return {
    names: [...parts.names.keys()],
    costs: [{ cost: { factor: parts.cost, power: 1 }, absolute: false }],
    *within(_, item) {
      const { value } = item.found
      if (typeof value !== 'string') return
      let key = 0
      for (const { text, groups } of parts.occurrences(value)) {
        const found: Found = { value: text, key: key++, node: text }
        yield { found, names: captured(item.names, parts, groups), enclosing: item }
      }
    },
  }
}

/** Compiles one level of items. Throws `QueryError`. */
export function compileLevel(level: Level, format: Format, scope: Scope): CompiledLevel {
  if (typeof level === 'string') return compilePath(level, format, scope)
  if ('regex' in level) return compileRegex(level.regex)
  return compileKeys(level.path, level.key_regex, format, scope)
}

/** Compiles parallel lists: a level of one item per index, in the place of the item around it. Throws `QueryError`. */
export function compileZip(zip: Readonly<Record<string, string>>, format: Format, scope: Scope): CompiledLevel {
  const queries = Object.entries(zip).map(
    ([name, source]) => [name, inPart(name, () => compileQuery(source, format, scope))] as const,
  )
  return {
    names: Object.keys(zip),
    costs: queries.map(([, query]) => query),
    *within(document, item) {
      const { found } = item
      const lists = queries.map(([name, query]) => [name, query.find(document, item)] as const)
      const length = Math.max(0, ...lists.map(([, list]) => list.length))
      for (let key = 0; key < length; key++) {
        const names = new Map(item.names)
        for (const [name, { [key]: entry }] of lists) if (entry !== undefined) names.set(name, entry.value)
        const place: Found = {
          get value() {
            return found.value
          },
          key,
          node: found.node,
        }
        yield { found: place, names, enclosing: item }
      }
    },
  }
}
