const space = 0x20
const slash = 0x2f
const zero = 0x30
const colon = 0x3a

/** What follows weekday, year, month, day, hour and minute. */
const separators = [space, slash, slash, space, colon, colon]
/** From this year on a date is `never` to dhcpd (common/parse.c, parse_date_core), which also writes it so. */
const firstEndlessYear = 2038

const smallest = [0, 1970, 1, 1, 0, 0, 0]
const largest = [9, 9999, 12, 31, 23, 59, 60]

const latin1 = (octets: Uint8Array, start: number, end: number) =>
  Buffer.from(octets.subarray(start, end)).toString('latin1')

/** `UTC` is OpenBSD's, a number the seconds that dhcpd adds (common/parse.c, parse_date_core). NaN when malformed. */
function parseOffset(suffix: string): number {
  if (suffix === ' UTC') return 0
  return /^ [+-]?\d{1,6}$/.test(suffix) ? Number(suffix) : Number.NaN
}

function parseEpoch(text: string): number {
  if (text === 'never') return Number.POSITIVE_INFINITY
  const match = /^epoch (\d{1,15})$/.exec(text)
  return match === null ? Number.NaN : Number(match[1])
}

const daysBefore = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

/** Days from 1970 to a date, days beyond the end of a month going on into the next, as `Date.UTC` has it. */
function daysUntil(year: number, month: number, day: number): number {
  const past = month > 2 ? year : year - 1
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 477
  return (year - 1970) * 365 + leapDays + (daysBefore[month - 1] as number) + day - 1
}

function secondsUntil(year: number, month: number, day: number, hour: number, minute: number, second: number): number {
  if (year >= firstEndlessYear) return Number.POSITIVE_INFINITY
  return daysUntil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second
}

/** The number of two digits; far below 0 when they are none. */
function twoDigits(octets: Uint8Array, at: number): number {
  const [tens, ones] = [(octets[at] as number) - zero, (octets[at + 1] as number) - zero]
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -10_000
}

/** Octets of a date as dhcpd writes it, every number with its leading zeros. */
export const writtenOctets = 21

/** Reads a date as dhcpd writes it, from `start` on; NaN when it is written otherwise, and may be sound all the same. */
export function parseWritten(octets: Uint8Array, start: number): number {
  const weekday = (octets[start] as number) - zero
  const hasSeparators =
    octets[start + 1] === space &&
    octets[start + 6] === slash &&
    octets[start + 9] === slash &&
    octets[start + 12] === space &&
    octets[start + 15] === colon &&
    octets[start + 18] === colon
  if (!hasSeparators || weekday < 0 || weekday > 9) return Number.NaN
  const year = twoDigits(octets, start + 2) * 100 + twoDigits(octets, start + 4)
  const [month, day] = [twoDigits(octets, start + 7), twoDigits(octets, start + 10)]
  const hour = twoDigits(octets, start + 13)
  const [minute, second] = [twoDigits(octets, start + 16), twoDigits(octets, start + 19)]
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return Number.NaN
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return Number.NaN
  return secondsUntil(year, month, day, hour, minute, second)
}

/**
 * Reads a date of a lease file, `W Y/M/D H:M:S` in UTC with an optional offset, `epoch N` or `never`, from
 * `octets[start..end)`. Returns Unix seconds, Infinity for `never` and what dhcpd takes for it, NaN when it is malformed. The weekday is ignored.
 */
export function parseDate(octets: Uint8Array, start: number, end: number): number {
  if (start >= end) return Number.NaN
  const written = end - start === writtenOctets ? parseWritten(octets, start) : Number.NaN
  if (!Number.isNaN(written)) return written
  if ((octets[start] as number) > zero + 9) return parseEpoch(latin1(octets, start, Math.min(end, start + 32)))
  const numbers = [0, 0, 0, 0, 0, 0, 0]
  let at = start
  for (let field = 0; field < numbers.length; field++) {
    const from = at
    let value = 0
    for (; at < end && at - from < 4; at++) {
      const digit = (octets[at] as number) - zero
      if (digit < 0 || digit > 9) break
      value = value * 10 + digit
    }
    const tooFar = value < (smallest[field] as number) || value > (largest[field] as number)
    if (at === from || tooFar) return Number.NaN
    if (field < separators.length && (at === end || octets[at++] !== separators[field])) return Number.NaN
    numbers[field] = value
  }
  const offset = at === end ? 0 : parseOffset(latin1(octets, at, Math.min(end, at + 16)))
  const [, year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers
  return Number.isNaN(offset) ? offset : secondsUntil(year, month, day, hour, minute, second) + offset
}
