import { copyFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect } from 'vitest'
import { test } from '../../support/files.ts'
import type { Answer } from '../../support/probe.ts'
import { expected, fixtureRoot } from './reading.ts'
import { ask, dhcpReason } from './support.ts'

const roots = `roots: [${JSON.stringify(fixtureRoot)}]`

const states = (answer: Answer, labels: { [label: string]: string } = {}) => {
  const found: { [state: string]: number } = {}
  for (const series of answer.series) {
    const fits = Object.entries(labels).every(([label, value]) => series.labels[label] === value)
    if (series.name === 'probe_dhcp_leases' && fits) {
      found[series.labels.state!] = (found[series.labels.state!] ?? 0) + series.value
    }
  }
  return found
}

/** The families of this prober and the verdict; durations and times of the checkout differ from run to run. */
const masked = (text: string) =>
  text
    .split('\n')
    .filter(line => /^(# \w+ )?probe_(dhcp_|success|failure_info)/.test(line))
    .map(line => line.replace(/^(\w*(?:duration|mtime\w*)_seconds(?:\{.*\})?) \S+$/, '$1 …'))
    .join('\n')

describe('golden answers', () => {
  const pools = 'pools: [{name: lab, range: 10.10.9.200-10.10.9.209}, {cidr: 10.10.0.0/24, shared_network: campus}]'

  test('success', async () => {
    const truth = expected('isc-dhcpd/v4-small')
    const checks = 'fail_if: {pool_used_ratio_over: 0.9, pool_free_under: 5, active_under: 1}'
    const options = `${roots}, format: isc-dhcpd, ${pools}, ${checks}`
    const answer = await ask(options, join(fixtureRoot, 'isc-dhcpd/v4-small.leases'), { at: truth.at })
    expect(answer.status).toBe(200)
    await expect(masked(answer.text)).toMatchFileSnapshot('success.prom')
  })

  test('a file that cannot be used', async () => {
    const answer = await ask(roots, join(fixtureRoot, 'README.md'), { at: 1795240000 })
    expect(answer.status).toBe(200)
    await expect(masked(answer.text)).toMatchFileSnapshot('failure.prom')
  })

  test('a check that fails', async () => {
    const truth = expected('isc-dhcpd/v4-failover-primary-normal')
    const options = `${roots}, pools: [{range: 10.20.0.20-10.20.0.39}], fail_if: {failover_state_not: [partner-down], pool_free_under: 1}`
    const target = join(fixtureRoot, 'isc-dhcpd/v4-failover-primary-normal.leases')
    const answer = await ask(options, target, { at: truth.at })
    expect(answer.status).toBe(200)
    await expect(masked(answer.text)).toMatchFileSnapshot('check-failed.prom')
  })
})

describe('the same leases at other instants', () => {
  test.for([
    'isc-dhcpd/v4-small.leases',
    'isc-dhcpd/v4-truncated-in-string.leases',
    'kea/v4-small.csv',
    'kea/v4-truncated-tail.csv',
    'dnsmasq/v4v6-small.leases',
    'dnsmasq/synthetic-broken-rtc.leases',
    'openbsd/synthetic-dhcpd.leases',
  ])('%s', async name => {
    const truth = expected(name.replace(/\.\w+$/, ''))
    for (const { at, effective } of [truth, ...(truth.checks ?? [])]) {
      const answer = await ask(roots, join(fixtureRoot, name), { at })
      const { reclaimed, ...found } = states(answer)
      const occurring = Object.entries({ ...found, 'expired-reclaimed': reclaimed ?? 0 }).filter(
        ([, count]) => count > 0,
      )
      expect(Object.fromEntries(occurring)).toEqual(effective)
      expect(answer.value('probe_success')).toBe(1)
      expect(answer.value('probe_dhcp_lease_file_incomplete_tail')).toBe(Number(truth.incomplete_tail ?? false))
    }
  })

  test('a lease that ends between two probes is expired and overdue', async ({ folder }) => {
    const file = join(folder, 'leases')
    writeFileSync(file, '1795242070 02:00 10.40.0.56 * *\n0 02:00 10.40.0.57 * *\n')
    const options = `roots: [${folder}], format: dnsmasq`
    const before = await ask(options, file, { at: 1795242069.5 })
    const after = await ask(options, file, { at: 1795242070 })
    expect([states(before, { family: 'ipv4' }), states(after, { family: 'ipv4' })]).toEqual([
      { active: 2, expired: 0 },
      { active: 1, expired: 1 },
    ])
    const overdue = [before, after].map(answer => answer.value('probe_dhcp_leases_overdue', { family: 'ipv4' }))
    expect(overdue).toEqual([0, 1])
  })
})

describe("Kea's set", () => {
  const inSet = (folder: string) => join(fixtureRoot, 'kea', folder, 'kea-leases4.csv')
  const parts = (answer: Answer) =>
    answer.series.filter(({ name }) => name === 'probe_dhcp_lease_file_size_bytes').map(({ labels }) => labels.part)

  test.for([
    ['v4-lfc-stalled', 26, 34, ['1', '2', 'current']],
    ['v4-lfc-output', 26, 34, ['1', '2', 'current']],
    ['v4-lfc-after', 20, 23, ['2', 'current']],
  ] as const)('%s', async ([folder, unique, entries, files]) => {
    const { at } = expected(`kea/${folder}`)
    const answer = await ask(roots, inSet(folder), { at })
    expect(Object.values(states(answer)).reduce((sum, count) => sum + count)).toBe(unique)
    expect(answer.value('probe_dhcp_lease_file_entries')).toBe(entries)
    expect(parts(answer)).toEqual(files)
    expect(answer.value('probe_dhcp_lease_file_info', { format: 'kea-csv', schema: '2.1' })).toBe(1)
    const alone = await ask(`${roots}, kea_side_files: false`, inSet(folder), { at })
    expect(parts(alone)).toEqual(['current'])
  })

  test('the current file alone shows 4 leases', async () => {
    const answer = await ask(`${roots}, kea_side_files: false`, inSet('v4-lfc-stalled'), { at: 1795238040 })
    expect(Object.values(states(answer)).reduce((sum, count) => sum + count)).toBe(4)
  })

  test('.completed stands for .2 and .1, and .output for nothing', async ({ folder }) => {
    const file = join(folder, 'kea-leases4.csv')
    const row = (address: string) => `${address},,,3600,1795243600,1,0,0,x\n`
    const header = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname\n'
    writeFileSync(file, header + row('10.0.0.1'))
    for (const [suffix, address] of [
      ['completed', '10.0.0.2'],
      ['1', '10.0.0.3'],
      ['2', '10.0.0.4'],
      ['output', '10.0.0.5'],
    ]) {
      writeFileSync(`${file}.${suffix}`, header + row(address!) + row('10.0.0.6'))
    }
    utimesSync(file, 1795240000, 1795240000)
    utimesSync(`${file}.completed`, 1795240000, 1795250000)
    const answer = await ask(`roots: [${file}]`, file, { at: 1795240000 })
    expect(states(answer).active).toBe(3)
    expect(parts(answer)).toEqual(['completed', 'current'])
    expect(answer.value('probe_dhcp_lease_file_newest_mtime_timestamp_seconds')).toBe(1795250000)
    expect(answer.value('probe_dhcp_lease_file_mtime_timestamp_seconds', { part: 'current' })).toBe(1795240000)
    expect(answer.value('probe_dhcp_lease_file_info', { schema: '1.0' })).toBe(1)
  })

  test.for(['auto', 'kea-csv'])('the current file is missing for an instant, %s', async (format, { folder }) => {
    const file = join(folder, 'kea-leases4.csv')
    copyFileSync(inSet('v4-lfc-stalled'), `${file}.2`)
    const answer = await ask(`roots: [${folder}], format: ${format}`, file, { at: 1795238040 })
    expect([answer.value('probe_success'), states(answer).active]).toEqual([1, 4])
    expect(parts(answer)).toEqual(['2'])
  })

  test.for(['auto', 'kea-csv'])('the current file is empty for an instant, %s', async (format, { folder }) => {
    const file = join(folder, 'kea-leases4.csv')
    writeFileSync(file, '')
    copyFileSync(inSet('v4-lfc-stalled'), `${file}.1`)
    const answer = await ask(`roots: [${folder}], format: ${format}`, file, { at: 1795238040 })
    expect([answer.value('probe_success'), states(answer).active]).toEqual([1, 4])
    expect(answer.value('probe_dhcp_lease_file_info', { schema: '2.1' })).toBe(1)
  })

  test('a name that leaves no room for a suffix has no side files', async ({ folder }) => {
    const file = join(folder, 'x'.repeat(255))
    copyFileSync(inSet('v4-lfc-stalled'), file)
    const answer = await ask(`roots: [${folder}]`, file, { at: 1795238040 })
    expect([answer.value('probe_success'), states(answer).active]).toEqual([1, 4])
  })

  test('files of other servers have no side files', async ({ folder }) => {
    const file = join(folder, 'dhcpd.leases')
    copyFileSync(join(fixtureRoot, 'isc-dhcpd/v4-small.leases'), file)
    copyFileSync(join(fixtureRoot, 'kea/v4-small.csv'), `${file}.1`)
    const answer = await ask(`roots: [${folder}]`, file, { at: 1795237115 })
    expect(states(answer).active).toBe(16)
    expect(parts(answer)).toEqual(['current'])
  })

  test('a side file of the other family is told, not counted', async ({ folder }) => {
    const file = join(folder, 'kea-leases4.csv')
    copyFileSync(inSet('v4-lfc-stalled'), file)
    copyFileSync(join(fixtureRoot, 'kea/synthetic-v6-schema5.0.csv'), `${file}.2`)
    const answer = await ask(`roots: [${folder}]`, file)
    expect([answer.value('probe_success'), answer.reason, dhcpReason(answer)]).toEqual([0, 'protocol', 'wrong_family'])
  })
})

describe('families', () => {
  const families = (answer: Answer) => [
    ...new Set(
      answer.series.flatMap(({ name, labels }) =>
        name === 'probe_dhcp_leases' ? [`${labels.family}/${labels.type}`] : [],
      ),
    ),
  ]
  const both = ['ipv4/address', 'ipv6/na', 'ipv6/pd', 'ipv6/ta']

  test.for([
    ['dnsmasq/v4v6-small.leases', '', ['ipv4/address', 'ipv6/na', 'ipv6/ta']],
    ['dnsmasq/v4v6-small.leases', ', family: ipv4', ['ipv4/address']],
    ['dnsmasq/v4v6-small.leases', ', family: ipv6', ['ipv6/na', 'ipv6/ta']],
    ['isc-dhcpd/v4-small.leases', '', ['ipv4/address']],
    ['isc-dhcpd/v6-small.leases', '', ['ipv6/na', 'ipv6/pd', 'ipv6/ta']],
    ['kea/v4-header-only.csv', '', ['ipv4/address']],
    ['kea/synthetic-v6-schema5.0.csv', ', family: ipv6', ['ipv6/na', 'ipv6/pd', 'ipv6/ta']],
    ['udhcpd/v4-small.leases', '', ['ipv4/address']],
    ['odhcpd/synthetic-current.leases', '', ['ipv4/address', 'ipv6/na', 'ipv6/pd']],
    ['odhcpd/synthetic-current.leases', ', family: ipv4', ['ipv4/address']],
    ['systemd-networkd/synthetic-v256.json', ', format: systemd-networkd', ['ipv4/address']],
    ['kea/v4-empty.csv', ', format: kea-csv', both],
    ['kea/v4-empty.csv', ', format: kea-csv, family: ipv4', ['ipv4/address']],
    ['kea/v4-empty.csv', ', format: isc-dhcpd', both],
    ['kea/v4-empty.csv', ', format: isc-dhcpd, family: ipv6', ['ipv6/na', 'ipv6/pd', 'ipv6/ta']],
    ['dnsmasq/v4v6-empty-midrewrite.leases', ', format: dnsmasq', ['ipv4/address', 'ipv6/na', 'ipv6/ta']],
    ['missing', ', format: dnsmasq, missing_ok: true', ['ipv4/address', 'ipv6/na', 'ipv6/ta']],
    ['missing/missing', ', missing_ok: true', both],
  ] as const)('%s%s', async ([name, options, pairs]) => {
    const answer = await ask(roots + options, join(fixtureRoot, name), { at: 1795240000 })
    expect(answer.value('probe_success')).toBe(1)
    expect(families(answer)).toEqual(pairs)
  })

  test.for([
    ['isc-dhcpd/v4-small.leases', 'ipv6', 'wrong_family'],
    ['isc-dhcpd/v6-small.leases', 'ipv4', 'wrong_family'],
    ['kea/v4-small.csv', 'ipv6', 'wrong_family'],
    ['udhcpd/v4-small.leases', 'ipv6', 'wrong_family'],
    ['systemd-networkd/synthetic-v256.json', 'ipv6', 'wrong_family'],
    ['kea/synthetic-v6-schema5.0.csv', 'ipv4', 'wrong_family'],
  ])('%s, %s', async ([name, family, reason]) => {
    const answer = await ask(`${roots}, family: ${family}`, join(fixtureRoot, name!))
    expect([answer.value('probe_success'), answer.reason, dhcpReason(answer)]).toEqual([0, 'protocol', reason])
    expect(answer.names).not.toContain('probe_dhcp_leases')
    expect(answer.names).toContain('probe_dhcp_lease_file_size_bytes')
  })
})

describe('dnsmasq_expiry', () => {
  const target = join(fixtureRoot, 'dnsmasq/synthetic-broken-rtc.leases')

  test.for([
    ['auto', 16, 0, 3],
    ['length', 16, 0, 3],
    ['epoch', 3, 13, 3],
  ] as const)('%s', async ([expiry, active, overdue, infinite]) => {
    const answer = await ask(`${roots}, dnsmasq_expiry: ${expiry}`, target, { at: 1795238503 })
    const value = (name: string) => answer.value(name, { family: 'ipv4' })
    expect(states(answer, { family: 'ipv4' }).active).toBe(active)
    expect([value('probe_dhcp_leases_overdue'), value('probe_dhcp_leases_infinite')]).toEqual([overdue, infinite])
  })
})

describe('malformed files', () => {
  const row = (address: string) => `1795242070 02:00 ${address} * *\n`
  const secret = 'TOP-SECRET-WORD'

  test.for([
    ['', 1],
    [', max_malformed_ratio: 0.1', 0],
    [', max_malformed_ratio: 0', 0],
    [', max_malformed_ratio: 1.0', 1],
  ] as const)('1 of 6 entries%s', async ([options, success], { folder }) => {
    const file = join(folder, 'leases')
    writeFileSync(file, `${[1, 2, 3, 4, 5].map(last => row(`10.0.0.${last}`)).join('')}${secret}\n`)
    const answer = await ask(`roots: [${folder}]${options}`, file, { at: 1795240000 })
    expect(answer.value('probe_success')).toBe(success)
    expect(answer.value('probe_dhcp_lease_file_entries')).toBe(6)
    expect(answer.value('probe_dhcp_lease_file_malformed_entries')).toBe(1)
    expect(dhcpReason(answer)).toBe(success === 1 ? undefined : 'malformed')
    expect(answer.reason).toBe(success === 1 ? undefined : 'protocol')
    expect(answer.names.has('probe_dhcp_leases')).toBe(success === 1)
    if (success === 0) expect(answer.log).toContain('1 of 6 entries are malformed, the first at line 6')
  })

  test.for(['auto', 'isc-dhcpd', 'kea-csv', 'dnsmasq'])(
    'nothing from inside leaves, %s',
    async (format, { folder }) => {
      for (const text of [
        `${secret}:x:0:0\n`,
        `lease ${secret} { ${secret} "${secret}"; }\n${secret};`,
        `address,hwaddr,valid_lifetime,expire,state\n${secret},${secret},1,1,0\n`,
        `${row('10.0.0.1')}${secret} ${secret}\n${secret}`,
        `address,hwaddr,${secret}\n`,
      ]) {
        const file = join(folder, 'leases')
        writeFileSync(file, text)
        const answer = await ask(`roots: [${folder}], format: ${format}`, file, { at: 1795240000 })
        expect(answer.status).toBe(200)
        expect(answer.text + answer.log).not.toContain(secret)
      }
    },
  )
})

test('more entries than max_entries', async () => {
  const target = join(fixtureRoot, 'isc-dhcpd/v4-small.leases')
  const answer = await ask(`${roots}, max_entries: 39`, target)
  expect([answer.reason, dhcpReason(answer)]).toEqual(['too_large', 'too_large'])
  expect((await ask(`${roots}, max_entries: 40`, target)).value('probe_success')).toBe(1)
})
