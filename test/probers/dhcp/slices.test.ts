import { linkSync, utimesSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createSlices } from '../../../src/kit/slices.ts'
import { countLeases } from '../../../src/probers/dhcp/count.ts'
import { codeOf, Leases } from '../../../src/probers/dhcp/leases.ts'
import { readThrough } from '../../../src/probers/dhcp/read.ts'
import { bestOf } from '../../support/best-of.ts'
import { test } from '../../support/files.ts'
import { watchLoop } from '../../support/loop.ts'
import { readAnswer } from '../../support/probe.ts'
import { startSonde } from '../../support/sonde.ts'
import { moduleOf } from './support.ts'

const at = 1795240000

function spin(ms: number) {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** Counts how often `note` is called in one turn of the event loop, at most. */
function countByTurn() {
  let inTurn = 0
  let most = 0
  let isOn = true
  const turn = () => {
    inTurn = 0
    if (isOn) setImmediate(turn)
  }
  setImmediate(turn)
  return {
    note: () => {
      most = Math.max(most, ++inTurn)
    },
    end: () => {
      isOn = false
      return most
    },
  }
}

test('many readers together take turns before they read', async ({ folder }) => {
  const file = join(folder, 'leases')
  writeFileSync(file, 'x'.repeat(20_000))
  const handles = await Promise.all(Array.from({ length: 20 }, () => open(file)))
  const { note, end } = countByTurn()
  const feed = () => {
    note()
    spin(6)
  }
  try {
    await Promise.all(
      handles.map(handle => readThrough(handle, { from: 0, to: 20_000 }, { feed }, new AbortController().signal)),
    )
  } finally {
    await Promise.all(handles.map(handle => handle.close()))
  }
  // The one that goes on, and one that comes when nothing was done yet.
  expect(end()).toBeLessThanOrEqual(3)
})

test('counting asks before each part, and stops when it may not go on', async () => {
  const leases = new Leases({ maxEntries: 60_000, keepsDetails: false })
  for (let address = 0; address < 60_000; address++) leases.putIpv4(address, codeOf('active'), at)
  const parts = [...leases.ipv4.shards()].length
  expect(parts).toBeGreaterThan(10)
  let asked = 0
  await countLeases(leases, at, () => {
    asked++
    return undefined
  })
  expect(asked).toBe(parts)
  const gone = new AbortController()
  gone.abort(new Error('gone'))
  spin(10)
  await expect(countLeases(leases, at, createSlices(gone.signal, 0))).rejects.toThrow('gone')
})

const row = (i: number) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255},02:00,,3600,${at + 60},1,0,0,h${i},0\n`

test('many probes of large files leave the event loop free, and a small one beside them answers', async ({
  folder,
}) => {
  const header = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n'
  const [large, small] = [join(folder, 'large.csv'), join(folder, 'small.csv')]
  const rows = 20_000
  writeFileSync(large, header + Array.from({ length: rows }, (_, i) => row(i)).join(''))
  // Each is a file of its own, which is read for itself.
  const files = Array.from({ length: 20 }, (_, i) => join(folder, `large${i}.csv`))
  for (const file of files) linkSync(large, file)
  writeFileSync(small, header + row(1))
  await using sonde = await startSonde(moduleOf(`roots: [${folder}]`, '30s'), { now: () => at * 1000 })
  const get = async (file: string) => readAnswer(await sonde.get(`/probe?module=m&target=${file}`))
  let seconds = at
  const active = { family: 'ipv4', type: 'address', state: 'active' }
  await bestOf(6, 100, async () => {
    utimesSync(large, at, seconds++)
    const loop = watchLoop()
    let answered = 0
    const all = files.map(async file => {
      const answer = await get(file)
      answered++
      expect(answer.value('probe_dhcp_leases', active)).toBe(rows)
    })
    expect((await get(small)).value('probe_dhcp_leases', active)).toBe(1)
    expect(answered).toBeLessThan(20)
    await Promise.all(all)
    return loop.end()
  })
})
