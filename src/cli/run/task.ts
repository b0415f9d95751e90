import type { ResultParts } from '../../engine/result-json.ts'

/** One thing to probe. */
export interface Task {
  /** What reports call it: the target, or the name of a check. */
  readonly name: string
  readonly module: string
  readonly target: string
  readonly params: ReadonlyMap<string, string>
  /** Added to every series of it in a report of several. */
  readonly labels: Readonly<Record<string, string>>
  /** Why what a probe found is not what was wanted; undefined when it is. */
  readonly complaint: (found: ResultParts) => string | undefined
}

/** Whose fault it is that a task did not pass; only that of the target is a verdict on the target. */
export type Fault = 'target' | 'caller' | 'server' | 'sonde'

/** The server that `--server` names was not there, or gave no verdict. */
export class ServerFailure extends Error {
  override readonly name = 'ServerFailure'
}

/** What became of a task. `success` is the judgement, which an expectation may turn around. */
export interface Outcome extends ResultParts {
  readonly task: Task
  readonly fault: Fault | undefined
  /** It passed, but slower than `--warn`. */
  readonly warning: string | undefined
}

/** A run as far as it came. */
export interface Report {
  /** `probe` or `check`. */
  readonly title: string
  /** Those that ended, in the order of the tasks. */
  readonly outcomes: readonly Outcome[]
  /** Those that were not run, or not to their end. */
  readonly skipped: readonly Task[]
  readonly interrupted: NodeJS.Signals | undefined
  readonly startedAt: Date
  readonly durationMs: number
  /** What `--warn` says. */
  readonly warnMs: number | undefined
}

/**
 * Asks about one task. Throws `BadRequest` and `Denied` for the caller's mistakes, `ServerFailure` for those of a server,
 * the signal's reason when it aborts.
 */
export type Ask = (task: Task, signal: AbortSignal) => Promise<ResultParts>
