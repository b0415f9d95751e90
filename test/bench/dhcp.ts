import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { at, iscBlock, keaRow, writeIsc, writeKea } from '../probers/dhcp/generate.ts'
import { watchLoop } from '../support/loop.ts'
import { readAnswer } from '../support/probe.ts'
import { startSonde } from '../support/sonde.ts'

const fixtures = join(import.meta.dirname, '../fixtures/dhcp')
const million = 1_000_000
const rounds = 7

interface Case {
  readonly title: string
  readonly write: (file: string) => Promise<void>
  /** Entry number i, to append. */
  readonly entry: (i: number) => string
}

const unpack = (name: string) => async (file: string) => {
  writeFileSync(file, gunzipSync(readFileSync(join(fixtures, `${name}.gz`))))
}

// Addresses that the files do not have.
const newBlock = (i: number) => iscBlock(0xff_0000 + i, 'active')
const newRow = (i: number) => keaRow(0xff_0000 + i, 0)

const cases: Readonly<Record<string, Case>> = {
  isc: { title: 'ISC dhcpd, 7.5 MB', write: unpack('isc-dhcpd/v4-large.leases'), entry: newBlock },
  kea: { title: 'Kea, 48,802 leases', write: unpack('kea/v4-large-single.csv'), entry: newRow },
  'kea-million': { title: 'Kea, 1,000,000 leases', write: file => writeKea(file, million), entry: newRow },
  'isc-million': { title: 'ISC dhcpd, 1,000,000 leases', write: file => writeIsc(file, million), entry: newBlock },
}

/** Gives a file another inode, written long ago. */
function renew(file: string): void {
  copyFileSync(file, `${file}.new`)
  renameSync(`${file}.new`, file)
  age(file)
}

const age = (file: string) => utimesSync(file, Date.now() / 1000 - 60, Date.now() / 1000 - 60)

const print = (line: string) => process.stdout.write(`${line}\n`)
const show = (label: string, ...values: string[]) => print([`  ${label.padEnd(28)}`, ...values].join('  '))
const ms = (value: number) => `${value.toFixed(1)} ms`.padStart(10)

/** Runs one case in this process: the times are those that the probes tell. */
async function measure({ title, write, entry }: Case): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dhcp-'))
  const file = join(folder, 'leases')
  await write(file)
  age(file)
  const yaml = `modules: {m: {prober: dhcp, timeout: 60s, dhcp: {roots: [${folder}], max_file_bytes: 1GB}}}\n`
  await using sonde = await startSonde(yaml, { now: () => at * 1000 })
  // The client is loaded with its first request.
  await (await sonde.get('/')).text()
  const probe = async () => {
    const answer = await readAnswer(await sonde.get(`/probe?module=m&target=${file}`))
    if (answer.value('probe_success') !== 1) throw new Error(answer.text)
    return (answer.value('probe_duration_seconds') ?? 0) * 1000
  }
  // Whoever watches the event loop takes time as well, so that the two are measured one after the other.
  const timed = async () => {
    const before = process.cpuUsage()
    const tookMs = await probe()
    const { user, system } = process.cpuUsage(before)
    return { tookMs, cpuMs: (user + system) / 1000 }
  }
  const watched = async () => {
    const loop = watchLoop()
    await probe()
    return loop.end()
  }
  const repeat = async (label: string, before: () => void, times = rounds) => {
    const results = []
    const held = []
    for (let round = 0; round < times; round++) {
      before()
      results.push(await timed())
    }
    for (let round = 0; round < times; round++) {
      before()
      held.push(await watched())
    }
    const best = (values: readonly number[]) => ms(Math.min(...values))
    const took = best(results.map(({ tookMs }) => tookMs))
    show(label, took, `CPU ${best(results.map(({ cpuMs }) => cpuMs))}`, `event loop held ${best(held)}`)
  }
  print(`${title} (best of ${rounds}; CPU with that of compiling, of collecting garbage and of the client)`)
  try {
    const first = await timed()
    show('first probe of the process', ms(first.tookMs), `CPU ${ms(first.cpuMs)}`)
    await repeat('cold, another file', () => renew(file))
    await repeat('unchanged', () => undefined)
    let next = 0
    const append = (amount: number) => () => {
      appendFileSync(file, Array.from({ length: amount }, () => entry(next++)).join(''))
    }
    for (const amount of [1, 1000, 10_000]) await repeat(`after appending ${amount}`, append(amount))
    show('peak memory', `${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB of the whole process`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Time of dhcpd-pools as a whole process, over the file of the first case. */
async function measureDhcpdPools(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dhcp-'))
  const file = join(folder, 'leases')
  await unpack('isc-dhcpd/v4-large.leases')(file)
  const args = ['-c', join(fixtures, 'isc-dhcpd/v4-large.dhcpd.conf'), '-l', file, '-o', '/dev/null']
  let bestMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    const startedMs = performance.now()
    const { status, error } = spawnSync('dhcpd-pools', args)
    if (error !== undefined || status !== 0) {
      print('SKIP dhcpd-pools not found or failing: apt-get install dhcpd-pools')
      break
    }
    bestMs = Math.min(bestMs, performance.now() - startedMs)
  }
  rmSync(folder, { recursive: true })
  if (Number.isFinite(bestMs)) show('dhcpd-pools, whole process', ms(bestMs))
}

/** Runs the cases that are named, or all of them, each in a process of its own. */
export async function run(names: readonly string[]): Promise<void> {
  const [name = ''] = names
  if (name in cases) return measure(cases[name] as Case)
  for (const own of Object.keys(cases)) {
    const args = [...process.execArgv, ...process.argv.slice(1, 3), own]
    spawnSync(process.execPath, args, { stdio: 'inherit' })
    if (own === 'isc') await measureDhcpdPools()
  }
}
