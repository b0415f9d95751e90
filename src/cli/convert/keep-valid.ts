import { ConfigError } from '../../config/config-error.ts'
import { pointer } from '../../config/yaml.ts'

/** What was left out of a modules file, and why, as the loader says it. */
export interface LeftOut {
  readonly place: string
  readonly message: string
}

type Check = (value: unknown) => Promise<void>

const isBranch = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** The keys along a printed path, as far as they lead to something: names in it may hold dots. */
function keysAlong(value: unknown, path: string): readonly string[] {
  if (!isBranch(value)) return []
  const fitting = Object.keys(value).filter(key => path === key || path.startsWith(`${key}.`))
  const [key] = fitting.sort((a, b) => b.length - a.length)
  return key === undefined ? [] : [key, ...keysAlong(value[key], path.slice(key.length + 1))]
}

/** A printed path with the names of metrics instead of their numbers, which change as others are left out. */
function placeOf(value: unknown, path: string): string {
  const [, number = '', rest = ''] = /\.metrics\.(\d+)(.*)$/s.exec(path) ?? []
  if (number === '') return path
  const before = path.slice(0, path.length - number.length - rest.length)
  const metric = keysAlong(value, before + number).reduce<unknown>((at, key) => isBranch(at) && at[key], value)
  return isBranch(metric) && metric.name !== undefined ? `${before}${metric.name}${rest}` : path
}

const severable = ['labels', 'values', 'timestamp']

/** What goes with a mistake: of a metric one of its parts, or all of it, as it is nothing without the others. */
function leavingOut(keys: readonly string[]): readonly string[] {
  const [, , , list, , part = ''] = keys // modules, NAME, api, metrics, NUMBER
  return list === 'metrics' && !severable.includes(part) ? keys.slice(0, 5) : keys
}

function without(value: unknown, lost: ReadonlySet<string>, path: readonly string[] = []): unknown {
  if (!isBranch(value)) return value
  const kept = Object.entries(value).flatMap(([key, member]) => {
    const at = [...path, key]
    return lost.has(pointer(at)) ? [] : [[key, without(member, lost, at)] as const]
  })
  return Array.isArray(value) ? kept.map(([, member]) => member) : Object.fromEntries(kept)
}

/**
 * Leaves out of a modules file what `check` refuses with `ConfigError`, until nothing is refused any more: some mistakes
 * show only once others are gone. What has no place in the file stays, and is told.
 */
export async function keepValid(value: unknown, check: Check): Promise<readonly [unknown, readonly LeftOut[]]> {
  try {
    await check(value)
    return [value, []]
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const left = error.problems.map(({ path, message }) => ({ place: placeOf(value, path), message }))
    const places = error.problems.map(({ path }) => pointer(leavingOut(keysAlong(value, path))))
    const lost = new Set(places.filter(place => place.split('/').length > 2)) // never all the modules
    if (lost.size === 0) return [value, left]
    const [kept, more] = await keepValid(without(value, lost), check)
    return [kept, [...left, ...more]]
  }
}
