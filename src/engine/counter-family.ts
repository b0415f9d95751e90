import type { Family } from './probe-metrics.ts'

export type Labels = Readonly<Record<string, string>>

/** Tells label sets apart whatever their values hold. */
export const keyOf = (labels: Labels): string => JSON.stringify(Object.entries(labels).sort())

/** Drops the series of modules that are no longer configured. */
export function keepModules(
  series: Map<string, { readonly labels: Labels }>,
  known: ReadonlyMap<string, unknown>,
): void {
  for (const [key, { labels }] of series) if (!known.has(labels.module ?? '')) series.delete(key)
}

/** A counter whose every series exists from the start. */
export class CounterFamily {
  readonly #samples = new Map<string, { readonly labels: Labels; value: number }>()
  readonly #name: string
  readonly #help: string

  constructor(name: string, help: string, initial: readonly Labels[] = [{}]) {
    this.#name = name
    this.#help = help
    for (const labels of initial) this.add(0, labels)
  }

  add(by: number, labels: Labels = {}): void {
    const key = keyOf(labels)
    const sample = this.#samples.get(key)
    if (sample === undefined) this.#samples.set(key, { labels, value: by })
    else sample.value += by
  }

  keepModules(known: ReadonlyMap<string, unknown>): void {
    keepModules(this.#samples, known)
  }

  family(): Family {
    return { name: this.#name, help: this.#help, type: 'counter', samples: [...this.#samples.values()] }
  }
}
