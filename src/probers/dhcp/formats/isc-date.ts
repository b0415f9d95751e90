const space = 0x20
const zero = 0x30

/** What follows weekday, year, month, day, hour and minute. */
const separators = [space, 0x2f, 0x2f, space, 0x3a, 0x3a]
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

/**
 * Reads a date of a lease file, `W Y/M/D H:M:S` in UTC with an optional offset, `epoch N` or `never`, from
 * `octets[start..end)`. Returns Unix seconds, Infinity for `never` and what dhcpd takes for it, NaN when it is malformed. The weekday is ignored.
 */
export function parseDate(octets: Uint8Array, start: number, end: number): number {
  if (start >= end) return Number.NaN
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
  if (year >= firstEndlessYear && !Number.isNaN(offset)) return Number.POSITIVE_INFINITY
  return daysUntil(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second + offset
}
