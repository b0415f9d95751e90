import type { Reason } from '../kit/failure.ts'
import type { CounterDef } from '../kit/metrics.ts'
import type { ProbeContext, RawRequest, TargetPolicy } from '../kit/prober.ts'

/** How often, and after which failures, the engine repeats the prober inside the one deadline. */
export interface Retries {
  /** Tries in all. */
  readonly attempts: number
  readonly delayMs: number
  readonly on: ReadonlySet<Reason>
}

/** A module of the configuration with its options bound to its prober: the engine never sees which one it runs. */
export interface Module {
  readonly name: string
  readonly prober: string
  readonly timeoutMs: number | undefined
  readonly retries: Retries | undefined
  readonly params: ReadonlySet<string>
  readonly counters: readonly CounterDef[]
  readonly policy: TargetPolicy
  /** The prober's `accept`, then its `probe`. Throws `BadRequest` or `Denied` at once. */
  readonly prepare: (request: RawRequest) => (ctx: ProbeContext) => Promise<void>
  /** The module's configuration as YAML, defaults filled in, secrets hidden. */
  readonly describe: () => string
}

/** A module that this version cannot run; `/probe` answers 400 with the text. */
export interface RefusedModule {
  readonly name: string
  readonly refused: string
}

/** One mistake or remark about a configuration file. */
export interface Problem {
  readonly file: string
  readonly line: number
  readonly column: number
  readonly path: string
  readonly message: string
}

/** A whole configuration, frozen; a request reads it once. */
export interface Snapshot {
  readonly modules: ReadonlyMap<string, Module | RefusedModule>
  readonly warnings: readonly Problem[]
  /** The whole configuration as YAML, secrets hidden. */
  readonly describe: () => string
}

/** `file:line:col path: message`, the form in which every problem is printed. */
export const formatProblem = ({ file, line, column, path, message }: Problem): string =>
  `${file}:${line}:${column} ${path === '' ? '' : `${path}: `}${message}`
