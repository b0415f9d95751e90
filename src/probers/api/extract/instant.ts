import { parseHttpDate } from '../../../kit/net/http/date.ts'

const date = '(\\d{4})-?(\\d\\d)-?(\\d\\d)'
const time = '(\\d\\d):?(\\d\\d)(?::?(\\d\\d)(?:[.,](\\d{1,9}))?)?'
const zone = '(Z|[+-]\\d\\d(?::?\\d\\d)?)'
const iso = new RegExp(`^${date}(?:[T ]${time}(?: ?${zone})?)?$`, 'i')

function offsetMs(text: string): number | undefined {
  if (/^z$/i.test(text)) return 0
  const digits = text.slice(1).replace(':', '')
  const [hours, minutes] = [Number(digits.slice(0, 2)), Number(digits.slice(2) || 0)]
  if (hours > 23 || minutes > 59) return undefined
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** Unix milliseconds of a date as in RFC 3339 or ISO 8601; one without a zone is in UTC. */
function isoMs(text: string): number | undefined {
  const parts = iso.exec(text)
  if (parts === null) return undefined
  const field = (index: number) => Number(parts[index] ?? 0)
  const [year, month, day, hour, minute, second] = [field(1), field(2), field(3), field(4), field(5), field(6)]
  const beyondMs = offsetMs(parts[8] ?? 'Z')
  if (hour > 24 || (hour === 24 && minute + second > 0) || minute > 59 || second > 60 || beyondMs === undefined)
    return undefined
  const midnight = new Date(0)
  midnight.setUTCFullYear(year, month - 1, day)
  if (midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) return undefined
  const inDayMs = ((hour * 60 + minute) * 60 + second) * 1000 + Number(`0.${parts[7] ?? 0}`) * 1000
  return midnight.getTime() + inDayMs - beyondMs
}

/** From here on a Unix time is one of milliseconds: in seconds it would be the year 5138. */
const firstInMilliseconds = 1e11

/** Unix time in seconds, or milliseconds where it can be nothing else. */
export const unixSeconds = (time: number): number => (Math.abs(time) < firstInMilliseconds ? time : time / 1000)

/** Reads a date of RFC 3339, ISO 8601 or HTTP; Unix seconds, or undefined when the text is none. */
export function dateSeconds(text: string): number | undefined {
  const ms = isoMs(text) ?? parseHttpDate(text)
  return ms === undefined ? undefined : ms / 1000
}
