import { roundSeconds } from '../kit/duration.ts'
import { ProbeFailure } from '../kit/failure.ts'
import type { MetricDef, MetricSink } from '../kit/metrics.ts'

export interface Sample {
  /** What follows the family's name; only histograms have some. */
  readonly suffix?: '_bucket' | '_sum' | '_count'
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** When it was taken, in Unix milliseconds; undefined for now. */
  readonly atMs?: number | undefined
}

/** A metric with its series, as it will be printed. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: MetricDef['type'] | 'histogram'
  readonly samples: readonly Sample[]
}

const maxSeries = 20_000
const metricName = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const labelName = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/

/** What sonde measured is known to the nanosecond; other numbers are those of a target. */
const measured = /^probe_.*_seconds$/

interface Series {
  readonly def: MetricDef
  readonly isMeasured: boolean
  readonly samples: Map<string, Sample>
}

/** The families of one attempt. Duplicates and bad names are impossible by construction: they throw, as bugs of ours. */
export class ProbeMetrics implements MetricSink {
  readonly #families = new Map<string, Series>()
  #series = 0
  #sealed = false

  set(def: MetricDef, value: number | boolean, labels: Readonly<Record<string, string>> = {}): void {
    this.#put(def, undefined, value, labels)
  }

  setAt(def: MetricDef, atMs: number, value: number | boolean, labels: Readonly<Record<string, string>> = {}): void {
    this.#put(def, atMs, value, labels)
  }

  /** The families as they stand; from now on writes have no effect. */
  seal(): readonly Family[] {
    this.#sealed = true
    return [...this.#families.values()].map(({ def, samples }) => ({
      name: def.name,
      help: def.help,
      type: def.type,
      samples: [...samples].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sample]) => sample),
    }))
  }

  #put(def: MetricDef, atMs: number | undefined, value: number | boolean, labels: Readonly<Record<string, string>>) {
    if (this.#sealed) return // a prober that ignored its signal
    const { samples, isMeasured } = this.#seriesOf(def)
    const key = keyOf(def, labels)
    if (!samples.has(key) && ++this.#series > maxSeries) {
      throw new ProbeFailure('too_large', `more than ${maxSeries} series`)
    }
    if (Object.keys(labels).length !== def.labels.length) throw new Error(`unknown label on ${def.name}`)
    samples.set(key, { labels: { ...labels }, value: isMeasured ? roundSeconds(Number(value)) : Number(value), atMs })
  }

  #seriesOf(def: MetricDef): Series {
    const known = this.#families.get(def.name)
    if (known !== undefined) {
      if (known.def !== def) throw new Error(`two definitions of ${def.name}`)
      return known
    }
    if (!metricName.test(def.name) || !def.labels.every(label => labelName.test(label))) {
      throw new Error(`bad metric or label name: ${def.name}`)
    }
    const series = { def, isMeasured: measured.test(def.name), samples: new Map<string, Sample>() }
    this.#families.set(def.name, series)
    return series
  }
}

const keyOf = (def: MetricDef, labels: Readonly<Record<string, string>>): string =>
  def.labels.length === 0 ? '' : JSON.stringify(def.labels.map(label => labelValue(def, label, labels)))

function labelValue(def: MetricDef, label: string, labels: Readonly<Record<string, string>>): string {
  const value = labels[label]
  if (typeof value !== 'string') throw new Error(`label ${label} of ${def.name} is missing`)
  return value
}
