import { randomInt } from 'node:crypto'

/** The slots of one shard: slot i is taken when `states[i]` is not 0, and its key has `words` words from `i * words`. */
export interface Slots {
  readonly keys: Uint32Array
  readonly states: Uint8Array
  readonly ends: Float64Array
}

interface Shard extends Slots {
  taken: number
}

const shardBits = 6
const smallest = 16

// An unknown seed: nobody who writes a lease file can choose addresses that all fall into one slot.
const seed = randomInt(2 ** 32)

function hashOf(key: Uint32Array, start: number, words: number): number {
  let hash = seed
  for (let i = start; i < start + words; i++) {
    hash = Math.imul(hash ^ (key[i] as number), 0x85ebca6b)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash
}

const createShard = (words: number, capacity: number): Shard => ({
  taken: 0,
  keys: new Uint32Array(capacity * words),
  states: new Uint8Array(capacity),
  ends: new Float64Array(capacity),
})

/** The slot of a key, or the free one where it belongs (open addressing, linear probing). */
function findSlot({ keys, states }: Shard, key: Uint32Array, start: number, words: number, hash: number): number {
  const mask = states.length - 1
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    if (states[slot] === 0) return slot
    let i = 0
    while (i < words && keys[slot * words + i] === key[start + i]) i++
    if (i === words) return slot
  }
}

function grow(old: Shard, words: number): Shard {
  const shard = createShard(words, old.states.length * 2)
  for (let from = 0; from < old.states.length; from++) {
    if (old.states[from] === 0) continue
    const start = from * words
    const slot = findSlot(shard, old.keys, start, words, hashOf(old.keys, start, words))
    shard.keys.set(old.keys.subarray(start, start + words), slot * words)
    shard.states[slot] = old.states[from] as number
    shard.ends[slot] = old.ends[from] as number
  }
  shard.taken = old.taken
  return shard
}

/**
 * Leases by address, in some 30 octets each and without one object per lease. It is split into shards, so that growing
 * it never holds the event loop for long, however many leases there are.
 */
export class LeaseTable {
  readonly words: number
  readonly #shards: (Shard | undefined)[] = Array(2 ** shardBits).fill(undefined)

  /** `words` is the length of a key in 32-bit words. */
  constructor(words: number) {
    this.words = words
  }

  /** Puts a lease in the place of an earlier one with the same key. `state` is from 1 to 255. */
  put(key: Uint32Array, state: number, end: number): void {
    const hash = hashOf(key, 0, this.words)
    const shard = this.#shardWithRoom(hash >>> (32 - shardBits))
    const slot = findSlot(shard, key, 0, this.words, hash)
    if (shard.states[slot] === 0) {
      for (let i = 0; i < this.words; i++) shard.keys[slot * this.words + i] = key[i] as number
      shard.taken++
    }
    shard.states[slot] = state
    shard.ends[slot] = end
  }

  /** The leases, a bounded part at a time. */
  *shards(): Generator<Slots> {
    for (const shard of this.#shards) if (shard !== undefined) yield shard
  }

  #shardWithRoom(index: number): Shard {
    const shard = this.#shards[index]
    if (shard !== undefined && shard.taken < shard.states.length * 0.75) return shard
    const roomy = shard === undefined ? createShard(this.words, smallest) : grow(shard, this.words)
    this.#shards[index] = roomy
    return roomy
  }
}
