interface Limits {
  readonly entries: number
  readonly bytes: number
}

/**
 * A bounded store with a ring of entries for each key. When it is full, the longest ring loses its oldest entry (of rings
 * of one length, that which has had it longest), so that a noisy key evicts nothing of the others.
 */
export class Pool<Entry extends { readonly bytes: number }> {
  readonly #limits: Limits
  readonly #rings = new Map<string, Entry[]>()
  /** The keys of the rings with so many entries; the last set is never empty. */
  readonly #byLength: Set<string>[] = []
  #count = 0
  #bytes = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  add(key: string, entry: Entry): void {
    const ring = this.#ringOf(key)
    ring.push(entry)
    this.#bytes += entry.bytes
    // The usual case in a full pool, without a change of lengths: the longest ring is this one, and loses its oldest.
    if (this.#count === this.#limits.entries && ring.length === this.#byLength.length) this.#shift(ring)
    else {
      this.#count++
      this.#place(key, ring.length - 1, ring.length)
    }
    while (this.#count > this.#limits.entries || this.#bytes > this.#limits.bytes) this.#evict()
  }

  newest(key: string): Entry | undefined {
    return this.#rings.get(key)?.at(-1)
  }

  /** In no order. */
  *entries(): Generator<Entry> {
    for (const ring of this.#rings.values()) yield* ring
  }

  #ringOf(key: string): Entry[] {
    const known = this.#rings.get(key)
    if (known !== undefined) return known
    const ring: Entry[] = []
    this.#rings.set(key, ring)
    return ring
  }

  #shift(ring: Entry[]): void {
    this.#bytes -= ring.shift()?.bytes ?? 0
  }

  #evict(): void {
    const [key = ''] = this.#byLength.at(-1) ?? []
    const ring = this.#rings.get(key) ?? []
    this.#shift(ring)
    this.#count--
    this.#place(key, ring.length + 1, ring.length)
    if (ring.length === 0) this.#rings.delete(key)
  }

  #place(key: string, before: number, now: number): void {
    this.#byLength[before]?.delete(key)
    if (now > 0) this.#byLength[now] = (this.#byLength[now] ?? new Set()).add(key)
    while (this.#byLength.length > 0 && !this.#byLength.at(-1)?.size) this.#byLength.pop()
  }
}
