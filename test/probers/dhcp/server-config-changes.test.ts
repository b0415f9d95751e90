import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { ServerConfig } from '../../../src/probers/dhcp/server-config/server-config.ts'
import { test } from '../../support/files.ts'
import { type Answer, readAnswer } from '../../support/probe.ts'
import { type Sonde, startSonde } from '../../support/sonde.ts'
import { moduleOf } from './support.ts'

const subnet = (ranges: string) => `subnet 10.0.0.0 netmask 255.255.255.0 { ${ranges} }\n`
const lease = 'lease 10.0.0.9 {\n  ends never;\n  binding state active;\n}\n'

/** Writes a file with a time of its own: two writings within one tick of the clock are told apart by that alone. */
let seconds = 1_700_000_000
function write(path: string, text: string): void {
  writeFileSync(path, text)
  seconds += 10
  utimesSync(path, seconds, seconds)
}

const sizes = (answer: Answer) =>
  Object.fromEntries(
    answer.series
      .filter(({ name }) => name === 'probe_dhcp_pool_size')
      .map(({ labels, value }) => [labels.pool, value]),
  )
const valid = (answer: Answer) => answer.value('probe_dhcp_server_config_valid')
const outcome = (answer: Answer) => [answer.value('probe_success'), valid(answer), sizes(answer)]

async function ask(sonde: Sonde, folder: string): Promise<Answer> {
  return await readAnswer(await sonde.get(`/probe?module=m&target=${join(folder, 'leases')}`), sonde.lines)
}

const start = (folder: string, options = '') =>
  startSonde(moduleOf(`roots: [${folder}], format: isc-dhcpd, server_config: ${folder}/dhcpd.conf${options}`))

describe('a server configuration that changes', () => {
  test('is read again, faults leave the pools read last', async ({ folder }) => {
    const path = join(folder, 'dhcpd.conf')
    writeFileSync(join(folder, 'leases'), lease)
    write(path, subnet('range 10.0.0.1 10.0.0.9;'))
    await using sonde = await start(folder)
    const first = { '10.0.0.1-10.0.0.9': 9 }
    expect(outcome(await ask(sonde, folder))).toEqual([1, 1, first])

    write(path, subnet('range 10.0.0.1 10.0.0.99;'))
    const second = { '10.0.0.1-10.0.0.99': 99 }
    expect(outcome(await ask(sonde, folder))).toEqual([1, 1, second])

    write(path, subnet('range secret-word;'))
    for (let i = 0; i < 2; i++) {
      const broken = await ask(sonde, folder)
      expect(outcome(broken)).toEqual([1, 0, second])
      expect(broken.log).toContain(`${path}:1: expected an IPv4 address`)
      expect(broken.log + broken.text).not.toContain('secret-word')
    }
    rmSync(path)
    expect(outcome(await ask(sonde, folder))).toEqual([1, 0, second])

    write(path, subnet('range 10.0.0.1 10.0.0.9;'))
    expect(outcome(await ask(sonde, folder))).toEqual([1, 1, first])
    // Replaced by another file of the same size and time.
    write(`${path}.new`, subnet('range 10.0.0.2 10.0.0.9;'))
    utimesSync(`${path}.new`, seconds - 10, seconds - 10)
    renameSync(`${path}.new`, path)
    expect(sizes(await ask(sonde, folder))).toEqual({ '10.0.0.2-10.0.0.9': 8 })
  })

  test('an included file that changes, goes and comes back', async ({ folder }) => {
    writeFileSync(join(folder, 'leases'), lease)
    write(join(folder, 'dhcpd.conf'), subnet('include "ranges";'))
    write(join(folder, 'ranges'), 'range 10.0.0.1;')
    await using sonde = await start(folder)
    expect(sizes(await ask(sonde, folder))).toEqual({ '10.0.0.1-10.0.0.1': 1 })
    write(join(folder, 'ranges'), 'range 10.0.0.1; range 10.0.0.3;')
    expect(sizes(await ask(sonde, folder))).toEqual({ '10.0.0.1-10.0.0.1': 1, '10.0.0.3-10.0.0.3': 1 })
    rmSync(join(folder, 'ranges'))
    const gone = await ask(sonde, folder)
    expect([valid(gone), Object.keys(sizes(gone)).length]).toEqual([0, 2])
    expect(gone.log).toContain(`${join(folder, 'dhcpd.conf')}:1: no such file`)
    write(join(folder, 'ranges'), 'range 10.0.0.4;')
    expect(outcome(await ask(sonde, folder))).toEqual([1, 1, { '10.0.0.4-10.0.0.4': 1 }])
  })

  test('a file that is put into a folder of dnsmasq', async ({ folder }) => {
    writeFileSync(join(folder, 'leases'), '')
    write(join(folder, 'dnsmasq.conf'), `conf-dir=${folder},*.more`)
    const options = `roots: [${folder}], format: dnsmasq, server_config: ${folder}/dnsmasq.conf`
    await using sonde = await startSonde(moduleOf(options))
    expect(sizes(await ask(sonde, folder))).toEqual({})
    write(join(folder, 'a.more'), 'dhcp-range=10.0.0.1,10.0.0.2')
    expect(sizes(await ask(sonde, folder))).toEqual({ '10.0.0.1-10.0.0.2': 2 })
  })

  test('one that is not there yet is a warning at load, and is read once it is', async ({ folder }) => {
    writeFileSync(join(folder, 'leases'), lease)
    await using sonde = await start(folder, ', fail_if: {pool_free_under: 5}')
    expect(sonde.lines.join('')).toContain(`server_config: ${folder}/dhcpd.conf:1: no such file`)
    const before = await ask(sonde, folder)
    expect(outcome(before)).toEqual([1, 0, {}])
    expect(before.names).not.toContain('probe_dhcp_check_failed')
    write(join(folder, 'dhcpd.conf'), subnet('range 10.0.0.1;'))
    const after = await ask(sonde, folder)
    expect(outcome(after)).toEqual([0, 1, { '10.0.0.1-10.0.0.1': 1 }])
    expect(after.value('probe_dhcp_check_failed', { check: 'pool_usage' })).toBe(1)
  })

  test('one with a fault is a load error with its file and line', async ({ folder }) => {
    write(join(folder, 'dhcpd.conf'), `\n${subnet('range secret-word;')}`)
    const loading = startSonde(moduleOf(`format: isc-dhcpd, server_config: ${folder}/dhcpd.conf`))
    await expect(loading).rejects.toThrow(`server_config: ${folder}/dhcpd.conf:2: expected an IPv4 address`)
    write(join(folder, 'dhcpd.conf'), subnet('range 10.0.0.1;'))
    const other = startSonde(moduleOf(`format: isc-dhcpd, family: ipv6, server_config: ${folder}/dhcpd.conf`))
    await expect(other).rejects.toThrow('pools of another family than ipv6')
  })

  test('of dnsmasq only the pools of the wanted family', async ({ folder }) => {
    writeFileSync(join(folder, 'leases'), '')
    write(join(folder, 'dnsmasq.conf'), 'dhcp-range=10.0.0.1,10.0.0.2\ndhcp-range=fd00::1,fd00::9\n')
    const options = `roots: [${folder}], format: dnsmasq, family: ipv6, server_config: ${folder}/dnsmasq.conf`
    await using sonde = await startSonde(moduleOf(options))
    expect(sizes(await ask(sonde, folder))).toEqual({ 'fd00::1-fd00::9': 9 })
  })

  test('ranges that overlap count once', async ({ folder }) => {
    writeFileSync(join(folder, 'leases'), lease)
    write(join(folder, 'dhcpd.conf'), subnet('range 10.0.0.5 10.0.0.9; range 10.0.0.1 10.0.0.20; range 10.0.0.6;'))
    await using sonde = await start(folder)
    expect(sonde.lines.join('')).toContain('pool 10.0.0.1-10.0.0.20 overlaps with 10.0.0.5-10.0.0.9')
    expect(sizes(await ask(sonde, folder))).toEqual({ '10.0.0.5-10.0.0.9': 5, '10.0.0.1-10.0.0.20': 15 })
  })
})

describe('many probes at once', () => {
  const log = { debug() {}, info() {}, warn() {} }
  const context = (signal: AbortSignal, told: string[] = []) =>
    ({
      signal,
      remainingMs: () => 1e6,
      log: { ...log, info: (message: string) => void told.push(message) },
    }) as unknown as Parameters<ServerConfig['current']>[0]

  test('share the reading, and each has its own end', async ({ folder }) => {
    const path = join(folder, 'dhcpd.conf')
    write(path, subnet('range 10.0.0.1;'))
    const config = new ServerConfig(path)
    config.load('isc-dhcpd', 'auto')
    write(path, `${subnet('range 10.0.0.2;')}${'host a { }\n'.repeat(100_000)}`)
    const gone = new AbortController()
    const abandoned = config.current(context(gone.signal))
    const others = Array.from({ length: 20 }, () => config.current(context(new AbortController().signal)))
    const reason = new Error('gone')
    setImmediate(() => gone.abort(reason))
    await expect(abandoned).rejects.toBe(reason)
    for (const { map, isValid } of await Promise.all(others)) {
      expect([map?.pools.map(({ name }) => name), isValid]).toEqual([['10.0.0.2-10.0.0.2'], true])
    }
    const maps = new Set((await Promise.all(others)).map(({ map }) => map))
    expect(maps.size).toBe(1)
  })

  test('when all have gone, the next one reads anew', async ({ folder }) => {
    const path = join(folder, 'dhcpd.conf')
    write(path, subnet('range 10.0.0.1;'))
    const config = new ServerConfig(path)
    config.load('isc-dhcpd', 'auto')
    for (let i = 0; i < 5; i++) {
      write(path, `${subnet(`range 10.0.0.${i + 2};`)}${'host a { }\n'.repeat(100_000)}`)
      const gone = new AbortController()
      const pending = Array.from({ length: 3 }, () => config.current(context(gone.signal)))
      setImmediate(() => gone.abort(new Error('gone')))
      for (const probe of pending) await expect(probe).rejects.toThrow('gone')
      const { map } = await config.current(context(new AbortController().signal))
      expect(map?.pools.map(({ name }) => name)).toEqual([`10.0.0.${i + 2}-10.0.0.${i + 2}`])
    }
  })

  test('an unchanged one is not read', async ({ folder }) => {
    const path = join(folder, 'dhcpd.conf')
    write(path, subnet('range 10.0.0.1;'))
    const config = new ServerConfig(path)
    config.load('isc-dhcpd', 'auto')
    const told: string[] = []
    for (let i = 0; i < 3; i++) await config.current(context(new AbortController().signal, told))
    expect(told).toEqual([])
  })
})
