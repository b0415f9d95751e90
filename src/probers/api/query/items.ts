import { compilePattern, type Pattern } from '../../../kit/regexp.ts'
import type { Document, Format } from '../document/document.ts'
import { compileQuery } from './compile.ts'
import { type Cost, type Found, type Item, type Query, QueryError, type Scope } from './query.ts'
import { foundNode } from './xml.ts'

/** One level of items, as it stands in the configuration. */
export type Level = string | { readonly path: string; readonly key_regex: string } | { readonly regex: string }

export interface ItemsSource {
  /** Levels from the outside in; none is the document itself. */
  readonly items?: Level | readonly Level[] | undefined
  /** Parallel lists, by the name that their values get. They make one more level, of one item per index. */
  readonly zip?: Readonly<Record<string, string>> | undefined
}

/** Compiled items. */
export interface Items {
  /** What a query that is relative to one of them may refer to. */
  readonly scope: Scope
  /** One after another, in document order; made as they are asked for. Throws `QueryFault`. */
  each(document: Document): Iterable<Item>
  readonly costs: readonly { readonly cost: Cost; readonly absolute: boolean }[]
}

const noNames: ReadonlyMap<string, unknown> = new Map()

/** The document, as queries outside of any item see it. */
export function documentItem(document: Document): Item {
  const found = ((): Found => {
    switch (document.format) {
      case 'json':
        return { value: document.value, key: undefined, node: document.value }
      case 'xml':
        return foundNode(document.tree)
      case 'text':
        return { value: document.text, key: undefined, node: document.text }
    }
  })()
  return { found, names: noNames, enclosing: undefined }
}

/** One level: the items within an item. */
interface Step {
  readonly names: readonly string[]
  readonly queries: readonly Query[]
  within(document: Document, item: Item): Iterable<Item>
}

function pattern(source: string, key: string): Pattern {
  try {
    return compilePattern(source)
  } catch (error) {
    throw new QueryError(`${key}: ${(error as Error).message}`, 1, { cause: error })
  }
}

function captured(names: ReadonlyMap<string, unknown>, { names: groups }: Pattern, values: readonly unknown[]) {
  const all = new Map(names)
  for (const [name, number] of groups) if (values[number - 1] !== undefined) all.set(name, values[number - 1])
  return all
}

function compileLevel(level: Level, format: Format, scope: Scope): Step {
  if (typeof level === 'string') {
    const query = compileQuery(level, format, scope)
    return {
      names: [],
      queries: [query],
      *within(document, item) {
        for (const found of query.find(document, item)) yield { found, names: item.names, enclosing: item }
      },
    }
  }
  if ('path' in level) {
    const query = compileQuery(level.path, format, scope)
    const keys = pattern(level.key_regex, 'key_regex')
    return {
      names: [...keys.names.keys()],
      queries: [query],
      *within(document, item) {
        for (const found of query.find(document, item)) {
          const [match] = keys.occurrences(String(found.key ?? ''))
          if (match !== undefined) yield { found, names: captured(item.names, keys, match.groups), enclosing: item }
        }
      },
    }
  }
  const parts = pattern(level.regex, 'regex')
  return {
    names: [...parts.names.keys()],
    queries: [],
    *within(_, item) {
      const { value } = item.found
      if (typeof value !== 'string') return
      let key = 0
      for (const { text, groups } of parts.occurrences(value)) {
        const found = { value: text, key, node: format === 'xml' ? undefined : text }
        yield { found, names: captured(item.names, parts, groups), enclosing: item }
        key++
      }
    },
  }
}

function compileZip(zip: Readonly<Record<string, string>>, format: Format, scope: Scope): Step {
  const queries = Object.entries(zip).map(([name, source]) => [name, compileQuery(source, format, scope)] as const)
  return {
    names: Object.keys(zip),
    queries: queries.map(([, query]) => query),
    *within(document, item) {
      const lists = queries.map(([name, query]) => [name, query.find(document, item)] as const)
      const length = Math.max(0, ...lists.map(([, list]) => list.length))
      for (let key = 0; key < length; key++) {
        const names = new Map(item.names)
        for (const [name, list] of lists) if (list[key] !== undefined) names.set(name, list[key]?.value)
        yield { found: { ...item.found, key }, names, enclosing: item }
      }
    },
  }
}

function* descend(document: Document, item: Item, [step, ...rest]: readonly Step[]): Iterable<Item> {
  if (step === undefined) yield item
  else for (const inner of step.within(document, item)) yield* descend(document, inner, rest)
}

/** Compiles `items` and `zip`. Throws `QueryError`. */
export function compileItems({ items = [], zip }: ItemsSource, format: Format): Items {
  const levels = Array.isArray(items) ? (items as readonly Level[]) : [items as Level]
  const steps: Step[] = []
  let scope: Scope = { names: new Set(), depth: 0 }
  const add = (step: Step) => {
    const twice = step.names.find(name => scope.names.has(name))
    if (twice !== undefined) throw new QueryError(`the name ${twice} is captured twice`)
    steps.push(step)
    scope = { names: new Set([...scope.names, ...step.names]), depth: scope.depth + 1 }
  }
  for (const level of levels) add(compileLevel(level, format, scope))
  if (zip !== undefined) add(compileZip(zip, format, scope))
  return {
    scope,
    costs: steps.flatMap(({ queries }) => queries),
    each: document => descend(document, documentItem(document), steps),
  }
}
