import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FormatName } from '../../../src/probers/dhcp/formats/format.ts'
import { parseIpv6 } from '../../../src/probers/dhcp/formats/text.ts'
import { type LeaseType, leaseTypes, typeWord } from '../../../src/probers/dhcp/leases.ts'
import {
  byState,
  count,
  expected,
  fixture,
  fixtureRoot,
  keyText,
  occurring,
  type Read,
  read,
  records,
} from './reading.ts'

interface Case {
  readonly name: string
  readonly format: FormatName
  /** In order of loading; the file named `name` with its extension unless given. */
  readonly files: readonly string[]
}

const single = (format: FormatName, folder: string, extension: string): Case[] =>
  readdirSync(join(fixtureRoot, folder))
    .map(file => file.replace(/\.gz$/, ''))
    .filter(file => file.endsWith(extension))
    .map(file => ({ name: `${folder}/${file.slice(0, -extension.length)}`, format, files: [`${folder}/${file}`] }))

const set = (folder: string, file: string, ...suffixes: string[]): Case => ({
  name: `kea/${folder}`,
  format: 'kea-csv',
  files: suffixes.map(suffix => `kea/${folder}/${file}${suffix}`),
})

const cases: Case[] = [
  ...single('isc-dhcpd', 'isc-dhcpd', '.leases'),
  ...single('isc-dhcpd', 'openbsd', '.leases'),
  ...single('kea-csv', 'kea', '.csv'),
  ...single('dnsmasq', 'dnsmasq', '.leases'),
  ...single('udhcpd', 'udhcpd', '.leases'),
  ...single('odhcpd', 'odhcpd', '.leases'),
  {
    name: 'systemd-networkd/synthetic-v256',
    format: 'systemd-networkd',
    files: ['systemd-networkd/synthetic-v256.json'],
  },
  set('v4-lfc-after', 'kea-leases4.csv', '.2', ''),
  set('v4-lfc-output', 'kea-leases4.csv', '.2', '.1', ''),
  set('v4-lfc-stalled', 'kea-leases4.csv', '.2', '.1', ''),
  set('v6-large', 'kea-leases6.csv', '.2', ''),
]

const readCase = ({ format, files }: Case): Read => read(format, files.map(fixture))

/** An address of the expected files as `records` has it. */
function keyOf(text: string, type = 'na', length?: number): string {
  const [address = '', ownLength] = text.split('/')
  if (!address.includes(':')) return address
  const key = new Uint32Array(5)
  const octets = Buffer.from(address)
  parseIpv6(octets, 0, octets.length, key)
  const name = type.replace('IA_', '').toLowerCase() as LeaseType
  key[4] = typeWord(leaseTypes.indexOf(name), Number(ownLength ?? length ?? 128))
  return keyText(key)
}

const instant = ({ facts }: Read, at: number) => (facts.endsAreLengths ? undefined : at)

test('every fixture has its case', () => {
  expect(cases).toHaveLength(27)
})

describe.each(cases)('$name', own => {
  const truth = expected(own.name)
  const done = readCase(own)

  test('entries, malformed ones, tail', () => {
    const cutRows = own.format === 'kea-csv' && truth.incomplete_tail ? 1 : 0
    const inSet = Object.entries(truth.side_files ?? {}).filter(([file]) => !file.endsWith('.output'))
    const rows = truth.side_files === undefined ? truth.rows : inSet.reduce((sum, [, own]) => sum + own, 0)
    const noted = truth.entries ?? truth.entries_complete ?? truth.lease_lines ?? truth.records
    const entries = noted ?? (rows === undefined ? truth.unique_addresses : rows - cutRows)
    expect({
      entries: done.leases.entries,
      malformed: done.leases.malformed,
      tail: done.facts.incompleteTail,
    }).toEqual({ entries, malformed: (truth.malformed_rows ?? 0) - cutRows || 0, tail: truth.incomplete_tail ?? false })
  })

  test.each([{ at: truth.at, effective: truth.effective }, ...(truth.checks ?? [])])('at $at', async check => {
    const { ipv4, ipv6 } = await count(done, instant(done, check.at))
    expect(byState(ipv4, ipv6)).toEqual(occurring(check.effective))
  })

  test('families, types and endless leases', async () => {
    const { ipv4, ipv6 } = await count(done, instant(done, truth.at))
    const types: { [type: string]: { [state: string]: number } } = {}
    const families = { ipv4: 0, ipv6: 0 }
    for (const [key, { state }] of records(done)) {
      const [type = '', address] = key.split(' ')
      families[address === undefined ? 'ipv4' : 'ipv6']++
      if (address === undefined) continue
      types[type] = { ...types[type], [state]: (types[type]?.[state] ?? 0) + 1 }
    }
    expect(families).toEqual(truth.by_family)
    if (truth.recorded_by_type !== undefined) {
      const recorded = JSON.stringify(truth.recorded_by_type).replaceAll('expired-reclaimed', 'reclaimed')
      expect(types).toEqual(JSON.parse(recorded))
    }
    for (const [type, amount] of Object.entries(truth.by_type ?? {})) {
      expect(Object.values(types[type] ?? {}).reduce((all, own) => all + own, 0)).toBe(amount)
    }
    expect(ipv4.infinite + ipv6.infinite).toBe(truth.never_expires ?? 0)
  })

  test('the last entry of each address', () => {
    const found = records(done)
    expect(found.size).toBe(truth.unique_addresses)
    for (const address of truth.must_not_find ?? []) expect(found.has(keyOf(address))).toBe(false)
    for (const { address, type, state, ends, expire, expires, prefix_len } of truth.final ?? []) {
      const lease = found.get(keyOf(address, type, prefix_len))
      if (own.format === 'dnsmasq' && address.includes(':')) continue
      expect(lease, address).toBeDefined()
      if (state !== undefined) expect(lease?.state).toBe(state.replace('expired-reclaimed', 'reclaimed'))
      const end = expires === undefined ? (ends ?? expire) : expires || Number.POSITIVE_INFINITY
      // The server says 0 for leases that never had an end; they are free or backup then.
      if (ends === 0) expect(lease?.state).not.toBe('active')
      else if (own.format !== 'udhcpd') expect(lease?.end).toBe(end ?? Number.POSITIVE_INFINITY)
    }
  })

  test('failover, and when it was written', () => {
    const { failover, writtenAt } = done.facts
    expect(writtenAt).toBe(truth.written_at)
    const states = failover.map(({ peer, role, state }) => [peer, role, state])
    const { name, my_state, partner_state } = truth.failover ?? {}
    expect(states).toEqual(
      name === undefined
        ? []
        : [
            [name, 'my', my_state],
            [name, 'partner', partner_state],
          ],
    )
    for (const { since } of failover) expect(since).toBeLessThanOrEqual(truth.at)
  })
})

test('addresses of IPv6 leases are whole', () => {
  const found = records(readCase(cases.find(({ name }) => name === 'dnsmasq/v4v6-small')!))
  expect(found.get('ta fd0000400000000000000000000001c5')).toEqual({ state: 'active', end: 1795245670 })
  expect(found.get('na fd000040000000000000000000000150')).toEqual({ state: 'active', end: 1795245670 })
})

test('what an unanchored reader would find in v4-small is more than there is', () => {
  const text = fixture('isc-dhcpd/v4-small.leases').toString('latin1')
  expect(text.match(/binding state active/g)).toHaveLength(31)
  expect(new Set([...text.matchAll(/lease ([0-9.]+) {/g)].map(([, address]) => address)).size).toBe(27)
})
