import { BadRequest, DeadlineExceeded } from '../kit/failure.ts'

/** The scraper hung up: nothing is sent. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

const defaultScrapeTimeoutMs = 120_000
const longestTimerMs = 2 ** 31 - 1

function scrapeTimeoutMs(header: string | undefined): number {
  if (header === undefined || header === '') return defaultScrapeTimeoutMs
  const ms = Number(header) * 1000
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(header) || !Number.isFinite(ms) || ms < 0) {
    throw new BadRequest('malformed X-Prometheus-Scrape-Timeout-Seconds: expected seconds, such as 9.5')
  }
  return ms || defaultScrapeTimeoutMs
}

/**
 * The time a probe has, in milliseconds: the module's timeout, or the scrape's less the offset, whichever is shorter.
 * Without header the scrape's counts as 120 s. As in blackbox_exporter, except that a header not larger than the offset
 * gives 80 % of its value instead of nothing. Throws `BadRequest` when the header is no finite, non-negative number.
 */
export function timeoutFor(moduleMs: number | undefined, scrapeHeader: string | undefined, offsetMs: number): number {
  const scrapeMs = scrapeTimeoutMs(scrapeHeader)
  const longestMs = scrapeMs > offsetMs ? scrapeMs - offsetMs : scrapeMs * 0.8
  return moduleMs !== undefined && moduleMs > 0 && moduleMs < longestMs ? moduleMs : longestMs
}

export interface Deadline {
  /** Aborts with `DeadlineExceeded`, or with the reason given to `abort`. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
  remainingMs(): number
  abort(reason: Error): void
  /** Stops the timer. */
  clear(): void
}

/** Starts a deadline `timeoutMs` after `startedMs`, an instant of `performance.now()`. */
export function startDeadline(timeoutMs: number, startedMs = performance.now()): Deadline {
  const controller = new AbortController()
  const remainingMs = () => (controller.signal.aborted ? 0 : Math.max(0, startedMs + timeoutMs - performance.now()))
  const timer = setTimeout(() => controller.abort(new DeadlineExceeded()), Math.min(remainingMs(), longestTimerMs))
  return {
    signal: controller.signal,
    timeoutMs,
    remainingMs,
    abort: reason => controller.abort(reason),
    clear: () => clearTimeout(timer),
  }
}
