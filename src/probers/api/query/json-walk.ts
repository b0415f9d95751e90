import { type Found, maxFound, tooMuchFound } from './query.ts'

/** What chooses some of the values that are right inside a value: a selector of RFC 9535. */
export type Selector =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | {
      readonly kind: 'slice'
      readonly start: number | undefined
      readonly stop: number | undefined
      readonly step: number
    }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly test: (value: unknown, key: string | number, root: unknown) => boolean }

/** Selectors that are put to a value, or to that and everything inside it. */
export interface Segment {
  readonly selectors: readonly Selector[]
  readonly descends: boolean
}

type Take = (value: unknown, key: string | number) => void

const none: readonly Found[] = []

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function eachChild(value: unknown, take: Take): void {
  if (Array.isArray(value)) for (let index = 0; index < value.length; index++) take(value[index], index)
  else if (isObject(value)) for (const name of Object.keys(value)) take(value[name], name)
}

/** The index that a negative one, counted from the end, or one beyond the list stands for: 2.3.4.2.2 of RFC 9535. */
const within = (index: number, length: number, least: number, most: number) =>
  Math.min(Math.max(index < 0 ? index + length : index, least), most)

function eachOfSlice(list: readonly unknown[], { start, stop, step }: Selector & { kind: 'slice' }, take: Take): void {
  const { length } = list
  if (step > 0) {
    const end = within(stop ?? length, length, 0, length)
    for (let index = within(start ?? 0, length, 0, length); index < end; index += step) take(list[index], index)
  } else if (step < 0) {
    const end = stop === undefined ? -1 : within(stop, length, -1, length - 1)
    const first = start === undefined ? length - 1 : within(start, length, -1, length - 1)
    for (let index = first; index > end; index += step) take(list[index], index)
  }
}

function select(selector: Selector, value: unknown, root: unknown, take: Take): void {
  switch (selector.kind) {
    case 'name': {
      const { name } = selector
      if (isObject(value) && Object.hasOwn(value, name)) take(value[name], name)
      break
    }
    case 'index': {
      if (!Array.isArray(value)) break
      const index = selector.index < 0 ? selector.index + value.length : selector.index
      if (index >= 0 && index < value.length) take(value[index], index)
      break
    }
    case 'slice':
      if (Array.isArray(value)) eachOfSlice(value, selector, take)
      break
    case 'all':
      eachChild(value, take)
      break
    case 'filter':
      eachChild(value, (child, key) => {
        if (selector.test(child, key, root)) take(child, key)
      })
  }
}

function descend(value: unknown, visit: (value: unknown) => void): void {
  visit(value)
  if (typeof value === 'object') eachChild(value, child => descend(child, visit))
}

/** Everything that a path leads to from `root`, in the order of RFC 9535. Throws `QueryFault` when that is too much. */
export function walk(segments: readonly Segment[], root: unknown, key: Found['key']): readonly Found[] {
  const found: Found[] = []
  const follow = (at: number, value: unknown, last: Found['key']): void => {
    const segment = segments[at]
    if (segment === undefined) {
      if (found.length === maxFound) throw tooMuchFound()
      found.push({ value, key: last, node: value })
      return
    }
    const choose = (from: unknown) => {
      for (const selector of segment.selectors) {
        select(selector, from, root, (child, step) => follow(at + 1, child, step))
      }
    }
    if (segment.descends) descend(value, choose)
    else choose(value)
  }
  follow(0, root, key)
  return found
}

/** The same for a path of names and indexes alone, which leads to one thing or to nothing. */
export function step(path: readonly (string | number)[], root: unknown, key: Found['key']): readonly Found[] {
  let [value, last] = [root, key]
  for (const part of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) !== (typeof part === 'number')) return none
    last = typeof part === 'number' && part < 0 ? part + (value as readonly unknown[]).length : part
    if (!Object.hasOwn(value, last)) return none
    value = (value as Readonly<Record<string | number, unknown>>)[last]
  }
  return [{ value, key: last, node: value }]
}
