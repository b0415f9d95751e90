import type { Aggregate, Parse, ValueOptions } from '../options/value.ts'
import type { Item, Query } from '../query/query.ts'
import { type Compiler, extractText, findAll, type Path, type Place, timesOf, type Visit } from './compiler.ts'
import { metaValue } from './meta.ts'
import { readNumber } from './read-number.ts'
import { maxText, toText } from './text.ts'

/** A value as it stands in the section. */
export type WrittenValue = number | boolean | string | ValueOptions

/** A value that is there and is not good for anything. */
export const unreadable = Symbol('unreadable')

/** `undefined` where nothing is found. */
export type Reading<T> = T | typeof unreadable | undefined

export type Reader<T> = (visit: Visit, item: Item) => Reading<T>

const asOptions = (written: string | ValueOptions): ValueOptions =>
  typeof written === 'string' ? { path: written, parse: 'number', agg: 'first' } : written

/** The queries of a value, with their places. */
function sourcesOf(written: string | ValueOptions, at: Path): readonly (readonly [source: string, at: Path])[] {
  if (typeof written === 'string') return [[written, at]]
  if (written.first_of === undefined) return [[written.path ?? '', [...at, 'path']]]
  return written.first_of.map((source, index) => [source, [...at, 'first_of', index]])
}

/** Compiles where a value comes from: everything that is there, but null; and how often the same may be. */
function compileSource(written: string | ValueOptions, compiler: Compiler, at: Path, place: Place) {
  const meta = typeof written === 'string' ? undefined : written.meta
  if (meta !== undefined) {
    const find = ({ meta: known }: Visit): readonly unknown[] => {
      const found = metaValue(meta, known)
      return found === undefined ? [] : [found]
    }
    return { find, times: place.times }
  }
  const queries = sourcesOf(written, at).map(([source, path]) => compiler.query(source, path, place))
  const found = (query: Query, visit: Visit, item: Item) =>
    findAll(query, visit, item)
      .map(({ value }) => value)
      .filter(value => value !== null && value !== undefined)
  const find = (visit: Visit, item: Item): readonly unknown[] => {
    for (const query of queries) {
      const values = found(query, visit, item)
      if (values.length > 0) return values
    }
    return []
  }
  return { find, times: Math.max(...queries.map(query => timesOf(query, place))) }
}

/** What stands for a text in `map`; undefined when nothing does. */
const mapped = <T>(map: Readonly<Record<string, T>> | undefined, text: string): T | undefined =>
  map !== undefined && Object.hasOwn(map, text) ? map[text] : undefined

function scaled(number: number, scale: number | undefined): number {
  if (scale === undefined) return number
  const divisor = 1 / scale // 0.001 is not exact, 1000 is
  return Number.isInteger(divisor) ? number / divisor : number * scale
}

function aggregate(numbers: readonly number[], agg: Aggregate): number {
  const sum = () => numbers.reduce((total, number) => total + number, 0)
  switch (agg) {
    case 'sum':
      return sum()
    case 'avg':
      return sum() / numbers.length
    case 'min':
      return numbers.reduce((least, number) => Math.min(least, number))
    case 'max':
      return numbers.reduce((most, number) => Math.max(most, number))
    default:
      return numbers[0] ?? 0
  }
}

/** Reads one thing as a number: what `map` and `default` say stays as it is. */
function createNumberReader(value: ValueOptions, pattern: ReturnType<Compiler['pattern']>, parse: Parse) {
  const { map, scale } = value
  const fallback = value.default === undefined ? undefined : Number(value.default)
  return (found: unknown, nowMs: number): number | undefined => {
    const text = pattern === undefined ? undefined : extractText(pattern, toText(found))
    if (pattern !== undefined && text === undefined) return undefined
    const subject = text ?? found
    const known = map === undefined ? undefined : mapped(map, toText(subject))
    if (known !== undefined) return Number(known)
    if (map !== undefined && fallback !== undefined) return fallback
    const number = readNumber(subject, parse, nowMs)
    return number === undefined ? undefined : scaled(number, scale)
  }
}

/** Compiles a value that is a number. */
export function compileNumber(written: WrittenValue, compiler: Compiler, at: Path, place: Place): Reader<number> {
  if (typeof written === 'number' || typeof written === 'boolean') return () => Number(written)
  const value = asOptions(written)
  const { find, times } = compileSource(written, compiler, at, place)
  if (value.agg === 'count') return (visit, item) => find(visit, item).length
  const pattern = value.regex === undefined ? undefined : compiler.pattern(value.regex, [...at, 'regex'], times)
  const read = createNumberReader(value, pattern, value.parse)
  const fallback = value.default === undefined ? undefined : Number(value.default)
  return (visit, item) => {
    const found = find(visit, item)
    if (found.length === 0) return fallback
    const numbers: number[] = []
    for (const one of value.agg === 'first' ? found.slice(0, 1) : found) {
      const number = read(one, visit.nowMs)
      if (number === undefined) return unreadable
      numbers.push(number)
    }
    const result = aggregate(numbers, value.agg)
    return Number.isFinite(result) ? result : unreadable
  }
}

/** Compiles a value that is a state: text. */
export function compileState(written: WrittenValue, compiler: Compiler, at: Path, place: Place): Reader<string> {
  if (typeof written === 'number' || typeof written === 'boolean') return () => toText(written)
  const value = asOptions(written)
  const { find, times } = compileSource(written, compiler, at, place)
  const pattern = value.regex === undefined ? undefined : compiler.pattern(value.regex, [...at, 'regex'], times)
  const fallback = value.default === undefined ? undefined : toText(value.default)
  return (visit, item) => {
    const [found] = find(visit, item)
    if (found === undefined) return fallback
    const text = toText(found).slice(0, maxText)
    const part = pattern === undefined ? text : extractText(pattern, text)
    if (part === undefined) return unreadable
    const known = mapped(value.map, part)
    return known === undefined ? (value.map === undefined ? part : (fallback ?? part)) : toText(known)
  }
}
