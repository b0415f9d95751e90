import type { CounterDef, CounterSink, MetricDef, MetricSink } from './metrics.ts'
import type { HttpAuth } from './net/http/auth-options.ts'
import type { Destination } from './net/target.ts'
import type { z } from './options.ts'

/** What the caller asked for; `params` holds only the parameters that the module declares. */
export interface RawRequest {
  readonly target: string
  readonly params: ReadonlyMap<string, string>
}

/** Which addresses of one destination may be connected to. */
export interface AddressPolicy {
  /** Takes an IPv4 or IPv6 address in text form. */
  allows(address: string): boolean
  /** Whether they may all be: only then may the name be left to a proxy. */
  readonly allowsUnknown: boolean
}

/** What a module may probe. */
export interface TargetPolicy {
  /**
   * Judges what is known of a destination before its name is looked up; what it returns judges the addresses.
   * `kit/net` asks it before every connection, so a prober asks it only to refuse a target before the queue. Throws
   * `Denied`.
   */
  judge(destination: Destination): AddressPolicy
}

/** What stands on a log line; a function is called only when the line is printed. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined | (() => string)>>

/** The probe's own story, shown by `debug=true` and, by level, in the process log. Never pass secrets. */
export interface ProbeLog {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
}

export interface ProbeContext {
  /** Aborts at the deadline, or when the scraper hung up. */
  readonly signal: AbortSignal
  readonly remainingMs: () => number
  /** The clock of everything that judges instants (lease ends, certificates), in Unix milliseconds. */
  readonly now: () => number
  readonly metrics: MetricSink
  readonly counters: CounterSink
  readonly policy: TargetPolicy
  readonly log: ProbeLog
}

/**
 * One kind of probing. `N` is its name in `prober:`, its section in `modules.yaml` and its prefix `probe_<name>_`;
 * `S` the schema of that section; `R` what `accept` makes of a request.
 */
export interface Prober<N extends string = string, S extends z.ZodType = z.ZodType, R = unknown> {
  readonly name: N
  readonly options: S
  /** Those that every module may have. */
  readonly metrics: readonly MetricDef[]
  /** Those that a module with these options defines by itself, beside the fixed ones. */
  metricsOf?(options: z.output<S>): readonly MetricDef[]
  /** Names of the query parameters that a module with these options understands; `auth` is none of them. */
  params?(options: z.output<S>): readonly string[]
  /** Process counters that start at 0 for a module with these options. */
  counters?(options: z.output<S>): readonly CounterDef[]
  /** Why a module with these options cannot run in this version: it is refused at load, with this text. */
  unavailable?(options: z.output<S>): string | undefined
  /** What an operator should know about these options at load. */
  warnings?(options: z.output<S>): readonly string[]
  /** The options with credentials that go to whatever target is asked for. */
  credentials?(options: z.output<S>): readonly string[]
  /** Why a module cannot have `targets`; a prober that says nothing lets `kit/net` hold its targets to the policy. */
  readonly refusesTargets?: string
  /** The same options with other credentials; only probers that send some have it. */
  withAuth?(options: z.output<S>, auth: HttpAuth): z.output<S>
  /** Judges target and parameters before the queue: pure, no I/O. Throws `BadRequest` (400) or `Denied` (403). */
  accept(request: RawRequest, options: z.output<S>, policy: TargetPolicy): R
  /** Resolves when the target is healthy; throws `ProbeFailure` when it is not. */
  probe(ctx: ProbeContext, request: R, options: z.output<S>): Promise<void>
}

/** Gives a prober its inferred types; does nothing else. */
export const defineProber = <const N extends string, S extends z.ZodType, R>(
  prober: Prober<N, S, R>,
): Prober<N, S, R> => prober

/** A section that is known and validated, whose prober is not built yet. */
export interface PlannedProber<N extends string = string, S extends z.ZodType = z.ZodType> {
  readonly name: N
  readonly options: S
  /** Shown at load and as the 400 of every probe with such a module. */
  readonly planned: string
}

/** Like `defineProber`, for a prober that blackbox_exporter has and sonde does not have yet. */
export const definePlanned = <const N extends string, S extends z.ZodType>(
  prober: PlannedProber<N, S>,
): PlannedProber<N, S> => prober
