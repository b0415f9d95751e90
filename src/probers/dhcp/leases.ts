import { LeaseFileError } from './failure.ts'
import type { LeaseDetails } from './shard.ts'
import { LeaseTable } from './table.ts'

export type { LeaseDetails } from './shard.ts'

export type Family = 'ipv4' | 'ipv6'

export const families: readonly Family[] = ['ipv4', 'ipv6']

/** Types of lease; the place of one in this list is its code in a key. */
export const leaseTypes = ['address', 'na', 'ta', 'pd'] as const

export type LeaseType = (typeof leaseTypes)[number]

/** States of a lease; the place of one in this list is its code in a table. */
export const leaseStates = [
  '',
  'active',
  'expired',
  'free',
  'released',
  'backup',
  'abandoned',
  'declined',
  'reclaimed',
  'reset',
  'registered',
  'unknown',
] as const

export type LeaseState = Exclude<(typeof leaseStates)[number], ''>

export const codeOf = (state: LeaseState): number => leaseStates.indexOf(state)

/** No state is recorded: active until its end, expired after it, and never overdue. */
export const unstatedCode = 100

/** The file says that there is no lease (any more). */
export const removedCode = 101

/** Declined until its end, expired after it. */
export const declinedUntilEndCode = 102

/**
 * Added to the code of a state: a further address of a lease that is in the table already. It is in use, as pools and
 * lists of addresses go, but no lease of its own.
 */
export const furtherAddress = 0x80

export const isFurtherAddress = (recorded: number): boolean => recorded >= furtherAddress

const activeCode = codeOf('active')
const expiredCode = codeOf('expired')
const declinedCode = codeOf('declined')

/**
 * What a recorded code comes to at an instant (Unix seconds; undefined when the ends of the file are no instants): the
 * code of a state, or 0 when there is no lease.
 */
export function effectiveCode(recorded: number, end: number, nowSeconds: number | undefined): number {
  const code = recorded & ~furtherAddress
  if (code === removedCode) return 0
  const isOver = nowSeconds !== undefined && end <= nowSeconds
  if (code === activeCode || code === unstatedCode) return isOver ? expiredCode : activeCode
  if (code === declinedUntilEndCode) return isOver ? expiredCode : declinedCode
  return code
}

/** Words of an IPv6 key: the address, highest word first, then the type and the length of the prefix. */
export const ipv6Words = 5

/** Words of a key. */
export const wordsOf: Readonly<Record<Family, number>> = { ipv4: 1, ipv6: ipv6Words }

/** The last word of an IPv6 key; the length of a single address is 128. */
export const typeWord = (typeCode: number, prefixLength = 128): number => typeCode | (prefixLength << 8)

export const typeCodeOf = (word: number): number => word & 0xff

/** The code of the type of the lease in a slot of a table with these keys. */
export const typeCodeAt = (family: Family, keys: Uint32Array, slot: number): number =>
  family === 'ipv4' ? 0 : typeCodeOf(keys[slot * ipv6Words + ipv6Words - 1] as number)

export const prefixLengthOf = (word: number): number => word >>> 8

/** Two ends for each slot: one for the counts and one for those of pools. */
const countingBytes = 16

export interface LeasesOptions {
  /** Complete entries, before the last one of an address wins. */
  readonly maxEntries: number
  /** Whether what is known of the clients is kept. */
  readonly keepsDetails: boolean
}

/**
 * What the entries of a lease file come to, the last one of each address; bounded by `maxEntries`. This is what parsers
 * produce and what is counted. The key of an IPv4 lease is its address, that of an IPv6 lease has `ipv6Words` words.
 * The state of a slot is a code, to be read with `isFurtherAddress` and `effectiveCode`; its end Unix seconds, Infinity
 * for never; its group the subnet of Kea and otherwise nobody's business. Details are there only when kept.
 */
export class Leases {
  readonly ipv4: LeaseTable
  readonly ipv6: LeaseTable
  readonly keepsDetails: boolean
  /** What the IAs of ISC's DHCPv6 server listed last: their parser's business. */
  readonly listed: LeaseTable
  readonly #maxEntries: number
  readonly #ipv4Key = new Uint32Array(1)
  readonly #newest: Record<Family, number>
  #entries = 0
  #malformed = 0

  constructor({ maxEntries, keepsDetails }: LeasesOptions, from?: Leases) {
    this.#maxEntries = maxEntries
    this.keepsDetails = keepsDetails
    this.ipv4 = from?.ipv4.fork() ?? new LeaseTable({ words: 1, keepsDetails })
    this.ipv6 = from?.ipv6.fork() ?? new LeaseTable({ words: ipv6Words, keepsDetails })
    this.listed = from?.listed.fork() ?? new LeaseTable({ words: 3, groupWords: ipv6Words })
    this.#newest = from ? { ...from.#newest } : { ipv4: Number.NEGATIVE_INFINITY, ipv6: Number.NEGATIVE_INFINITY }
    this.#entries = from?.entries ?? 0
    this.#malformed = from?.malformed ?? 0
  }

  /** A copy to go on with, as these stay what they are for those who count them; takes next to no time and memory. */
  fork(): Leases {
    return new Leases({ maxEntries: this.#maxEntries, keepsDetails: this.keepsDetails }, this)
  }

  /** What they take in memory at most, with what is kept for counting them again. */
  get bytes(): number {
    return this.ipv4.bytes + this.ipv6.bytes + this.listed.bytes + countingBytes * (this.ipv4.slots + this.ipv6.slots)
  }

  /** Complete entries so far, before the last one of an address wins. */
  get entries(): number {
    return this.#entries
  }

  /** Those of them that were skipped. */
  get malformed(): number {
    return this.#malformed
  }

  /** The latest transaction, in Unix seconds; undefined when the file does not tell. */
  newestTransaction(family: Family): number | undefined {
    return Number.isFinite(this.#newest[family]) ? this.#newest[family] : undefined
  }

  /** Counts an entry that cannot be used. */
  skip(): void {
    this.count()
    this.#malformed++
  }

  /** Counts an entry; throws `LeaseFileError('too_large')`. */
  count(): void {
    if (++this.#entries > this.#maxEntries) {
      throw new LeaseFileError('too_large', `more than ${this.#maxEntries} entries`)
    }
  }

  /** Notes when a client dealt with the server, in Unix seconds. */
  noteTransaction(family: Family, seconds: number): void {
    if (seconds > this.#newest[family]) this.#newest[family] = seconds
  }

  /** Puts a lease, without counting an entry. `end` is in Unix seconds, Infinity for a lease that never ends. */
  putIpv4(address: number, state: number, end: number, group = 0, details?: LeaseDetails): void {
    this.#ipv4Key[0] = address
    this.ipv4.put(this.#ipv4Key, state, end, group, details)
  }

  putIpv6(key: Uint32Array, state: number, end: number, group = 0, details?: LeaseDetails): void {
    this.ipv6.put(key, state, end, group, details)
  }
}
