import { type Item, QueryFault } from '../query/query.ts'
import type { EntryResult, Row } from './answer.ts'
import type { Compiler, Visit } from './compiler.ts'
import { compileLabel, type LabelReader } from './label.ts'
import { type Counter, createCounts, createRows, type Room } from './rows.ts'
import type { EntrySpec, SeriesSpec } from './spec.ts'
import { compileNumber, compileState, type Reading, unreadable } from './value.ts'

/** An entry of `metrics` on one answer; it takes from `room` what it makes. */
export type CompiledEntry = (visit: Visit, room: Room) => EntryResult

/** A value of a series, and what tells it from the others of the same item. */
interface Point {
  readonly value: number
  readonly more: readonly string[]
}

type Points = (visit: Visit, item: Item, counts: Counter) => readonly Point[]

/** What is beyond `max_items` is counted up to so many times as many: looking at all of it takes time. */
const maxCounted = 10

const substitutes = { skip: undefined, zero: 0, nan: Number.NaN, fail: undefined } as const

/** What stands for a value that is not there, or that is none. */
function substitute(spec: EntrySpec, reading: undefined | typeof unreadable, counts: Counter): number | undefined {
  counts.add(reading === undefined ? 'missing' : 'not_a_number')
  return reading === undefined || spec.onMissing === 'nan' ? substitutes[spec.onMissing] : undefined
}

function compilePoint(
  spec: EntrySpec,
  series: SeriesSpec,
  read: (visit: Visit, item: Item) => Reading<number>,
): Points {
  const more = series.pivot === undefined ? [] : [series.pivot]
  return (visit, item, counts) => {
    const reading = read(visit, item)
    const value = typeof reading === 'number' ? reading : substitute(spec, reading, counts)
    return value === undefined ? [] : [{ value, more }]
  }
}

/** One series for each state. */
function compileStates(
  spec: EntrySpec,
  states: readonly string[],
  read: (visit: Visit, item: Item) => Reading<string>,
): Points {
  return (visit, item, counts) => {
    const state = read(visit, item)
    if (state === undefined) {
      const value = substitute(spec, state, counts)
      return value === undefined ? [] : states.map(name => ({ value, more: [name] }))
    }
    if (state === unreadable || !states.includes(state)) counts.add('unknown_state')
    return states.map(name => ({ value: name === state ? 1 : 0, more: [name] }))
  }
}

/** Compiles an entry; undefined when its items cannot be, which was reported. */
export function compileEntry(spec: EntrySpec, compiler: Compiler): CompiledEntry | undefined {
  const compiled = compiler.items(spec.items, spec.itemsAt, spec.maxItems)
  if (compiled === undefined) return undefined
  const { items, place } = compiled
  const labels: readonly LabelReader[] = spec.labels.map(({ written, at }) =>
    compileLabel(written, compiler, at, place),
  )
  const series = spec.series.map(one => {
    const points =
      spec.states === undefined
        ? compilePoint(spec, one, compileNumber(one.written, compiler, one.at, place))
        : compileStates(spec, spec.states, compileState(one.written, compiler, one.at, place))
    return { family: one.family, order: one.order, points }
  })
  const instant = spec.timestamp && {
    read: compileNumber({ ...spec.timestamp.written, agg: 'first' }, compiler, spec.timestamp.at, place),
  }

  /** When the samples of an item were taken; false where that should be known and is not. */
  function instantOf(visit: Visit, item: Item, counts: Counter): number | undefined | false {
    const reading = instant?.read(visit, item)
    const atMs = typeof reading === 'number' ? Math.round(reading * 1000) : undefined
    if (Number.isSafeInteger(atMs)) return atMs
    if (instant !== undefined) counts.add(reading === undefined ? 'missing' : 'not_a_number')
    return instant === undefined ? undefined : false
  }

  function readItem(visit: Visit, item: Item, counts: Counter, add: (row: Row) => void): void {
    const atMs = instantOf(visit, item, counts)
    if (atMs === false) return
    const own = labels.map(read => read(visit, item))
    for (const { family, order, points } of series) {
      for (const { value, more } of points(visit, item, counts)) {
        const all = [...own, ...more]
        add({ family, labels: order.map(place => all[place] ?? ''), value, ...(atMs !== undefined && { atMs }) })
      }
    }
  }

  return (visit, room) => {
    const counts = createCounts()
    const rows = createRows<Row>(room)
    const add = (row: Row) => rows.add(row, spec.onDuplicate, counts)
    let count = 0
    try {
      for (const item of items.each(visit.document)) {
        if (count < spec.maxItems) readItem(visit, item, counts, add)
        if (++count >= spec.maxItems * maxCounted) break
      }
    } catch (error) {
      if (!(error instanceof QueryFault)) throw error
      counts.add('missing')
    }
    counts.add('limit', count - spec.maxItems)
    return { entry: spec.entry, variant: spec.variant, rows: rows.get(), counts: counts.get() }
  }
}
