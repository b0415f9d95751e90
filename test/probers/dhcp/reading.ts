import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Counts, countLeases } from '../../../src/probers/dhcp/count.ts'
import { formats } from '../../../src/probers/dhcp/formats/detect.ts'
import type {
  Checkpoint,
  FileFacts,
  FormatName,
  LeaseReader,
  ReaderOptions,
} from '../../../src/probers/dhcp/formats/format.ts'
import {
  declinedUntilEndCode,
  furtherAddress,
  isFurtherAddress,
  Leases,
  leaseStates,
  leaseTypes,
  prefixLengthOf,
  removedCode,
  typeCodeOf,
  unstatedCode,
} from '../../../src/probers/dhcp/leases.ts'

export const fixtureRoot = join(import.meta.dirname, '../../fixtures/dhcp')

/** The octets of a fixture, also of one that is compressed. */
export function fixture(name: string): Buffer {
  const file = join(fixtureRoot, name)
  return existsSync(`${file}.gz`) ? gunzipSync(readFileSync(`${file}.gz`)) : readFileSync(file)
}

/** The fields of `NAME.expected.json` that are common to the servers. */
export interface Expected {
  readonly at: number
  readonly entries?: number
  readonly entries_complete?: number
  readonly rows?: number
  readonly malformed_rows?: number
  readonly lease_lines?: number
  readonly records?: number
  readonly leases?: number
  readonly written_at?: number
  readonly failover?: { readonly name: string; readonly my_state: string; readonly partner_state: string }
  readonly side_files?: Readonly<Record<string, number>>
  readonly incomplete_tail?: boolean
  readonly unique_addresses: number
  readonly by_family: { readonly ipv4: number; readonly ipv6: number }
  readonly by_type?: Readonly<Record<string, number>>
  readonly effective: Readonly<Record<string, number>>
  readonly never_expires?: number
  readonly checks?: readonly { readonly at: number; readonly effective: Readonly<Record<string, number>> }[]
  readonly must_not_find?: readonly string[]
  readonly recorded_by_type?: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly final?: readonly {
    readonly address: string
    readonly type?: string
    readonly prefix_len?: number
    readonly state?: string
    readonly ends?: number | null
    readonly expire?: number | null
    readonly expires?: number
  }[]
}

export const expected = (name: string): Expected => JSON.parse(fixture(`${name}.expected.json`).toString())

export interface Read {
  readonly leases: Leases
  readonly facts: FileFacts
  readonly checkpoint: Checkpoint | undefined
}

export interface HowToRead extends Partial<ReaderOptions> {
  /** Sizes of the chunks, the rest as a whole. */
  readonly cut?: readonly number[]
  readonly maxEntries?: number
  readonly keepsDetails?: boolean
}

/** Feeds a reader in chunks. */
function feed(reader: LeaseReader, octets: Uint8Array, cut: readonly number[]) {
  let at = 0
  for (const size of cut) {
    reader.feed(octets.subarray(at, at + size))
    at += size
  }
  reader.feed(octets.subarray(at))
  return reader.end()
}

/** Reads the files of a set. */
export function read(
  format: FormatName,
  files: Uint8Array | readonly Uint8Array[],
  { family = 'auto', cut = [], maxEntries = 1e6, keepsDetails = false }: HowToRead = {},
): Read {
  const leases = new Leases({ maxEntries, keepsDetails })
  let end: ReturnType<LeaseReader['end']> | undefined
  for (const octets of files instanceof Uint8Array ? [files] : files) {
    end = feed(formats[format].createReader(leases, { family }), octets, cut)
  }
  return { leases, ...end! }
}

/** Reads on in a file of which the octets up to the checkpoint were read before. */
export function readOn(format: FormatName, before: Read, octets: Uint8Array, cut: readonly number[] = []): Read {
  const leases = before.leases.fork()
  const reader = formats[format].createReader(leases, { family: 'auto' }, before.checkpoint)
  return { leases, ...feed(reader, octets.subarray(before.checkpoint!.offset), cut) }
}

export interface Lease {
  readonly state: string
  readonly end: number
}

const specialNames = new Map([
  [unstatedCode, '(none)'],
  [declinedUntilEndCode, 'declined'],
])

function stateName(code: number): string {
  if (isFurtherAddress(code)) return `further ${stateName(code - furtherAddress)}`
  return specialNames.get(code) ?? leaseStates[code] ?? `code ${code}`
}

const hex = (word: number) => word.toString(16).padStart(8, '0')

/** An IPv6 key: type, 32 hexadecimal digits and, of a prefix, its length. */
export function keyText(key: Uint32Array): string {
  const [type, length] = [leaseTypes[typeCodeOf(key[4]!)], prefixLengthOf(key[4]!)]
  return `${type} ${[...key.subarray(0, 4)].map(hex).join('')}${length === 128 ? '' : `/${length}`}`
}

/** The leases by address: dotted quad, or type, 32 hexadecimal digits and, of a prefix, its length. */
export function records({ leases }: Read): Map<string, Lease> {
  const found = new Map<string, Lease>()
  for (const { words, ...table } of [leases.ipv4, leases.ipv6].map(own => ({
    words: own.words,
    shards: own.shards(),
  }))) {
    for (const { keys, states, ends } of table.shards) {
      for (const [slot, code] of states.entries()) {
        if (code === 0 || code === removedCode) continue
        const key = keys.subarray(slot * words, (slot + 1) * words)
        const address =
          words === 1 ? [...new Uint8Array(new Uint32Array([key[0]!]).buffer)].reverse().join('.') : keyText(key)
        found.set(address, { state: stateName(code), end: ends[slot]! })
      }
    }
  }
  return found
}

export const count = ({ leases }: Read, nowSeconds: number | undefined) =>
  countLeases(leases, nowSeconds, () => undefined)

/** States that occur, by name as in the expected files. */
export function byState(...counts: readonly Counts[]): { [state: string]: number } {
  const sums: { [state: string]: number } = {}
  for (const { leases } of counts) {
    for (const ofType of leases) {
      for (const [code, amount] of ofType.entries()) {
        const state = leaseStates[code] === 'reclaimed' ? 'expired-reclaimed' : (leaseStates[code] ?? '')
        if (amount > 0) sums[state] = (sums[state] ?? 0) + amount
      }
    }
  }
  return sums
}

/** Without the states that are 0. */
export const occurring = (states: Readonly<{ [state: string]: number }>) =>
  Object.fromEntries(Object.entries(states).filter(([, amount]) => amount > 0))
