import { decimalNumber } from './amount.ts'

/** A threshold of Nagios plugins (https://nagios-plugins.org/doc/guidelines.html#THRESHOLDFORMAT). */
export interface Range {
  readonly start: number
  readonly end: number
  /** Whether it is bad to be inside. */
  readonly inside: boolean
}

const bound = (text: string, open: number): number | undefined => (text === '' ? open : decimalNumber(text))

/** Reads `10`, `10:`, `~:10`, `10:20` or `@10:20`; undefined for what is none. */
export function parseRange(text: string): Range | undefined {
  const inside = text.startsWith('@')
  const plain = inside ? text.slice(1) : text
  const [first = '', second, ...more] = plain.split(':')
  if (plain === '' || more.length > 0) return undefined
  const start = second === undefined ? 0 : first === '~' ? Number.NEGATIVE_INFINITY : bound(first, 0)
  const end = bound(second ?? first, Number.POSITIVE_INFINITY)
  return start === undefined || end === undefined || start > end ? undefined : { start, end, inside }
}

/** Whether a number raises no alert. */
export const isWithin = ({ start, end, inside }: Range, number: number): boolean =>
  (start <= number && number <= end) !== inside
