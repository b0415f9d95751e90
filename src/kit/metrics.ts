/** Metric definitions are frozen data: nothing registers itself when a module is imported. */
export interface MetricDef<L extends string = string> {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter' | 'untyped'
  readonly labels: readonly L[]
}

type LabelArgs<L extends string> = [L] extends [never] ? [] : [labels: Readonly<Record<L, string>>]

/** Where a prober writes its results. A missing or misspelt label does not compile. */
export interface MetricSink {
  /** Sets one series; a second call for the same labels replaces the value. Booleans become 1 and 0. */
  set<L extends string>(def: MetricDef<L>, value: number | boolean, ...labels: LabelArgs<L>): void
  /** Like `set`, for a sample that tells when it was taken, in Unix milliseconds: only where a module asks for it. */
  setAt<L extends string>(def: MetricDef<L>, atMs: number, value: number | boolean, ...labels: LabelArgs<L>): void
}

/** Defines a gauge in base units (seconds, bytes, ratio); a point in time is `_timestamp_seconds`. */
export const gauge = <const L extends string = never>(
  name: string,
  help: string,
  labels: readonly L[] = [],
): MetricDef<L> => Object.freeze({ name, help, type: 'gauge', labels: Object.freeze([...labels]) })

/** Every label with all values it can ever have. */
export type ClosedLabels = Readonly<Record<string, readonly string[]>>

/** A counter of the process, shown on /metrics. The engine adds the label `module`. */
export interface CounterDef<V extends ClosedLabels = ClosedLabels> {
  readonly name: string
  readonly help: string
  readonly values: V
}

/** Defines a process counter; the name ends in `_total`. */
export const counter = <const V extends ClosedLabels>(name: string, help: string, values: V): CounterDef<V> =>
  Object.freeze({ name, help, values })

/** Where a prober counts what outlives the request. */
export interface CounterSink {
  add<V extends ClosedLabels>(def: CounterDef<V>, by: number, labels: { readonly [K in keyof V]: V[K][number] }): void
}
