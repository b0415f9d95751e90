import type { Slots } from './shard.ts'

/** Sorts leases into classes, which are numbers below `limit`; -1 for a lease that does not count. */
export interface Classifier {
  readonly limit: number
  classOf(slots: Slots, slot: number): number
}

/** With as few ends, looking at each takes no longer than a search. */
const fewEnds = 16

/** The leases of one shard by class, with their ends: those that are over at an instant are found without looking at each. */
export class Ends {
  /** Those that occur. */
  readonly classes: readonly number[]
  /** By class, one after the other. */
  readonly #ends: Float64Array
  /** By place of a class where its ends begin; one more for where the last ones end. */
  readonly #starts: readonly number[]
  #isSorted = false

  constructor(slots: Slots, { limit, classOf }: Classifier) {
    const { states, ends } = slots
    const own = new Int32Array(states.length).fill(-1)
    const amounts = new Uint32Array(limit)
    const classes: number[] = []
    for (let slot = 0; slot < states.length; slot++) {
      if (states[slot] === 0) continue
      const found = classOf(slots, slot)
      own[slot] = found
      if (found === -1) continue
      if (amounts[found] === 0) classes.push(found)
      amounts[found] = (amounts[found] as number) + 1
    }
    const starts = [0]
    for (const found of classes) starts.push((starts.at(-1) as number) + (amounts[found] as number))
    const next = amounts
    for (const [place, found] of classes.entries()) next[found] = starts[place] as number
    this.#ends = new Float64Array(starts.at(-1) as number)
    for (let slot = 0; slot < states.length; slot++) {
      const found = own[slot] as number
      if (found === -1) continue
      const at = next[found] as number
      this.#ends[at] = ends[slot] as number
      next[found] = at + 1
    }
    this.classes = classes
    this.#starts = starts
  }

  /** Makes looking at it faster, from the second time on. */
  sort(): void {
    if (this.#isSorted) return
    for (let place = 0; place < this.classes.length; place++) {
      const [start, end] = this.#bounds(place)
      if (end - start > fewEnds) this.#ends.subarray(start, end).sort()
    }
    this.#isSorted = true
  }

  amount(place: number): number {
    const [start, end] = this.#bounds(place)
    return end - start
  }

  /** How many never end. */
  endless(place: number): number {
    return this.amount(place) - this.endingWithin(place, 0, Number.MAX_VALUE)
  }

  /** How many end within a time from now, or have ended. */
  endingWithin(place: number, nowSeconds: number, spanSeconds: number): number {
    const [start, end] = this.#bounds(place)
    const ends = this.#ends
    if (!this.#isSorted || end - start <= fewEnds) {
      let amount = 0
      for (let i = start; i < end; i++) if ((ends[i] as number) - nowSeconds <= spanSeconds) amount++
      return amount
    }
    let [low, high] = [start, end]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((ends[middle] as number) - nowSeconds <= spanSeconds) low = middle + 1
      else high = middle
    }
    return low - start
  }

  #bounds(place: number): readonly [start: number, end: number] {
    return [this.#starts[place] as number, this.#starts[place + 1] as number]
  }
}

/** The ends of shards, kept as long as those are there; of each shard by the classifier that was asked for last. */
export class EndCache {
  readonly #known = new WeakMap<Slots, { readonly classifier: Classifier; readonly ends: Ends }>()

  of(slots: Slots, classifier: Classifier): Ends {
    const known = this.#known.get(slots)
    if (known?.classifier === classifier) {
      // Not before, as many a shard is gone by the next look.
      known.ends.sort()
      return known.ends
    }
    const ends = new Ends(slots, classifier)
    this.#known.set(slots, { classifier, ends })
    return ends
  }
}
