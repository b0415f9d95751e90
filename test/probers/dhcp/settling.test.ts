import { appendFileSync, copyFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { MetricDef } from '../../../src/kit/metrics.ts'
import { anyAddress } from '../../../src/kit/net/policy/policy.ts'
import { dhcp } from '../../../src/probers/dhcp/index.ts'
import { leases } from '../../../src/probers/dhcp/metrics.ts'
import { test } from '../../support/files.ts'
import { fixtureRoot } from './reading.ts'

const at = 1795240000
const line = (last: number) => `1795242070 02:00 10.0.0.${last} * *\n`
const ignore = () => undefined

/** Probes, telling each step as it is logged; returns the active leases and what was logged. */
async function probe(folder: string, file: string, format: string, onStep: (step: string) => void, leftMs = 1e6) {
  let active = 0
  const steps: string[] = []
  const log = (message: string, fields: { readonly [name: string]: unknown } = {}) => {
    const step = `${message} ${fields.part ?? ''}`.trim()
    steps.push(step)
    onStep(step)
  }
  const options = dhcp.options.parse({ roots: [folder], format })
  await dhcp.probe(
    {
      signal: new AbortController().signal,
      remainingMs: () => leftMs,
      now: () => at * 1000,
      metrics: {
        set(family: MetricDef, value: number | boolean, labels?: Readonly<Record<string, string>>) {
          if (family === leases && labels?.family === 'ipv4' && labels.state === 'active') active += Number(value)
        },
        setAt: ignore,
      },
      counters: { add: ignore },
      policy: anyAddress,
      log: { debug: log, info: ignore, warn: ignore },
    },
    dhcp.accept({ target: file, params: new Map() }, options, anyAddress),
    options,
  )
  return { active, steps }
}

/** Makes a file look as if it had just been written, for as long as it can. */
function writeYoung(file: string, text: string) {
  writeFileSync(file, text)
  const soon = Date.now() / 1000 + 0.045
  utimesSync(file, soon, soon)
}

/** On a busy machine a file may be no longer young when the prober looks. */
async function oneOf(tries: number, work: () => Promise<number>): Promise<number[]> {
  const seen: number[] = []
  for (let i = 0; i < tries && !seen.includes(2); i++) seen.push(await work().catch(() => 0))
  return seen
}

test('what is written on within 50 ms after dnsmasq has begun is read too', async ({ folder }) => {
  const file = join(folder, 'leases')
  const seen = await oneOf(5, async () => {
    let writing: NodeJS.Timeout | undefined
    writeYoung(file, line(1))
    const { active } = await probe(folder, file, 'dnsmasq', step => {
      if (step === 'read the lease file current') writing ??= setTimeout(() => appendFileSync(file, line(2)), 15)
    })
    clearTimeout(writing)
    return active
  })
  expect(seen).toContain(2)
})

test('an empty file of no known format that was written just now is opened again', async ({ folder }) => {
  const file = join(folder, 'leases')
  const seen = await oneOf(5, async () => {
    writeYoung(file, '')
    const { active } = await probe(folder, file, 'auto', step => {
      if (step === 'opened the lease file current') writeFileSync(file, line(1) + line(2))
    })
    return active
  })
  expect(seen).toContain(2)
})

test("Kea's current file that comes back while the side files are opened needs no second reading", async ({
  folder,
}) => {
  const file = join(folder, 'kea-leases4.csv')
  copyFileSync(join(fixtureRoot, 'kea/v4-lfc-stalled/kea-leases4.csv'), `${file}.2`)
  const { steps } = await probe(folder, file, 'auto', step => {
    const header = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n'
    if (step === 'opened the lease file 2') writeFileSync(file, header)
  })
  expect(steps.filter(step => /^(opened|read)|again/.test(step))).toEqual([
    'opened the lease file 2',
    'opened the lease file current',
    'read the lease file 2',
    'read the lease file current',
  ])
})

test.for([
  [1e6, 3],
  [0, 1],
] as const)('a file that never rests, with %d ms left, is read %d times', async ([leftMs, readings], { folder }) => {
  const file = join(folder, 'leases')
  writeFileSync(file, line(1))
  const grow = (step: string) => step === 'read the lease file current' && appendFileSync(file, line(2))
  const { steps } = await probe(folder, file, 'dnsmasq', grow, leftMs)
  expect(steps.filter(step => step === 'read the lease file current')).toHaveLength(readings)
})
