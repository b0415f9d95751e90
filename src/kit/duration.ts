const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

const whole = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d|w))+|0)$/
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/g

/**
 * Reads a duration in the grammar of Go's `time.ParseDuration` (`1m30s`, `500ms`, `-2s`, `0`), and in addition `d` and
 * `w`. Returns milliseconds, or undefined when the text is no duration.
 */
export function parseDuration(text: string): number | undefined {
  const match = whole.exec(text)
  if (match === null) return undefined
  let sum = 0
  for (const [, amount, unit] of text.matchAll(part)) sum += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  return match[1] === '-' ? -sum : sum
}

/** Writes milliseconds as the shortest exact duration of that grammar, such as `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  let rest = Math.abs(ms)
  let text = ''
  for (const unit of ['h', 'm'] as const) {
    const count = Math.floor(rest / (unitMs[unit] ?? 1))
    if (count > 0) text += `${count}${unit}`
    rest -= count * (unitMs[unit] ?? 1)
  }
  if (rest > 0) text += rest >= 1000 || text !== '' ? `${rest / 1000}s` : `${rest}ms`
  return ms < 0 ? `-${text}` : text
}

/** A time as it is shown: the clock tells nanoseconds, more digits are noise of floating point. */
export const roundSeconds = (seconds: number): number => Number(seconds.toFixed(9))
