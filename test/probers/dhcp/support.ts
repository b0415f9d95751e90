import { spawn } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { test as base, expect } from 'vitest'
import { type Counts, countLeases } from '../../../src/probers/dhcp/count.ts'
import { formats } from '../../../src/probers/dhcp/formats/detect.ts'
import type { FileFacts, FormatName, ReaderOptions } from '../../../src/probers/dhcp/formats/format.ts'
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
import { type Answer, type ProbeOptions, probe } from '../../support/probe.ts'

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
}

/** Reads the files of a set, each in chunks whose sizes `cut` gives in turn; whole without it. */
export function read(
  format: FormatName,
  files: Uint8Array | readonly Uint8Array[],
  {
    family = 'auto',
    cut = [],
    maxEntries = 1e6,
  }: Partial<ReaderOptions> & { cut?: number[]; maxEntries?: number } = {},
): Read {
  const leases = new Leases({ maxEntries, keepsDetails: false })
  let facts: FileFacts | undefined
  for (const octets of files instanceof Uint8Array ? [files] : files) {
    const reader = formats[format].createReader(leases, { family })
    let at = 0
    for (const size of cut) {
      reader.feed(octets.subarray(at, at + size))
      at += size
    }
    reader.feed(octets.subarray(at))
    facts = reader.end().facts
  }
  return { leases, facts: facts! }
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

/** A test with a temporary folder of its own, which every user may enter. */
export const test = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest wants a pattern
  folder: async ({}, use) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dhcp-')))
    chmodSync(folder, 0o755)
    await use(folder)
    rmSync(folder, { recursive: true, force: true })
  },
})

/** A modules file with one module, `m`, whose options are given as YAML in flow style. */
export const moduleOf = (options: string, timeout = '5s') =>
  `modules:\n  m:\n    prober: dhcp\n    timeout: ${timeout}\n    dhcp: {${options}}\n`

/** Asks `/probe` for a lease file. */
export const ask = (options: string, target: string, rest: ProbeOptions & { at?: number; timeout?: string } = {}) => {
  const { at, timeout, ...more } = rest
  return probe(
    moduleOf(options, timeout),
    { module: 'm', target, debug: 'false' },
    { ...more, ...(at && { now: () => at * 1000 }) },
  )
}

/** What this process has open below a folder: descriptor and path. */
function openFiles(folder: string): (readonly [number, string])[] {
  return readdirSync('/proc/self/fd').flatMap(fd => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`)
      return path.startsWith(`${folder}/`) ? [[Number(fd), path] as const] : []
    } catch {
      return []
    }
  })
}

/** The paths below a folder that this process has open. */
export const openBelow = (folder: string): string[] => openFiles(folder).map(([, path]) => path)

/** Their descriptors. */
export const fdsBelow = (folder: string): number[] => openFiles(folder).map(([fd]) => fd)

export const dhcpReason = (answer: Answer) =>
  answer.series.find(({ name }) => name === 'probe_dhcp_failure')?.labels.reason

/** Runs `script` in a process of its own, over and over, while `work` runs; it has `fs` and `dir`. */
export async function whileLooping(folder: string, script: string, work: () => Promise<void>): Promise<void> {
  const code = `const fs = require('node:fs'); const dir = ${JSON.stringify(folder)}
    const pause = ms => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    ${script}
    for (let i = 0; ; i++) { step(i); if (i === 0) fs.writeFileSync(dir + '/started', '') }`
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = new Promise(resolve => child.once('close', resolve))
  try {
    for (let waited = 0; !existsSync(join(folder, 'started')); waited += 10) {
      if (waited > 5000 || child.exitCode !== null) throw new Error('the writer does not start')
      await sleep(10)
    }
    await work()
    expect(child.exitCode).toBeNull()
  } finally {
    child.kill('SIGKILL')
    await ended
  }
}

/** Does the work again, up to so many times, as long as its time is above the bound: a machine may be busy. */
export async function bestOf(tries: number, boundMs: number, work: () => number | Promise<number>): Promise<void> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < tries && bestMs >= boundMs; i++) bestMs = Math.min(bestMs, await work())
  expect(bestMs).toBeLessThan(boundMs)
}
