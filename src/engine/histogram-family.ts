import { keepModules, keyOf, type Labels } from './counter-family.ts'
import type { Family, Sample } from './probe-metrics.ts'

interface Series {
  readonly labels: Labels
  /** How many observations fell into each bucket; the last has no bound. */
  readonly counts: number[]
  sum: number
}

/** A histogram that only ever grows, so that any number of scrapers may read it. */
export class HistogramFamily {
  readonly #series = new Map<string, Series>()
  readonly #name: string
  readonly #help: string
  readonly #bounds: readonly number[]

  /** `bounds` are those of the buckets, ascending. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name
    this.#help = help
    this.#bounds = bounds
  }

  /** Lets a series begin at 0. */
  start(labels: Labels = {}): void {
    this.#seriesOf(labels)
  }

  observe(value: number, labels: Labels = {}): void {
    const series = this.#seriesOf(labels)
    const found = this.#bounds.findIndex(bound => value <= bound)
    const bucket = found === -1 ? this.#bounds.length : found
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
    series.sum += value
  }

  keepModules(known: ReadonlyMap<string, unknown>): void {
    keepModules(this.#series, known)
  }

  family(): Family {
    const samples = [...this.#series.values()].flatMap(series => this.#samplesOf(series))
    return { name: this.#name, help: this.#help, type: 'histogram', samples }
  }

  #seriesOf(labels: Labels): Series {
    const key = keyOf(labels)
    const known = this.#series.get(key)
    if (known !== undefined) return known
    const series = { labels, counts: Array<number>(this.#bounds.length + 1).fill(0), sum: 0 }
    this.#series.set(key, series)
    return series
  }

  #samplesOf({ labels, counts, sum }: Series): readonly Sample[] {
    let count = 0
    const buckets = counts.map((own, index): Sample => {
      count += own
      const le = index < this.#bounds.length ? String(this.#bounds[index]) : '+Inf'
      return { suffix: '_bucket', labels: { ...labels, le }, value: count }
    })
    return [...buckets, { suffix: '_sum', labels, value: sum }, { suffix: '_count', labels, value: count }]
  }
}
