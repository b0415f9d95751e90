import { LeaseFileError } from './failure.ts'
import { LeaseTable } from './table.ts'

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

/** Words of an IPv6 key: the address, then the type code. */
export const ipv6Words = 5

/** What the entries of a lease file come to, the last one of each address; bounded by `maxEntries`. */
export class Leases {
  readonly ipv4 = new LeaseTable(1)
  readonly ipv6 = new LeaseTable(ipv6Words)
  readonly #maxEntries: number
  readonly #ipv4Key = new Uint32Array(1)
  readonly #newest: Record<Family, number> = { ipv4: Number.NEGATIVE_INFINITY, ipv6: Number.NEGATIVE_INFINITY }
  #entries = 0
  #malformed = 0

  constructor(maxEntries: number) {
    this.#maxEntries = maxEntries
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
    this.#count()
    this.#malformed++
  }

  /** `end` and `transaction` are Unix seconds; `end` is Infinity for a lease that never ends. */
  putIpv4(address: number, state: number, end: number, transaction = Number.NEGATIVE_INFINITY): void {
    this.#count()
    this.#ipv4Key[0] = address
    this.ipv4.put(this.#ipv4Key, state, end)
    if (transaction > this.#newest.ipv4) this.#newest.ipv4 = transaction
  }

  putIpv6(key: Uint32Array, state: number, end: number, transaction = Number.NEGATIVE_INFINITY): void {
    this.#count()
    this.ipv6.put(key, state, end)
    if (transaction > this.#newest.ipv6) this.#newest.ipv6 = transaction
  }

  /** Throws `LeaseFileError('too_large')`. */
  #count(): void {
    if (++this.#entries > this.#maxEntries) {
      throw new LeaseFileError('too_large', `more than ${this.#maxEntries} entries`)
    }
  }
}
