import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { FormatName } from '../../../src/probers/dhcp/formats/format.ts'
import { byState, count, expected, fixture, fixtureRoot, occurring, type Read, read, records } from './support.ts'

interface Case {
  readonly name: string
  readonly format: FormatName
  /** In order of loading; the file named `name` with its extension unless given. */
  readonly files: readonly string[]
}

const single = (format: FormatName, folder: string, extension: string): Case[] =>
  readdirSync(join(fixtureRoot, folder))
    .filter(file => file.endsWith(extension) && !/v6/.test(file.replace('v4v6', '')))
    .map(file => ({ name: `${folder}/${file.slice(0, -extension.length)}`, format, files: [`${folder}/${file}`] }))

const set = (folder: string, ...suffixes: string[]): Case => ({
  name: `kea/${folder}`,
  format: 'kea-csv',
  files: suffixes.map(suffix => `kea/${folder}/kea-leases4.csv${suffix}`),
})

const cases: Case[] = [
  ...single('isc-dhcpd', 'isc-dhcpd', '.leases'),
  ...single('isc-dhcpd', 'openbsd', '.leases'),
  ...single('kea-csv', 'kea', '.csv'),
  ...single('dnsmasq', 'dnsmasq', '.leases'),
  set('v4-lfc-after', '.2', ''),
  set('v4-lfc-output', '.2', '.1', ''),
  set('v4-lfc-stalled', '.2', '.1', ''),
]

const readCase = ({ format, files }: Case): Read => read(format, files.map(fixture))

const instant = ({ facts }: Read, at: number) => (facts.endsAreLengths ? undefined : at)

test('every fixture has its case', () => {
  expect(cases.map(({ name }) => name)).toHaveLength(19)
})

describe.each(cases)('$name', own => {
  const truth = expected(own.name)
  const done = readCase(own)

  test('entries, malformed ones, tail', () => {
    const cutRows = own.format === 'kea-csv' && truth.incomplete_tail ? 1 : 0
    const inSet = Object.entries(truth.side_files ?? {}).filter(([file]) => !file.endsWith('.output'))
    const rows = truth.side_files === undefined ? truth.rows : inSet.reduce((sum, [, own]) => sum + own, 0)
    const entries = truth.entries ?? truth.entries_complete ?? truth.lease_lines ?? rows! - cutRows
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
    const sum = (states: readonly number[] = []) => states.reduce((all, amount) => all + amount, 0)
    const byFamily = { ipv4: sum(ipv4.leases[0]), ipv6: ipv6.leases.reduce((all, states) => all + sum(states), 0) }
    expect(byFamily).toEqual(truth.by_family)
    expect({ na: sum(ipv6.leases[1]), ta: sum(ipv6.leases[2]) }).toEqual(truth.by_type ?? { na: 0, ta: 0 })
    expect(ipv4.infinite + ipv6.infinite).toBe(truth.never_expires ?? 0)
  })

  test('the last entry of each address', () => {
    const found = records(done)
    expect(found.size).toBe(truth.unique_addresses)
    for (const address of truth.must_not_find ?? []) expect(found.has(address)).toBe(false)
    for (const { address, state, ends, expire, expires } of truth.final ?? []) {
      if (address.includes(':')) continue
      const lease = found.get(address)
      expect(lease, address).toBeDefined()
      if (state !== undefined) expect(lease?.state).toBe(state.replace('expired-reclaimed', 'reclaimed'))
      const end =
        expires === undefined ? (ends ?? expire ?? Number.POSITIVE_INFINITY) : expires || Number.POSITIVE_INFINITY
      // The server says 0 for leases that never had an end; they are free or backup then.
      if (ends === 0) expect(lease?.state).not.toBe('active')
      else expect(lease?.end).toBe(end)
    }
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
