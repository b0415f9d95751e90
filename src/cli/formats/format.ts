import { safeText } from '../../kit/text.ts'
import type { Outcome, Report } from '../run/task.ts'

export interface Style {
  readonly color: boolean
}

/** One form of a report. */
export interface Format {
  readonly name: string
  /** A person reads it, so nothing it tells has to stand on standard error too. */
  readonly isForPeople?: boolean
  /** The whole text, newline at the end; it holds nothing that a target could break it with. */
  readonly print: (report: Report, style: Style) => string | Promise<string>
  /** A text for the page of the job, where the place that runs it has one (`GITHUB_STEP_SUMMARY`). */
  readonly stepSummary?: (report: Report) => string
  /** Instead of the usual exit codes. */
  readonly exitCode?: (report: Report) => number
  /** That of bad usage, instead of 2. */
  readonly usageCode?: number
}

const maxTextLength = 4096

/** Text from targets and messages on one line, without control characters. */
export const oneLine = (text: string): string => safeText(text, maxTextLength)

export const passed = (outcomes: readonly Outcome[]): number => outcomes.filter(({ success }) => success).length

const faultWords = { target: 'failed', caller: 'error', server: 'error', sonde: 'internal error' } as const

/** Why it did not pass, in a word: the reason of the probe, where it has one. */
export const wordOf = ({ reason, fault }: Outcome): string => reason ?? faultWords[fault ?? 'target']

/** Why it did not pass, `reason: message`. */
export const storyOf = (outcome: Outcome): string =>
  oneLine([wordOf(outcome), outcome.message].filter(part => part !== undefined && part !== '').join(': '))

/** `12.3 ms`, `1.234 s`. */
export const timeText = (ms: number): string => (ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(3)} s`)

/** `2 of 3 passed, 1 not run, in 1.234 s`. */
export function summaryLine({ outcomes, skipped, durationMs, interrupted }: Report): string {
  const notRun = skipped.length > 0 ? `, ${skipped.length} not run` : ''
  const why = interrupted === undefined ? '' : `, interrupted by ${interrupted}`
  return `${passed(outcomes)} of ${outcomes.length + skipped.length} passed${notRun}${why}, in ${timeText(durationMs)}`
}
