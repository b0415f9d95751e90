import { randomInt } from 'node:crypto'

/** What is known of a client besides its address; empty where the file does not tell. Chosen by the client: hostile. */
export interface LeaseDetails {
  /** As `02:00:00:00:00:01`. */
  readonly hwaddr: string
  /** Client identifier or DUID, in the same form. */
  readonly clientId: string
  readonly hostname: string
}

/**
 * A bounded part of a table: slot i is taken when `states[i]` is not 0, its key has `words` words from `i * words`.
 * Nobody writes to it once it was handed out.
 */
export interface Slots {
  readonly keys: Uint32Array
  readonly states: Uint8Array
  readonly ends: Float64Array
  /** By slot, `groupWords` each. */
  readonly groups: Uint32Array
  /** By slot; undefined when the table keeps none. */
  readonly details: readonly (LeaseDetails | undefined)[] | undefined
}

export interface Shard extends Slots {
  readonly details: (LeaseDetails | undefined)[] | undefined
  /** How many bits of a hash lead to it. */
  readonly depth: number
  /** Of the tables that share it the one that may write to it. */
  readonly owner: object
  taken: number
}

/** What details take besides the octets of their texts. */
const detailsBytes = 160

// Unknown seeds: nobody who writes a lease file can choose addresses that all fall into one slot.
const seed = randomInt(2 ** 32)

export function hashOf(key: Uint32Array, start: number, words: number): number {
  let hash = seed
  for (let i = start; i < start + words; i++) {
    hash = Math.imul(hash ^ (key[i] as number), 0x85ebca6b)
    hash ^= hash >>> 13
    hash = Math.imul(hash, 0xc2b2ae35)
    hash ^= hash >>> 16
  }
  return hash
}

/** The slot of a key, or the free one where it belongs (open addressing, linear probing). */
export function findSlot(
  { keys, states }: Shard,
  key: Uint32Array,
  start: number,
  words: number,
  hash: number,
): number {
  const mask = states.length - 1
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    if (states[slot] === 0) return slot
    let i = 0
    while (i < words && keys[slot * words + i] === key[start + i]) i++
    if (i === words) return slot
  }
}

export const sizeOf = ({ keys, states, ends, groups }: Shard): number =>
  keys.byteLength + states.byteLength + ends.byteLength + groups.byteLength

export const textBytes = (details: LeaseDetails | undefined): number =>
  details === undefined
    ? 0
    : detailsBytes + details.hwaddr.length + details.clientId.length + 2 * details.hostname.length

/** The same shard for a table that may write to it. */
export const copyShard = ({ depth, taken, keys, states, ends, groups, details }: Shard, owner: object): Shard => ({
  depth,
  owner,
  taken,
  keys: keys.slice(),
  states: states.slice(),
  ends: ends.slice(),
  groups: groups.slice(),
  details: details?.slice(),
})

/** Puts all that is in a shard, with keys of so many words, into others that have room for it. */
export function moveSlots(old: Shard, words: number, shardOf: (hash: number) => Shard): void {
  const own = old.groups.length / old.states.length
  for (let from = 0; from < old.states.length; from++) {
    if (old.states[from] === 0) continue
    const start = from * words
    const hash = hashOf(old.keys, start, words)
    const shard = shardOf(hash)
    const slot = findSlot(shard, old.keys, start, words, hash)
    for (let i = 0; i < words; i++) shard.keys[slot * words + i] = old.keys[start + i] as number
    shard.states[slot] = old.states[from] as number
    shard.ends[slot] = old.ends[from] as number
    for (let i = 0; i < own; i++) shard.groups[slot * own + i] = old.groups[from * own + i] as number
    if (shard.details !== undefined) shard.details[slot] = old.details?.[from]
    shard.taken++
  }
}
