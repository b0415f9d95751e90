import {
  copyShard,
  findSlot,
  hashOf,
  type LeaseDetails,
  moveSlots,
  type Shard,
  type Slots,
  sizeOf,
  textBytes,
} from './shard.ts'

/** What stands in a slot besides its key. */
export interface Row {
  /** From 1 to 255. */
  readonly state: number
  readonly end: number
  readonly group: Uint32Array
}

export interface TableOptions {
  /** Length of a key in 32-bit words. */
  readonly words: number
  /** What belongs to a lease besides: one word unless given. */
  readonly groupWords?: number
  readonly keepsDetails?: boolean
}

const smallest = 16
/** Copying or splitting that many slots takes well below a millisecond; with fewer, the many arrays burden the garbage collector. */
const largest = 4096
const mostFull = 0.75
const maxDepth = 20

/**
 * Leases by address, in some 30 (IPv4) or 60 octets each and without one object per lease. Extendible hashing: the
 * table is made of small shards, so that growing it never holds the event loop, however many leases there are, and a
 * `fork` shares them until it writes to one.
 */
export class LeaseTable {
  readonly words: number
  readonly #groupWords: number
  readonly #keepsDetails: boolean
  #owner = {}
  #depth = 0
  /** By the first `#depth` bits of a hash; several entries may lead to one shard. */
  #shards: Shard[]
  #bytes = 0

  constructor({ words, groupWords = 1, keepsDetails = false }: TableOptions) {
    this.words = words
    this.#groupWords = groupWords
    this.#keepsDetails = keepsDetails
    this.#shards = [this.#createShard(0, smallest)]
  }

  /** What it takes in memory, shards that it shares with another table included. */
  get bytes(): number {
    return this.#bytes + 8 * this.#shards.length
  }

  /** Room for leases. */
  get slots(): number {
    return this.#shards.reduce(
      (sum, { states }, i, all) => sum + (all[i - 1]?.states === states ? 0 : states.length),
      0,
    )
  }

  /** A copy that shares all that neither of the two writes to. */
  fork(): LeaseTable {
    const copy = new LeaseTable({
      words: this.words,
      groupWords: this.#groupWords,
      keepsDetails: this.#keepsDetails,
    })
    copy.#depth = this.#depth
    copy.#shards = this.#shards.slice()
    copy.#bytes = this.#bytes
    this.#owner = {}
    return copy
  }

  /** Puts a lease in the place of an earlier one with the same key. `state` is from 1 to 255. */
  put(key: Uint32Array, state: number, end: number, group: number | Uint32Array = 0, details?: LeaseDetails): void {
    const hash = hashOf(key, 0, this.words)
    const shard = this.#shardWithRoom(hash)
    const slot = findSlot(shard, key, 0, this.words, hash)
    if (shard.states[slot] === 0) {
      for (let i = 0; i < this.words; i++) shard.keys[slot * this.words + i] = key[i] as number
      shard.taken++
    }
    shard.states[slot] = state
    shard.ends[slot] = end
    if (typeof group === 'number') shard.groups[slot * this.#groupWords] = group
    else shard.groups.set(group, slot * this.#groupWords)
    if (shard.details === undefined) return
    this.#bytes += textBytes(details) - textBytes(shard.details[slot])
    shard.details[slot] = details
  }

  get(key: Uint32Array): Row | undefined {
    const hash = hashOf(key, 0, this.words)
    const shard = this.#shards[this.#indexOf(hash)] as Shard
    const slot = findSlot(shard, key, 0, this.words, hash)
    const state = shard.states[slot] as number
    if (state === 0) return undefined
    const group = shard.groups.slice(slot * this.#groupWords, (slot + 1) * this.#groupWords)
    return { state, end: shard.ends[slot] as number, group }
  }

  /** The leases, a bounded part at a time. What was handed out stays as it is, whatever is put from then on. */
  *shards(): Generator<Slots> {
    for (const [index, shard] of this.#shards.entries()) {
      if (shard.taken === 0 || this.#shards[index - 1] === shard) continue
      this.#owner = {}
      yield shard
    }
  }

  #createShard(depth: number, capacity: number): Shard {
    const shard = {
      depth,
      owner: this.#owner,
      taken: 0,
      keys: new Uint32Array(capacity * this.words),
      states: new Uint8Array(capacity),
      ends: new Float64Array(capacity),
      groups: new Uint32Array(capacity * this.#groupWords),
      details: this.#keepsDetails ? Array<LeaseDetails | undefined>(capacity).fill(undefined) : undefined,
    }
    this.#bytes += sizeOf(shard)
    return shard
  }

  #indexOf(hash: number): number {
    return this.#depth === 0 ? 0 : hash >>> (32 - this.#depth)
  }

  /** The shard of a hash, this table's own and with a free slot to spare. */
  #shardWithRoom(hash: number): Shard {
    for (;;) {
      const shard = this.#shards[this.#indexOf(hash)] as Shard
      const isFull = shard.taken >= shard.states.length * mostFull
      if (!isFull && shard.owner === this.#owner) return shard
      if (!isFull) this.#copy(shard, hash)
      else if (shard.states.length < largest || shard.depth === maxDepth) this.#replace(shard, hash, this.#grow(shard))
      else this.#split(shard, hash)
    }
  }

  /** Puts other shards, each for an equal part of the hashes, in the place of one. */
  #replace(old: Shard, hash: number, ...shards: readonly Shard[]): void {
    const places = 2 ** (this.#depth - old.depth)
    const first = this.#indexOf(hash) & ~(places - 1)
    for (const [part, shard] of shards.entries()) {
      const [from, to] = [part, part + 1].map(bound => first + (bound * places) / shards.length)
      this.#shards.fill(shard, from, to)
    }
    this.#bytes -= sizeOf(old)
  }

  #copy(old: Shard, hash: number): void {
    this.#bytes += sizeOf(old)
    this.#replace(old, hash, copyShard(old, this.#owner))
  }

  #grow(old: Shard): Shard {
    const shard = this.#createShard(old.depth, old.states.length * 2)
    moveSlots(old, this.words, () => shard)
    return shard
  }

  #split(old: Shard, hash: number): void {
    if (old.depth === this.#depth) {
      this.#shards = this.#shards.flatMap(shard => [shard, shard])
      this.#depth++
    }
    const depth = old.depth + 1
    const [low, high] = [this.#createShard(depth, old.states.length), this.#createShard(depth, old.states.length)]
    moveSlots(old, this.words, own => ((own >>> (32 - depth)) & 1 ? high : low))
    this.#replace(old, hash, low, high)
  }
}
