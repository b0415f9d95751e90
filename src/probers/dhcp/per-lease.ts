import { createHmac } from 'node:crypto'
import { ProbeFailure } from '../../kit/failure.ts'
import { gauge, type MetricDef, type MetricSink } from '../../kit/metrics.ts'
import { readNamed } from '../../kit/net/files.ts'
import { safeText } from '../../kit/text.ts'
import { LeaseFileError } from './failure.ts'
import { codeOf, type Family, ipv6Words, leaseStates, leaseTypes, prefixLengthOf, wordsOf } from './leases.ts'
import { type Label, labels, leastKeyBytes, maxKeyBytes, type PerLease } from './per-lease-options.ts'
import { addressText, fromWords } from './pools/address.ts'
import type { LeaseDetails, Slots } from './shard.ts'
import type { LeaseVisitor } from './visit.ts'

const infoOf = <const L extends Label>(own: readonly L[]): MetricDef<L> =>
  gauge('probe_dhcp_lease_info', 'A lease, with those of the labels that per_lease lists; always 1.', own)

export const leaseInfo = infoOf(labels)
export const leaseExpiry = gauge(
  'probe_dhcp_lease_expiry_timestamp_seconds',
  'When a lease ends, +Inf for never, if the file tells; only with per_lease, and with address among its labels.',
  ['address', 'type'],
)
export const leaseInfoOmitted = gauge(
  'probe_dhcp_lease_info_omitted',
  'Series of probe_dhcp_lease_info that max_series cut.',
)

const hashDigits = 16

interface Shown {
  readonly family: Family
  readonly key: Uint32Array
  readonly typeCode: number
  readonly stateCode: number
  /** Undefined when the file does not tell. */
  readonly end: number | undefined
  readonly details: LeaseDetails | undefined
}

const compareKeys = (a: Uint32Array, b: Uint32Array): number => {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return 0
}

const compare = (a: Shown, b: Shown): number =>
  a.family === b.family ? compareKeys(a.key, b.key) : a.family === 'ipv4' ? -1 : 1

/** Keeps the leases in wanted states that have the lowest addresses, in order and without sorting all of them. */
export class ShownLeases implements LeaseVisitor {
  readonly #states: ReadonlySet<number>
  readonly #most: number
  readonly #endsAreInstants: boolean
  #kept: Shown[] = []
  #highest: Shown | undefined
  #wanted = 0

  constructor({ states: wanted, max_series }: PerLease, endsAreInstants: boolean) {
    this.#states = new Set(wanted.map(codeOf))
    this.#most = max_series
    this.#endsAreInstants = endsAreInstants
  }

  visit(family: Family, { keys, ends, details }: Slots, slot: number, typeCode: number, stateCode: number): void {
    if (!this.#states.has(stateCode)) return
    this.#wanted++
    const words = wordsOf[family]
    const key = keys.slice(slot * words, (slot + 1) * words)
    const recorded = ends[slot] as number
    const isInstant = recorded === Number.POSITIVE_INFINITY || (this.#endsAreInstants && recorded > 0)
    const end = isInstant ? recorded : undefined
    const shown = { family, key, typeCode, stateCode, end, details: details?.[slot] }
    if (this.#highest !== undefined && compare(shown, this.#highest) > 0) return
    this.#kept.push(shown)
    if (this.#kept.length === 2 * this.#most) this.#cut()
  }

  #cut(): void {
    this.#kept = this.#kept.sort(compare).slice(0, this.#most)
    if (this.#kept.length === this.#most) this.#highest = this.#kept.at(-1)
  }

  /** The leases to show, lowest address first. */
  get lowest(): readonly Shown[] {
    this.#cut()
    return this.#kept
  }

  /** How many are not among them. */
  get omitted(): number {
    return Math.max(0, this.#wanted - this.#most)
  }
}

/** Reads the key; throws `LeaseFileError`, as without it no address may be shown. */
async function readKey(options: PerLease): Promise<Buffer | undefined> {
  if (options.hash_key_file === undefined) return undefined
  const fail = (message: string) => new LeaseFileError('read_error', `per_lease.hash_key_file: ${message}`)
  try {
    const { octets } = await readNamed(options, options.hash_key_file, maxKeyBytes)
    if (octets.length < leastKeyBytes) throw fail(`expected a key of at least ${leastKeyBytes} octets`)
    return octets
  } catch (error) {
    throw error instanceof ProbeFailure ? fail(error.message) : error
  }
}

/** An address, and the length of a prefix behind it. */
function addressOf({ family, key, typeCode }: Shown): string {
  if (family === 'ipv4') return addressText('ipv4', fromWords(key))
  const address = addressText('ipv6', fromWords(key.subarray(0, ipv6Words - 1)))
  return leaseTypes[typeCode] === 'pd' ? `${address}/${prefixLengthOf(key[ipv6Words - 1] as number)}` : address
}

function hashed(hwaddr: string, key: Buffer | undefined): string {
  if (key === undefined || hwaddr === '') return hwaddr
  return createHmac('sha256', key).update(hwaddr).digest('hex').slice(0, hashDigits)
}

/** Reports each lease that is shown. Throws `LeaseFileError` when the key of the hash cannot be read. */
export async function reportShown(
  sink: MetricSink,
  leases: ShownLeases,
  options: PerLease,
  pause: () => Promise<void> | undefined,
): Promise<void> {
  const key = await readKey(options)
  const info = infoOf(options.labels)
  for (const lease of leases.lowest) {
    await pause()
    const { hwaddr = '', clientId = '', hostname = '' } = lease.details ?? {}
    const all: Readonly<Record<Label, string>> = {
      address: addressOf(lease),
      type: leaseTypes[lease.typeCode] as string,
      state: leaseStates[lease.stateCode] as string,
      hwaddr: safeText(hashed(hwaddr, key)),
      client_id: safeText(clientId),
      hostname: safeText(hostname),
    }
    sink.set(info, 1, Object.fromEntries(options.labels.map(label => [label, all[label]])) as typeof all)
    if (lease.end !== undefined && options.labels.includes('address')) {
      sink.set(leaseExpiry, lease.end, { address: all.address, type: all.type })
    }
  }
  sink.set(leaseInfoOmitted, leases.omitted)
}
