/** What the engine is set to unless told otherwise; the command line shows these as the defaults of its flags. */
export const defaults = {
  /** Probes that run at once. */
  concurrency: 256,
  /** Probes that may wait for a slot. */
  queue: 1024,
  /** Taken from the scrape timeout, so that the answer is back in time. */
  timeoutOffsetMs: 500,
  /** Probes that the history keeps, of each verdict. */
  historyLimit: 100,
} as const
