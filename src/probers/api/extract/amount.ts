import { parseDuration } from '../../../kit/duration.ts'

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** A finite number in decimal notation; undefined for everything else, `NaN` and `Infinity` among it. */
export function decimalNumber(text: string): number | undefined {
  const number = decimal.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}

const isoDuration = /^([+-]?)P(?:(\d+)W|(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?)$/
/** `1.02:30:00` of .NET, `1 day, 2:30:00` of Python, `26:30:00`, `2:30`. */
const clock = /^(-?)(?:(\d+)(\.| days?,? ))?(\d+):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?$/

const secondsOf = (sign: string | undefined, [weeks, days, hours, minutes, seconds]: readonly (string | undefined)[]) =>
  (sign === '-' ? -1 : 1) *
  ((((Number(weeks ?? 0) * 7 + Number(days ?? 0)) * 24 + Number(hours ?? 0)) * 60 + Number(minutes ?? 0)) * 60 +
    Number((seconds ?? '0').replace(',', '.')))

/** Seconds of a duration: `1h30m`, ISO 8601 without months, or hours and minutes of a clock. */
export function durationSeconds(text: string): number | undefined {
  const iso = isoDuration.exec(text)
  if (iso !== null && /\d/.test(text)) return secondsOf(iso[1], iso.slice(2))
  const parts = clock.exec(text)
  if (parts !== null) {
    const [, sign, days, separator, ...time] = parts
    // Of Python's `-1 day, 21:30:00`, only the days are negative: it is two and a half hours before.
    if (!separator?.includes('day')) return secondsOf(sign, [undefined, days, ...time])
    return secondsOf(sign, [undefined, days]) + secondsOf('', [undefined, undefined, ...time])
  }
  const ms = parseDuration(text.replaceAll(' ', ''))
  return ms === undefined ? undefined : ms / 1000
}

const prefixes = ['', 'K', 'M', 'G', 'T', 'P', 'E']

/** Octets of a size: `10 kB` is 10,000 and `10 KiB` 10,240, as IEC 80000-13 has it. */
export function sizeBytes(text: string): number | undefined {
  const [, amount = '', prefix = '', binary] = /^([+-]?[\d.]+)\s*([KMGTPE]?)(i?)(?:B|bytes?)?$/i.exec(text) ?? []
  const number = decimalNumber(amount)
  if (number === undefined) return undefined
  return number * (binary ? 1024 : 1000) ** prefixes.indexOf(prefix.toUpperCase())
}
