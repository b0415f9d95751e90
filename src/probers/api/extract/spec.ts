import type { CheckOptions } from '../options/check.ts'
import type { MetricOptions } from '../options/metric.ts'
import type { LookupOptions } from '../options/section.ts'
import type { Extracted } from '../options/transport.ts'
import type { LabelOptions } from '../options/value.ts'
import type { ItemsSource } from '../query/items.ts'
import type { ItemsPlaces, Path } from './compiler.ts'
import type { WrittenValue } from './value.ts'

/** A piece of the section, and where it stands in it. */
export interface Placed<T> {
  readonly at: Path
  readonly written: T
}

export interface NamedPlaced<T> extends Placed<T> {
  readonly name: string
}

/** One series for each item. */
export interface SeriesSpec extends Placed<WrittenValue> {
  /** Its place in `Extraction.families`. */
  readonly family: number
  /** For each label of the family, its place among those of the entry; the one that `pivot` or a stateset adds is last. */
  readonly order: readonly number[]
  /** The value of the label `pivot`, where there is one. */
  readonly pivot: string | undefined
}

/** An entry of `metrics`, or one of its variants with what it has of the entry. */
export interface EntrySpec {
  readonly entry: number
  readonly variant: number
  readonly items: ItemsSource
  readonly itemsAt: ItemsPlaces
  readonly labels: readonly NamedPlaced<string | LabelOptions>[]
  readonly series: readonly SeriesSpec[]
  readonly timestamp: Placed<NonNullable<MetricOptions['timestamp']>> | undefined
  /** Of a stateset. */
  readonly states: readonly string[] | undefined
  readonly onMissing: MetricOptions['on_missing']
  readonly onDuplicate: MetricOptions['on_duplicate']
  readonly maxItems: number
}

/** Everything that is read of one answer: plain data, as it stands in the section. */
export interface DocumentSpec {
  /** Checks of the request. */
  readonly conditions: readonly Placed<CheckOptions>[]
  readonly extract: readonly NamedPlaced<Extracted>[]
  readonly lookups: readonly NamedPlaced<LookupOptions>[]
  readonly entries: readonly EntrySpec[]
  /** Checks of the module. */
  readonly checks: readonly Placed<CheckOptions>[]
  readonly maxSeries: number
}
