import { InvalidArgumentError, Option } from 'commander'
import { parseDuration } from '../kit/duration.ts'

/** The environment variable that can stand for a flag: `--web.listen-address` is `SONDE_WEB_LISTEN_ADDRESS`. */
const variableOf = (long: string) => `SONDE_${long.slice(2).replace(/[.-]/g, '_').toUpperCase()}`

/** An option of a command, which may also come from the environment. */
export function flag(flags: string, description: string): Option {
  const option = new Option(flags, description)
  return option.env(variableOf(option.long ?? ''))
}

/** Stands in the help of every command whose flags come from here. */
export const flagsNote = 'Every flag can come from the environment; flags win.'

/** The same where flags are lists. */
export const environmentNote = `${flagsNote} A list is separated by commas there.`

export const wholeNumber = (minimum: number) => (text: string) => {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= minimum) return value
  throw new InvalidArgumentError(`expected a whole number from ${minimum}`)
}

/** Seconds as text; milliseconds inside. */
export function secondsToMs(text: string): number {
  if (/^(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text) * 1000
  throw new InvalidArgumentError('expected seconds, such as 0.5')
}

/** A duration as text; milliseconds inside. */
export function durationMs(text: string): number {
  const ms = parseDuration(text)
  if (ms !== undefined && ms >= 0) return ms
  throw new InvalidArgumentError('expected a duration such as 500ms, 30s or 1m')
}

export function trueOrFalse(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new InvalidArgumentError('expected true or false')
}

/** A switch: `--x`, `--x=true`, `--x=false`; a value has to stand behind `=`, as in Go. */
export const boolFlag = (name: string, description: string): Option =>
  flag(`--${name} [bool]`, description).argParser(trueOrFalse).default(false)

/** A flag that may be given several times, and holds several parts with commas between them; `read` reads one part. */
export const list =
  <T>(read: (text: string) => T) =>
  (text: string, before: readonly T[] | undefined): readonly T[] => [
    ...(before ?? []),
    ...text.split(',').map(part => read(part.trim())),
  ]

/** A flag that may be given several times. */
export const several = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
]
