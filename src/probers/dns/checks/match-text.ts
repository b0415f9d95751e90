import type { Pattern } from '../../../kit/regexp.ts'
import { createWorkerPool } from '../../../kit/worker-pool.ts'
import type { MatchJob } from './match-thread.ts'

const maxWaitingBytes = 16 * 2 ** 20
const threads = createWorkerPool<MatchJob, boolean>(import.meta.url, './match-thread', 2, maxWaitingBytes)

// Longer than honest records. A pattern such as `a.{30}b` can take microseconds for each character.
const maxLengthAtOnce = 4096

/** Whether a pattern occurs in the text of a record; in a thread where that may take long. Throws like `WorkerPool`. */
export const matches = (pattern: Pattern, text: string, signal: AbortSignal): boolean | Promise<boolean> =>
  text.length <= maxLengthAtOnce
    ? pattern.test(text)
    : threads.run({ source: pattern.source, text }, text.length, signal)
