import { createHmac } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { codeOf } from '../../../src/probers/dhcp/leases.ts'
import { ShownLeases } from '../../../src/probers/dhcp/per-lease.ts'
import { perLease } from '../../../src/probers/dhcp/per-lease-options.ts'
import { test } from '../../support/files.ts'
import type { Answer } from '../../support/probe.ts'
import { expected, fixtureRoot } from './reading.ts'
import { ask, dhcpReason } from './support.ts'

const roots = `roots: [${JSON.stringify(fixtureRoot)}]`
const path = (name: string) => join(fixtureRoot, name)
const kea = path('kea/v4-small.csv')
const { at } = expected('kea/v4-small')

const infos = (answer: Answer) =>
  answer.series.filter(({ name }) => name === 'probe_dhcp_lease_info').map(({ labels }) => labels)
const expiries = (answer: Answer) =>
  Object.fromEntries(
    answer.series
      .filter(({ name }) => name === 'probe_dhcp_lease_expiry_timestamp_seconds')
      .map(({ labels, value }) => [labels.address, value]),
  )

describe('a series for each lease', () => {
  test('every lease of the file, with its end', async () => {
    const options =
      'per_lease: {enabled: true, labels: [address, type, state], states: [active, expired, declined, reclaimed]}'
    const answer = await ask(`${roots}, ${options}`, kea, { at })
    const truth = expected('kea/v4-small').final!
    const states: Readonly<Record<string, string>> = { 'expired-reclaimed': 'reclaimed' }
    expect(infos(answer)).toEqual(
      truth
        .map(({ address, state = '' }) => ({ address, type: 'address', state: states[state] ?? state }))
        .sort((a, b) => (a.address < b.address ? -1 : 1)),
    )
    expect(expiries(answer)).toEqual(
      Object.fromEntries(truth.map(({ address, expire }) => [address, expire ?? Number.POSITIVE_INFINITY])),
    )
    expect(answer.value('probe_dhcp_lease_info_omitted')).toBe(0)
  })

  test('none unless asked for', async () => {
    const { names } = await ask(roots, kea, { at })
    expect(
      [...names].filter(name => name.includes('lease_info') || name.includes('expiry') || name.includes('subnet')),
    ).toEqual([])
  })

  test('the lowest addresses, and how many are left out', async () => {
    const answer = await ask(`${roots}, per_lease: {enabled: true, max_series: 3}`, kea, { at })
    expect(infos(answer).map(({ address }) => address)).toEqual(['10.30.0.10', '10.30.0.11', '10.30.0.12'])
    expect(answer.value('probe_dhcp_lease_info_omitted')).toBe(7)
    expect(answer.value('probe_dhcp_leases', { state: 'active' })).toBe(10)
  })

  test('no address unless it is among the labels', async () => {
    const answer = await ask(`${roots}, per_lease: {enabled: true, labels: [state]}`, kea, { at })
    expect(infos(answer)).toEqual([{ state: 'active' }])
    expect(answer.text).not.toMatch(/10\.30\./)
  })

  test('of the family that is selected', async () => {
    const options = `${roots}, format: dnsmasq, per_lease: {enabled: true, labels: [type]}`
    const ask6 = (family: string) => ask(`${options}, family: ${family}`, path('dnsmasq/v4v6-small.leases'), { at })
    expect(infos(await ask6('ipv4'))).toEqual([{ type: 'address' }])
    expect(infos(await ask6('ipv6'))).toEqual([{ type: 'na' }, { type: 'ta' }])
  })

  test('without an end that the file does not tell', async () => {
    const options = `${roots}, per_lease: {enabled: true, max_series: 4000, states: [active, expired]}`
    const lengths = await ask(options, path('dnsmasq/synthetic-broken-rtc.leases'), { at })
    expect(infos(lengths)).toHaveLength(25)
    expect([...new Set(Object.values(expiries(lengths)))]).toEqual([Number.POSITIVE_INFINITY])
    const expired = await ask(options, path('odhcpd/synthetic-current.leases'), {
      at: expected('odhcpd/synthetic-current').at,
    })
    expect(Object.values(expiries(expired))).not.toContain(0)
  })

  test('prefixes have their length', async () => {
    const answer = await ask(
      `${roots}, per_lease: {enabled: true, labels: [address, type]}`,
      path('isc-dhcpd/v6-small.leases'),
      {
        at: expected('isc-dhcpd/v6-small').at,
      },
    )
    const prefixes = infos(answer).filter(({ type }) => type === 'pd')
    expect(prefixes).toHaveLength(4)
    for (const { address } of prefixes) expect(address).toMatch(/^fd00:10:1[\da-f]{2}::\/48$/)
    expect(infos(answer).filter(({ type }) => type === 'na')).toHaveLength(9)
  })

  test('names that clients chose do no harm', async ({ folder }) => {
    const file = join(folder, 'leases')
    const long = 'x'.repeat(200)
    writeFileSync(
      file,
      `0 02:00:00:00:00:01 10.0.0.1 a"b\\c}\x01\xff *\n0 02:00:00:00:00:02 10.0.0.2 ${long} *\n`,
      'latin1',
    )
    const options = `roots: [${folder}], format: dnsmasq, per_lease: {enabled: true}`
    const answer = await ask(options, file, { at })
    const [first, second] = infos(answer)
    expect(first?.hostname).toMatch(/^a"b\\c\}\ufffd./)
    expect(second?.hostname).toBe(long)
    expect(answer.value('probe_dhcp_lease_info', { address: '10.0.0.1' })).toBe(1)
  })

  test('a hardware address shows as an HMAC', async ({ folder }) => {
    const [file, key] = [join(folder, 'leases'), join(folder, 'key')]
    writeFileSync(file, '0 02:00:00:00:00:01 10.0.0.1 * *\n')
    writeFileSync(key, 'a key of 16 octets or more')
    const perLeaseOptions = `per_lease: {enabled: true, labels: [hwaddr], hash_hwaddr: true, hash_key_file: ${key}}`
    const options = `roots: [${folder}], format: dnsmasq, ${perLeaseOptions}`
    const digest = createHmac('sha256', 'a key of 16 octets or more').update('02:00:00:00:00:01').digest('hex')
    const answer = await ask(options, file, { at })
    expect(infos(answer)).toEqual([{ hwaddr: digest.slice(0, 16) }])
    rmSync(key)
    const without = await ask(options, file, { at })
    expect([without.reason, dhcpReason(without), infos(without)]).toEqual(['connect', 'read_error', []])
    expect(without.text).not.toContain('02:00')
    expect(without.log).toContain('per_lease.hash_key_file: file')
  })

  test('of any leases the lowest are kept', () => {
    const lease = fc.tuple(fc.boolean(), fc.nat(50))
    fc.assert(
      fc.property(
        fc.uniqueArray(lease, { selector: String, maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        (leases, most) => {
          const shown = new ShownLeases(perLease.parse({ enabled: true, max_series: most }), true)
          for (const [isIpv6, number] of leases) {
            const keys = isIpv6 ? Uint32Array.of(0, 0, 0, number, 1) : Uint32Array.of(number)
            const slots = {
              keys,
              states: Uint8Array.of(1),
              ends: Float64Array.of(0),
              groups: Uint32Array.of(0),
              details: undefined,
            }
            shown.visit(isIpv6 ? 'ipv6' : 'ipv4', slots, 0, Number(isIpv6), codeOf('active'))
          }
          const model = leases.toSorted(([a, i], [b, j]) => Number(a) - Number(b) || i - j).slice(0, most)
          expect(shown.lowest.map(({ family, key }) => [family === 'ipv6', key.at(family === 'ipv6' ? 3 : 0)])).toEqual(
            model,
          )
          expect(shown.omitted).toBe(leases.length - model.length)
        },
      ),
    )
  })
})

describe("counts by Kea's subnets", () => {
  const subnets = (answer: Answer) =>
    answer.series
      .filter(({ name }) => name === 'probe_dhcp_subnet_leases')
      .map(({ labels, value }) => `${labels.subnet_id} ${labels.state} ${value}`)
      .sort()

  test('all of them', async () => {
    const answer = await ask(`${roots}, per_subnet: {enabled: true}`, kea, { at })
    expect(subnets(answer)).toEqual(['1 active 8', '1 declined 2', '1 reclaimed 3', '1024 active 2'])
    expect(answer.value('probe_dhcp_subnet_leases_omitted')).toBe(0)
  })

  test('active ones also when there are none', async () => {
    const answer = await ask(`${roots}, per_subnet: {enabled: true}`, kea, { at: at + 86_400 * 365 })
    expect(subnets(answer)).toContain('1024 active 0')
  })

  test('the lowest, and how many series are left out', async () => {
    const answer = await ask(`${roots}, per_subnet: {enabled: true, max_series: 2}`, kea, { at })
    expect(subnets(answer)).toHaveLength(2)
    expect(subnets(answer).every(text => text.startsWith('1 '))).toBe(true)
    expect(answer.value('probe_dhcp_subnet_leases_omitted')).toBe(2)
  })

  test('not of a file that does not tell', async () => {
    const answer = await ask(`${roots}, per_subnet: {enabled: true}`, path('isc-dhcpd/v4-small.leases'), { at })
    expect(answer.value('probe_success')).toBe(1)
    expect(subnets(answer)).toEqual([])
  })
})
