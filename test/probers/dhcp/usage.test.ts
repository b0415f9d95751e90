import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { loadConfig } from '../../../src/exporter.ts'
import { test } from '../../support/files.ts'
import type { Answer } from '../../support/probe.ts'
import { expected, fixtureRoot } from './reading.ts'
import { ask, dhcpReason, moduleOf } from './support.ts'

const roots = `roots: [${JSON.stringify(fixtureRoot)}]`
const path = (name: string) => join(fixtureRoot, name)
const config = (name: string) => `server_config: ${JSON.stringify(path(name))}`

interface ExpectedPool {
  readonly pool: string
  readonly shared_network?: string
  readonly first: string
  readonly last: string
  readonly size: number
  readonly effective?: Readonly<Record<string, number>>
  readonly recorded?: Readonly<Record<string, number>>
}

/** What is told of a pool: size, free, and leases by what they do to it. */
const poolIn = (answer: Answer, pool: string, shared_network = '') => {
  const labels = { pool, shared_network }
  return {
    size: answer.value('probe_dhcp_pool_size', labels),
    free: answer.value('probe_dhcp_pool_free', labels),
    ratio: answer.value('probe_dhcp_pool_used_ratio', labels),
    leases: (['active', 'unavailable', 'backup'] as const).map(state =>
      answer.value('probe_dhcp_pool_leases', { ...labels, state }),
    ),
  }
}

describe('the pools of the servers that wrote the files', () => {
  test.for([
    ['isc-dhcpd/v4-small.leases', 'isc-dhcpd', 'isc-dhcpd/v4-small.dhcpd.conf'],
    ['kea/v4-small.csv', 'kea-csv', 'kea/v4-small.kea-dhcp4.conf'],
    ['dnsmasq/v4v6-small.leases', 'dnsmasq', 'dnsmasq/v4v6-small.dnsmasq.conf'],
  ] as const)('%s', async ([name, format, file]) => {
    const truth = expected(name.replace(/\.\w+$/, '')) as ReturnType<typeof expected> & { pools: ExpectedPool[] }
    const answer = await ask(`${roots}, format: ${format}, ${config(file)}`, path(name), { at: truth.at })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dhcp_server_config_valid')).toBe(1)
    const sizes = answer.series.filter(series => series.name === 'probe_dhcp_pool_size')
    expect(sizes).toHaveLength(truth.pools.length)
    let inside = 0
    for (const { pool, first, last, size, shared_network, recorded, effective = recorded } of truth.pools) {
      const { active = 0, abandoned = 0, declined = 0, backup = 0 } = effective ?? {}
      const name = pool.includes('/') ? pool : `${first}-${last}`
      inside += active
      expect(poolIn(answer, name, shared_network ?? '')).toEqual({
        size,
        free: size - active - abandoned - declined - backup,
        ratio: (active + abandoned + declined) / size,
        leases: [active, abandoned + declined, backup],
      })
    }
    const outside = answer.series.filter(series => series.name === 'probe_dhcp_leases_outside_pools')
    expect(outside.reduce((sum, { value }) => sum + value, 0)).toBe((truth.effective.active ?? 0) - inside)
  })
})

test("the pools of ISC's DHCPv6 server: addresses, temporary ones, prefixes", async () => {
  const truth = expected('isc-dhcpd/v6-small')
  const options = `${roots}, format: isc-dhcpd, ${config('isc-dhcpd/v6-small.dhcpd6.conf')}`
  const answer = await ask(options, path('isc-dhcpd/v6-small.leases'), { at: truth.at })
  const used = (pool: string) => poolIn(answer, pool).leases
  const ofAddresses = [used('fd00:10:0:1::1000-fd00:10:0:1::1fff'), used('fd00:20::10-fd00:20::1f')]
  expect(ofAddresses.map(([active]) => active).reduce((a = 0, b = 0) => a + b)).toBe(9)
  expect(ofAddresses.map(([, unavailable]) => unavailable).reduce((a = 0, b = 0) => a + b)).toBe(2)
  expect(used('fd00:10:0:2::/64')).toEqual([2, 0, 0])
  expect(poolIn(answer, 'fd00:10:100::-fd00:10:1ff::/48')).toMatchObject({ size: 256, leases: [4, 0, 0] })
  expect(answer.value('probe_dhcp_leases_outside_pools', { family: 'ipv6' })).toBe(0)
})

test('the age of a file of udhcpd is what it says itself, also when that fails the probe', async ({ folder }) => {
  const file = join(folder, 'udhcpd.leases')
  const octets = Buffer.alloc(8 + 36)
  octets.writeBigInt64BE(BigInt(at - 3600))
  octets.writeUInt32BE(100, 8)
  octets.set([10, 0, 0, 1, 2, 0, 0, 0, 0, 1], 12)
  writeFileSync(file, octets)
  const answer = await ask(`roots: [${folder}], format: udhcpd, fail_if: {file_age_over: 30m}`, file, { at })
  expect([answer.reason, answer.value('probe_dhcp_check_failed', { check: 'file_age_over' })]).toEqual(['content', 1])
  expect(answer.value('probe_dhcp_lease_file_newest_mtime_timestamp_seconds')).toBe(at - 3600)
  octets.fill(0, 8)
  writeFileSync(file, octets)
  const malformed = await ask(`roots: [${folder}], format: udhcpd`, file, { at })
  expect(dhcpReason(malformed)).toBe('malformed')
  expect(malformed.value('probe_dhcp_lease_file_newest_mtime_timestamp_seconds')).toBe(at - 3600)
})

const office = '{name: office, range: 10.10.0.10-10.10.0.29, shared_network: campus, exclude: [10.10.0.29]}'
const wifi = '{cidr: 10.10.0.64/26, shared_network: campus}'
const lab = '{name: lab, range: 10.10.9.200-10.10.9.209}'
const isc = path('isc-dhcpd/v4-small.leases')
const { at } = expected('isc-dhcpd/v4-small')

test('the configuration is shown as it was written', () => {
  const text = moduleOf(`format: dnsmasq, pools: [${office}, ${wifi}], fail_if: {file_age_over: 2h}`)
  const shown = loadConfig(text, 'modules.yaml').describe()
  expect(shown).toContain('range: 10.10.0.10-10.10.0.29')
  expect(shown).toContain('file_age_over: 2h')
  expect(loadConfig(shown, 'modules.yaml').describe()).toBe(shown)
  const other = loadConfig(moduleOf('format: dnsmasq, server_config: /none/dnsmasq.conf'), 'modules.yaml')
  expect(other.describe()).toContain('server_config: /none/dnsmasq.conf')
  expect(other.warnings.map(({ message }) => message)).toEqual(['server_config: /none/dnsmasq.conf:1: no such file'])
})

test('what an operator should know at load', () => {
  const perLease = 'per_lease: {labels: [hwaddr, client_id], hash_hwaddr: true, hash_key_file: /none/key}'
  const text = moduleOf(`format: isc-dhcpd, fail_if: {file_age_over: 2h}, ${perLease}`)
  expect(loadConfig(text, 'modules.yaml').warnings.map(({ message }) => message)).toEqual([
    'fail_if.file_age_over: an idle dhcpd does not write its file',
    'per_lease.hash_key_file: file /none/key is missing',
    'per_lease.labels: a client_id mostly holds the hardware address, which hash_hwaddr is to hide',
  ])
})

describe('pools of the module', () => {
  test('sizes, use, shared networks, what is outside', async () => {
    const answer = await ask(`${roots}, pools: [${office}, ${wifi}, ${lab}]`, isc, { at })
    expect(poolIn(answer, 'office', 'campus')).toEqual({ size: 19, free: 18, ratio: 1 / 19, leases: [1, 0, 0] })
    expect(poolIn(answer, '10.10.0.64/26', 'campus')).toEqual({
      size: 64,
      free: 50,
      ratio: 14 / 64,
      leases: [12, 2, 0],
    })
    expect(poolIn(answer, 'lab')).toEqual({ size: 10, free: 8, ratio: 0.2, leases: [2, 0, 0] })
    const network = { shared_network: 'campus', family: 'ipv4' }
    expect(answer.value('probe_dhcp_shared_network_size', network)).toBe(83)
    expect(answer.value('probe_dhcp_shared_network_free', network)).toBe(68)
    expect(answer.value('probe_dhcp_shared_network_used_ratio', network)).toBe(15 / 83)
    expect(answer.value('probe_dhcp_leases_outside_pools', { family: 'ipv4' })).toBe(1)
    expect(answer.names).not.toContain('probe_dhcp_server_config_valid')
  })

  test('without pools nothing is said of them', async () => {
    const { names } = await ask(roots, isc, { at })
    expect([...names].filter(name => /pool|shared_network|server_config|check/.test(name))).toEqual([])
  })

  test('pools of a family that the file is not of are left out', async () => {
    const answer = await ask(`${roots}, pools: [${lab}, {name: six, cidr: "fd00::/64"}]`, isc, { at })
    expect(
      answer.series.filter(({ name }) => name === 'probe_dhcp_pool_size').map(({ labels }) => labels.pool),
    ).toEqual(['lab'])
  })

  test('use follows the clock, not the reading', async () => {
    const answer = await ask(`${roots}, pools: [${lab}]`, isc, { at: at + 86_400 * 30 })
    expect(poolIn(answer, 'lab').leases[0]).toBeLessThan(2)
  })

  test('a pool as big as IPv6 is', async () => {
    const pools = 'pools: [{name: all, cidr: "::/0"}, {name: pd, prefix: "2001:db8::/32", delegated_length: 64}]'
    const answer = await ask(`${roots}, ${pools}`, path('dnsmasq/v4v6-small.leases'), {
      at: expected('dnsmasq/v4v6-small').at,
    })
    expect(answer.value('probe_dhcp_pool_size', { pool: 'all' })).toBe(2 ** 128)
    expect(answer.value('probe_dhcp_pool_size', { pool: 'pd' })).toBe(2 ** 32)
    expect(answer.value('probe_dhcp_leases_outside_pools', { family: 'ipv6' })).toBe(0)
    expect(answer.value('probe_dhcp_leases_outside_pools', { family: 'ipv4' })).toBeUndefined()
  })

  test('as much as may be shown is not more than a probe may answer with', async ({ folder }) => {
    const address = (i: number, j: number) => `10.${i >> 8}.${i & 255}.${j}`
    const rows = Array.from(
      { length: 4000 },
      (_, i) => `${address(i % 1000, Math.floor(i / 1000))},,,3600,1795241324,${i},0,0,,0\n`,
    )
    const columns = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state\n'
    writeFileSync(join(folder, 'leases.csv'), columns + rows.join(''))
    const pools = Array.from({ length: 1000 }, (_, i) => `{cidr: ${address(i, 0)}/24, shared_network: n${i}}`)
    const lists = 'per_lease: {enabled: true, max_series: 4000}, per_subnet: {enabled: true, max_series: 2000}'
    const options = `roots: [${folder}], ${lists}, pools: [${pools}]`
    const answer = await ask(options, join(folder, 'leases.csv'), { at: 1795240000, timeout: '10s' })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dhcp_subnet_leases_omitted')).toBe(2000)
    expect(answer.series.length).toBeGreaterThan(18_900)
    await expect(ask(`pools: [${pools}, {cidr: 10.200.0.0/24}]`, '/x')).rejects.toThrow('expected at most 1000 entries')
  })

  test('a missing file that is no fault has pools without use', async ({ folder }) => {
    const answer = await ask(`roots: [${folder}], missing_ok: true, pools: [${lab}]`, join(folder, 'none'))
    expect(poolIn(answer, 'lab')).toEqual({ size: 10, free: 10, ratio: 0, leases: [0, 0, 0] })
  })

  test('when the file cannot be read, nothing is said of pools', async ({ folder }) => {
    const answer = await ask(`roots: [${folder}], pools: [${lab}]`, join(folder, 'none'))
    expect(answer.reason).toBe('not_found')
    expect(answer.names).not.toContain('probe_dhcp_pool_size')
  })
})

describe('fail_if', () => {
  const pools = `pools: [${office}, ${wifi}, ${lab}]`
  const failed = (answer: Answer) =>
    Object.fromEntries(
      answer.series
        .filter(({ name }) => name === 'probe_dhcp_check_failed')
        .map(({ labels, value }) => [labels.check, value]),
    )

  test.for([
    // lab: 0.2 used, 8 free; wifi: 0.22 used, 50 free; office: 0.05 used, 18 free; campus: 0.18 used, 68 free
    ['pool_used_ratio_over: 0.21', { pool_usage: 1 }],
    ['pool_used_ratio_over: 0.22', { pool_usage: 0 }],
    ['pool_free_under: 9', { pool_usage: 1 }],
    ['pool_free_under: 8', { pool_usage: 0 }],
    ['pool_used_ratio_over: 0.21, pool_free_under: 9', { pool_usage: 0 }],
    ['pool_used_ratio_over: 0.19, pool_free_under: 9', { pool_usage: 1 }],
    ['pool_used_ratio_over: 0.19, scope: shared_network', { pool_usage: 1 }],
    ['pool_used_ratio_over: 0.20, scope: shared_network', { pool_usage: 0 }],
    ['pool_free_under: 50, pool_used_ratio_over: 0.05, scope: shared_network', { pool_usage: 1 }],
    ['active_under: 17', { active_under: 1 }],
    ['active_under: 16', { active_under: 0 }],
    ['abandoned_over: 2', { abandoned_over: 1 }],
    ['abandoned_over: 3, overdue_leases_over: 0', { abandoned_over: 0, overdue_leases_over: 0 }],
    ['no_transaction_for: 1h', { no_transaction_for: 0 }],
    ['no_transaction_for: 0s', { no_transaction_for: 1 }],
    // No failover in this file: cannot be judged.
    ['failover_state_not: [normal]', {}],
    ['', {}],
  ] as const)('%s', async ([checks, verdicts]) => {
    const answer = await ask(`${roots}, ${pools}, fail_if: {${checks}}`, isc, { at })
    expect(failed(answer)).toEqual(verdicts)
    const isFailed = Object.values(verdicts).includes(1 as never)
    expect(answer.value('probe_success')).toBe(Number(!isFailed))
    expect(answer.reason).toBe(isFailed ? 'content' : undefined)
    expect(answer.value('probe_dhcp_failure', { reason: 'check_failed' })).toBe(isFailed ? 1 : undefined)
    // Everything is there, whatever the checks say.
    expect(answer.value('probe_dhcp_leases', { state: 'active' })).toBe(16)
    expect(answer.value('probe_dhcp_pool_size', { pool: 'lab' })).toBe(10)
  })

  test('overdue leases, and those that nobody can know of', async () => {
    const later = await ask(`${roots}, fail_if: {overdue_leases_over: 13}`, isc, { at: 1795241115 })
    expect([failed(later), later.reason]).toEqual([{ overdue_leases_over: 1 }, 'content'])
    const lengths = path('dnsmasq/synthetic-broken-rtc.leases')
    const unknown = await ask(`${roots}, fail_if: {overdue_leases_over: 0}`, lengths, { at: 1895241115 })
    expect([failed(unknown), unknown.reason]).toEqual([{}, undefined])
  })

  test('the age of the file', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeFileSync(file, '1795242070 02:00 10.40.0.56 * *\n')
    utimesSync(file, at - 7200, at - 7200)
    const askFor = (age: string) => ask(`roots: [${folder}], fail_if: {file_age_over: ${age}}`, file, { at })
    const [old, young] = [await askFor('1h59m59s'), await askFor('2h')]
    expect([failed(old), old.reason, old.log.includes('file_age_over: written 7200 s ago')]).toEqual([
      { file_age_over: 1 },
      'content',
      true,
    ])
    expect([failed(young), young.reason]).toEqual([{ file_age_over: 0 }, undefined])
  })

  test('a missing file that is no fault is judged as no leases', async ({ folder }) => {
    const checks = 'fail_if: {active_under: 1, file_age_over: 1h, no_transaction_for: 1h}'
    const answer = await ask(`roots: [${folder}], missing_ok: true, ${checks}`, join(folder, 'none'))
    expect([failed(answer), answer.reason]).toEqual([{ active_under: 1 }, 'content'])
  })

  test('all that failed is named', async () => {
    const answer = await ask(`${roots}, ${pools}, fail_if: {active_under: 17, pool_free_under: 51}`, isc, { at })
    expect(answer.log).toContain(
      'pool_usage: 3 of 3 pools, the first office: 0.0526 used, 18 free; active_under: 16 active',
    )
  })
})
