import type { Pattern } from '../../../kit/regexp.ts'
import { createWorkerPool } from '../../../kit/worker-pool.ts'
import type { MatchJob } from './match-thread.ts'

const maxWaitingBytes = 16 * 2 ** 20
const threads = createWorkerPool<MatchJob, boolean>(import.meta.url, './match-thread', 2, maxWaitingBytes)

/** Some 16 ms at 60 ns for a character and an instruction; honest records stay far below. */
const maxStepsAtOnce = 2 ** 18

/** Whether a pattern occurs in the text of a record; in a thread where that may take long. Throws like `WorkerPool`. */
export const matches = (pattern: Pattern, text: string, signal: AbortSignal): boolean | Promise<boolean> =>
  text.length * pattern.cost <= maxStepsAtOnce
    ? pattern.test(text)
    : threads.run({ source: pattern.source, text }, text.length, signal)
