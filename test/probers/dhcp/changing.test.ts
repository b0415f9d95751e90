import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { anyAddress } from '../../../src/kit/net/policy/policy.ts'
import { dhcp } from '../../../src/probers/dhcp/index.ts'
import { openBelow, test, whileLooping } from '../../support/files.ts'
import { type Answer, readAnswer } from '../../support/probe.ts'
import { startSonde } from '../../support/sonde.ts'
import { fixture } from './reading.ts'
import { ask, dhcpReason, moduleOf } from './support.ts'

const at = 1795240000
const probes = 60

const active = (answer: Answer) => answer.value('probe_dhcp_leases', { family: 'ipv4', state: 'active' })

/** Probes many times; returns the answers that the writer left alone, each of which must be whole. */
async function probeOften(folder: string, file: string, options: string, fewest: number): Promise<Answer[]> {
  const calm: Answer[] = []
  await using sonde = await startSonde(moduleOf(`roots: [${folder}], ${options}`, '10s'), { now: () => at * 1000 })
  for (let i = 0; i < probes; i++) {
    const answer = await readAnswer(await sonde.get(`/probe?module=m&target=${file}`))
    expect(answer.status).toBe(200)
    const isFlagged =
      answer.value('probe_success') === 0 ||
      answer.value('probe_dhcp_lease_file_incomplete_tail') === 1 ||
      answer.value('probe_dhcp_lease_file_changed_during_read') === 1
    if (isFlagged) continue
    calm.push(answer)
    expect(active(answer)).toBeGreaterThanOrEqual(fewest)
  }
  expect(openBelow(folder)).toEqual([])
  return calm
}

test('dnsmasq truncates its file and writes it again in place', async ({ folder }) => {
  const file = join(folder, 'leases')
  const script = `
    const line = i => '1795242070 02:00:00:00:07:01 10.40.' + (i >> 8) + '.' + (i & 255) + ' * *\\n'
    const whole = Array.from({ length: 500 }, (_, i) => line(i)).join('')
    function step() {
      const fd = fs.openSync(dir + '/leases', 'a+')
      fs.ftruncateSync(fd, 0)
      pause(2)
      for (let from = 0; from < whole.length; from += 4096) fs.writeSync(fd, whole.slice(from, from + 4096))
      fs.closeSync(fd)
      pause(30 + Math.random() * 120)
    }`
  await whileLooping(folder, script, async () => {
    const calm = await probeOften(folder, file, 'format: dnsmasq', 500)
    expect(calm.length).toBeGreaterThan(0)
  })
})

test('ISC dhcpd appends in pieces of 4096 octets', async ({ folder }) => {
  const file = join(folder, 'leases')
  const blocks = (from: number) =>
    Array.from({ length: 50 }, (_, i) => `lease 10.0.${from}.${i} {\n  binding state active;\n  ends never;\n}\n`).join(
      '',
    )
  writeFileSync(file, `authoring-byte-order little-endian;\n${blocks(0)}`)
  const script = `
    const block = i => 'lease 10.1.' + (i >> 8 & 255) + '.' + (i & 255) + ' {\\n  ends never;\\n  binding state active;\\n}\\n'
    let kept = ''
    function step(i) {
      kept += block(i)
      if (kept.length < 4096) return
      fs.appendFileSync(dir + '/leases', kept.slice(0, 4096))
      kept = kept.slice(4096)
      pause(5)
    }`
  await whileLooping(folder, script, async () => {
    await probeOften(folder, file, 'format: isc-dhcpd', 50)
  })
  const whole = await ask(`roots: [${folder}]`, file, { at })
  expect(whole.value('probe_dhcp_lease_file_changed_during_read')).toBe(0)
  expect(active(whole)).toBeGreaterThan(100)
})

test("Kea's cleanup goes through its cycle", async ({ folder }) => {
  const file = join(folder, 'kea-leases4.csv')
  const script = `
    const header = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\\n'
    const row = i => '10.30.' + (i >> 8) + '.' + (i & 255) + ',02:00:00:00:04:01,,3600,1795241324,1,0,0,name,0\\n'
    const all = header + Array.from({ length: 300 }, (_, i) => row(i)).join('')
    const current = dir + '/kea-leases4.csv'
    function step(i) {
      if (i === 0) { fs.writeFileSync(current + '.2', all); fs.writeFileSync(current, header) }
      for (let own = 0; own < 300; own += 7) fs.appendFileSync(current, row(own))
      pause(5 + Math.random() * 30)
      fs.renameSync(current, current + '.1')
      fs.writeFileSync(current, header)
      pause(Math.random() * 10)
      fs.writeFileSync(current + '.output', all)
      fs.renameSync(current + '.output', current + '.completed')
      fs.rmSync(current + '.2')
      fs.rmSync(current + '.1')
      pause(Math.random() * 10)
      fs.renameSync(current + '.completed', current + '.2')
      pause(Math.random() * 40)
    }`
  await whileLooping(folder, script, async () => {
    const calm = await probeOften(folder, file, 'format: kea-csv', 300)
    expect(calm.length).toBeGreaterThan(0)
  })
})

test('a file that is swapped for a link all the time never shows what lies outside, nor its size', async ({
  folder,
}) => {
  const root = join(folder, 'root')
  mkdirSync(root)
  const line = (last: number) => `1795242070 02:00 10.0.0.${last} * *\n`
  writeFileSync(join(folder, 'outside'), line(1) + line(2))
  writeFileSync(join(root, 'leases'), line(1))
  const script = `
    function step(i) {
      if (i % 2) fs.symlinkSync('../outside', dir + '/root/next')
      else fs.writeFileSync(dir + '/root/next', ${JSON.stringify(line(1))})
      fs.renameSync(dir + '/root/next', dir + '/root/leases')
      if (i % 400 === 0) pause(20) // long enough for a probe to come through
    }`
  const seen = new Set<string>()
  const sizes = new Set<number | undefined>()
  await whileLooping(folder, script, async () => {
    await using sonde = await startSonde(moduleOf(`roots: [${root}], format: dnsmasq`), { now: () => at * 1000 })
    for (let i = 0; i < (seen.has('1') ? 200 : 1000); i++) {
      const answer = await readAnswer(await sonde.get(`/probe?module=m&target=${root}/leases`))
      seen.add(String(answer.value('probe_success') === 1 ? active(answer) : dhcpReason(answer)))
      sizes.add(answer.value('probe_dhcp_lease_file_size_bytes', { part: 'current' }))
    }
  })
  expect([...seen].filter(outcome => !['1', 'outside_roots', 'read_error', 'not_found'].includes(outcome))).toEqual([])
  expect(seen).toContain('1')
  sizes.delete(undefined)
  expect([...sizes]).toEqual([line(1).length])
  expect(openBelow(folder)).toEqual([])
})

test('a dnsmasq file that was written just now is looked at twice, an old one once', async ({ folder }) => {
  const file = join(folder, 'leases')
  writeFileSync(file, fixture('dnsmasq/v4v6-small.leases'))
  const answer = await ask(`roots: [${folder}], format: dnsmasq`, file, { at })
  expect(answer.value('probe_dhcp_lease_file_changed_during_read')).toBe(0)
  expect(active(answer)).toBe(15)
})

test('at the deadline the reading stops and the file is closed', async ({ folder }) => {
  const file = join(folder, 'leases')
  const small = readFileSync(new URL('../../fixtures/dhcp/isc-dhcpd/v4-small.leases', import.meta.url))
  writeFileSync(file, Buffer.concat(Array(8000).fill(small)))
  await using sonde = await startSonde(moduleOf(`roots: [${folder}]`, '250ms'), { now: () => at * 1000 })
  const startedMs = performance.now()
  const answer = await readAnswer(await sonde.get(`/probe?module=m&target=${file}`), sonde.lines)
  expect(performance.now() - startedMs).toBeLessThan(750)
  expect([answer.value('probe_success'), answer.reason, dhcpReason(answer)]).toEqual([0, 'timeout', 'timeout'])
  expect(answer.value('probe_dhcp_lease_file_size_bytes', { part: 'current' })).toBe(8000 * small.length)
  expect(answer.names).not.toContain('probe_dhcp_lease_file_entries')
  for (let waited = 0; openBelow(folder).length > 0; waited += 5) {
    expect(waited).toBeLessThan(200)
    await sleep(5)
  }
})

test('a probe that is aborted at any moment settles at once and leaves nothing open', async ({ folder }) => {
  const file = join(folder, 'kea-leases4.csv')
  const rows = fixture('kea/v4-small.csv')
  // More than can be read before it is told to stop, on any machine.
  writeFileSync(file, Buffer.concat(Array(20_000).fill(rows)))
  for (const suffix of ['.1', '.2']) writeFileSync(file + suffix, rows)
  const options = dhcp.options.parse({ roots: [folder] })
  const path = dhcp.accept({ target: file, params: new Map() }, options, anyAddress)
  const ignore = () => undefined
  // What was forgotten is closed when garbage is collected, which Node warns of.
  const warnings: string[] = []
  const note = ({ message }: Error) => warnings.push(message)
  process.on('warning', note)
  for (let i = 0; i < 130; i++) {
    const controller = new AbortController()
    const reason = new Error(`gone ${i}`)
    const settled = dhcp.probe(
      {
        signal: controller.signal,
        remainingMs: () => 1e6,
        now: () => at * 1000,
        metrics: { set: ignore, setAt: ignore },
        counters: { add: ignore },
        policy: anyAddress,
        log: { debug: ignore, info: ignore, warn: ignore },
      },
      path,
      options,
    )
    // Some moments after the first file was opened, others at any time up to the middle of parsing.
    while (i < 100 && openBelow(folder).length === 0) await setImmediate()
    for (let turn = 0; i < 100 && turn < i; turn++) await setImmediate()
    if (i >= 100) await sleep(i - 100)
    controller.abort(reason)
    const abortedMs = performance.now()
    await expect(settled).rejects.toBe(reason)
    expect(performance.now() - abortedMs).toBeLessThan(200)
    while (openBelow(folder).length > 0) {
      expect(performance.now() - abortedMs).toBeLessThan(1000)
      await sleep(2)
    }
  }
  process.off('warning', note)
  expect(warnings).toEqual([])
})
