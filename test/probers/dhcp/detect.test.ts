import { describe, expect, test } from 'vitest'
import { chooseFormat, headBytes } from '../../../src/probers/dhcp/formats/detect.ts'
import type { FormatName } from '../../../src/probers/dhcp/formats/format.ts'
import { fixture } from './reading.ts'

const at = 1795240000_000

const choose = (wanted: FormatName | 'auto', file: Buffer, sizeBytes = file.length) =>
  chooseFormat(wanted, { octets: file.subarray(0, headBytes), sizeBytes }, at).name

describe('auto', () => {
  test.each([
    ['isc-dhcpd/v4-small.leases', 'isc-dhcpd'],
    ['isc-dhcpd/v4-failover-primary-normal.leases', 'isc-dhcpd'],
    ['isc-dhcpd/v6-small.leases', 'isc-dhcpd'],
    ['openbsd/synthetic-dhcpd.leases', 'isc-dhcpd'],
    ['kea/v4-small.csv', 'kea-csv'],
    ['kea/v4-header-only.csv', 'kea-csv'],
    ['kea/synthetic-v6-schema5.0.csv', 'kea-csv'],
    ['dnsmasq/v4v6-small.leases', 'dnsmasq'],
    ['dnsmasq/synthetic-broken-rtc.leases', 'dnsmasq'],
    ['odhcpd/synthetic-current.leases', 'odhcpd'],
    ['systemd-networkd/synthetic-v256.json', 'systemd-networkd'],
    ['udhcpd/v4-small.leases', 'udhcpd'],
  ])('%s', (name, format) => {
    expect(choose('auto', fixture(name))).toBe(format)
    expect(choose(format as FormatName, fixture(name))).toBe(format)
    const other = format === 'dnsmasq' ? 'isc-dhcpd' : 'dnsmasq'
    expect(() => choose(other, fixture(name))).toThrow(`expected ${other}, the file looks like ${format}`)
  })

  test.each([
    ['root:x:0:0:root:/root:/bin/bash\n', 'passwd'],
    ['{"a": 1}\n', 'JSON'],
    ['#!/bin/sh\nlease\n# x', 'a script that ends before ISC begins'],
    ['\0'.repeat(5000), 'NULs'],
    ['leases are fine\n', 'a word that begins like one'],
    ['# only comments\n', 'comments alone'],
  ])('%j is nothing (%s)', text => {
    const file = Buffer.from(text.replace('\nlease\n', '\nexit\n'))
    expect(() => choose('auto', file)).toThrow('not a lease file of a known format')
  })
})

describe('a named format', () => {
  test.each([
    ['isc-dhcpd', '# only comments\n', undefined],
    ['isc-dhcpd', '# cut com', undefined],
    ['isc-dhcpd', '  \n', undefined],
    ['isc-dhcpd', 'leas', undefined],
    ['isc-dhcpd', 'lease\0', 'looks'],
    ['kea-csv', 'address,hwad', undefined],
    ['dnsmasq', '17952', undefined],
    ['dnsmasq', '1795242070 02:00:00', undefined],
    ['dnsmasq', 'dui', undefined],
    ['udhcpd', '\0\0\0', undefined],
    ['udhcpd', '\0\0\0\0\x6b\x01\x02\x03and a part of a record', undefined],
    ['odhcpd', '# br-lan 02:00', undefined],
    ['odhcpd', 'fd00::1\tlaptop\n', undefined],
    ['systemd-networkd', '{"Boo', undefined],
    ['systemd-networkd', ' { }\n', undefined],
    ['systemd-networkd', '[]', undefined],
    ['udhcpd', '\0\0\0\0\0\x01\x02\x03', 'does not begin'],
    ['udhcpd', '1234', 'does not begin'],
    ['odhcpd', 'hello', 'does not begin'],
    ['odhcpd', '#! /bin/sh\n', 'does not begin'],
    ['systemd-networkd', '{"a": 1}', 'does not begin'],
    ['systemd-networkd', 'x', 'does not begin'],
    ['isc-dhcpd', '{{{', 'does not begin'],
    ['isc-dhcpd', '\0\0', 'does not begin'],
    ['kea-csv', 'address;hwaddr', 'does not begin'],
    ['dnsmasq', 'hello', 'does not begin'],
    ['dnsmasq', '1795242070 \0', 'does not begin'],
    ['dnsmasq', '1795242070 02:00 10.0.0.1\n', 'does not begin'],
    ['dnsmasq', 'lease 10.0.0.1 {', 'looks like isc-dhcpd'],
    ['kea-csv', 'duid 00:01\n', 'looks like dnsmasq'],
  ] as const)('%s, a file of %j', (wanted, text, refusal) => {
    const work = () => choose(wanted, Buffer.from(text))
    if (refusal === undefined) expect(work()).toBe(wanted)
    else if (refusal === 'looks') expect(work()).toBe('isc-dhcpd')
    else expect(work).toThrow(refusal)
  })

  test('what is too short counts as a beginning only when it is the whole file', () => {
    const head = Buffer.from('1'.repeat(10))
    expect(choose('dnsmasq', head)).toBe('dnsmasq')
    expect(() => choose('dnsmasq', head, 5000)).toThrow('does not begin')
    expect(choose('isc-dhcpd', Buffer.from(`#${'x'.repeat(5000)}\nlease`))).toBe('isc-dhcpd')
  })
})

test('no head takes long', () => {
  const worst = ['::', '1 ', '# a', '#\n', ' ', '1 1 :', 'a', '"Leases"{']
  for (const part of worst) {
    const startedMs = performance.now()
    expect(() => choose('dnsmasq', Buffer.from(part.repeat(4096)))).toThrow()
    expect(performance.now() - startedMs).toBeLessThan(100)
  }
})
