import { compilePattern, type Pattern } from '../../../kit/regexp.ts'
import type { Document, Format } from '../document/document.ts'
import { compileQuery } from '../query/compile.ts'
import { compileItems, type Items, type ItemsSource } from '../query/items.ts'
import { type Cost, type Found, type Item, type Query, QueryError, QueryFault, type Scope } from '../query/query.ts'
import { compileTemplate } from '../query/template.ts'
import type { Meta } from './answer.ts'
import { toText } from './text.ts'

/** Where something stands in the section. */
export type Path = readonly (string | number)[]

/** Takes a mistake in the section. */
export type Report = (path: Path, message: string) => void

/** An answer while it is read. */
export interface Visit {
  readonly document: Document
  readonly meta: Meta
  readonly nowMs: number
}

/** What compiles the texts of one document. Mistakes are reported; what stands for them finds nothing. */
export interface Compiler {
  readonly format: Format
  readonly report: Report
  /** Whether anything of the body is read. */
  readonly readsBody: boolean
  /** About how many steps it takes to read a body of so many octets. */
  steps(bytes: number): number
  query(source: string, path: Path, place: Place): Query
  template(source: string, path: Path, place: Place): (visit: Visit, item: Item) => string
  /** A pattern for what is found; `times` is how often the very same may be. */
  pattern(source: string, path: Path, times?: number): Pattern | undefined
  items(
    source: ItemsSource,
    at: ItemsPlaces,
    maxItems: number,
  ): { readonly items: Items; readonly place: Place } | undefined
}

/** Where the parts of items stand. */
export interface ItemsPlaces {
  readonly items: Path
  readonly zip?: Path | undefined
}

/** Where a query stands: what it may refer to, and how often it is put at most. */
export interface Place {
  readonly scope: Scope
  readonly times: number
}

/** Outside of items. */
export const atDocument: Place = { scope: { names: new Set(), depth: 0 }, times: 1 }

const nothing: Query = { source: '', cost: { factor: 0, power: 0 }, absolute: false, find: () => [] }

/** How often the very same may be found in one answer. */
export const timesOf = ({ absolute }: Query, { times }: Place): number => (absolute ? times : 1)

/** Everything that a query finds; nothing where it cannot be evaluated. */
export function findAll(query: Query, { document }: Visit, item: Item): readonly Found[] {
  try {
    return query.find(document, item)
  } catch (error) {
    if (error instanceof QueryFault) return []
    throw error
  }
}

/** The text of the first thing that a query finds, from `room` on maybe cut; undefined for nothing and for null. */
export function findText(query: Query, visit: Visit, item: Item, room?: number): string | undefined {
  const value = findAll(query, visit, item)[0]?.value ?? undefined
  return value === undefined ? undefined : toText(value, room)
}

export function createCompiler(format: Format, report: Report): Compiler {
  let [readsItems, hasQuery] = [false, false]
  const counted: { readonly cost: Cost; readonly times: number }[] = []

  /** A relative query looks at all items together just once. */
  const count = (query: Pick<Query, 'cost' | 'absolute'>, { times }: Place) => {
    hasQuery = true
    counted.push({ cost: query.cost, times: query.absolute || query.cost.power === 0 ? times : 1 })
  }

  function attempt<T>(path: Path, work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      report(path, `bad query, at column ${error.column}: ${error.message}`)
      return undefined
    }
  }

  function attemptItems(at: ItemsPlaces, work: () => Items): Items | undefined {
    try {
      return work()
    } catch (error) {
      if (!(error instanceof QueryError)) throw error
      const [part, ...rest] = error.path
      const path = [...((part === 'zip' ? at.zip : undefined) ?? at.items), ...rest]
      const isQuery = !/regex$/.test(String(rest.at(-1)))
      report(path, isQuery ? `bad query, at column ${error.column}: ${error.message}` : error.message)
      return undefined
    }
  }

  return {
    format,
    report,
    get readsBody() {
      return readsItems || hasQuery
    },
    // There are no more items than octets.
    steps: bytes =>
      counted.reduce((sum, { cost, times }) => sum + Math.min(times, bytes) * cost.factor * bytes ** cost.power, 0),
    query(source, path, place) {
      const query = attempt(path, () => compileQuery(source, format, place.scope)) ?? nothing
      count(query, place)
      return query
    },
    template(source, path, place) {
      const parts = attempt(path, () => compileTemplate(source, format, place.scope)) ?? []
      for (const part of parts) if (typeof part !== 'string') count(part, place)
      return (visit, item) =>
        parts.map(part => (typeof part === 'string' ? part : (findText(part, visit, item) ?? ''))).join('')
    },
    pattern(source, path, times = 1) {
      try {
        const pattern = compilePattern(source)
        counted.push({ cost: { factor: pattern.cost, power: 1 }, times })
        return pattern
      } catch (error) {
        report(path, `bad regular expression: ${(error as Error).message}`)
        return undefined
      }
    },
    items(source, at, maxItems) {
      const items = attemptItems(at, () => compileItems(source, format))
      if (source.items !== undefined || source.zip !== undefined) readsItems = true
      if (items === undefined) return undefined
      for (const cost of items.costs) count(cost, { scope: items.scope, times: maxItems })
      return { items, place: { scope: items.scope, times: items.scope.depth === 0 ? 1 : maxItems } }
    },
  }
}

/** The first group of a pattern that took part, or else what it matches; undefined where it does not occur. */
export function extractText(pattern: Pattern, text: string): string | undefined {
  for (const { text: whole, groups } of pattern.occurrences(text))
    return groups.find(group => group !== undefined) ?? whole
  return undefined
}
