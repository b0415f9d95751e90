import { describe, expect, test } from 'vitest'
import { count, fixture, read, records } from './reading.ts'

const octets = (text: string) => Buffer.from(text, 'latin1')
const epoch = '1795242070'

describe('lines', () => {
  test.each([
    [`${epoch} 02:00:00:00:07:01 10.40.0.56 laptop-01 01:02`, '10.40.0.56', 1795242070],
    [`${epoch} 20-80:00:02 10.40.0.56 * *`, '10.40.0.56', 1795242070],
    [`${epoch} 00- 10.40.0.56 * *`, '10.40.0.56', 1795242070],
    ['6090204966 02:00 10.40.0.56 * *', '10.40.0.56', 6090204966],
    ['0 02:00 10.40.0.56 * *', '10.40.0.56', Number.POSITIVE_INFINITY],
    [`${epoch} 4294967290 fd00:40::1 * 00:01`, 'na fd000040000000000000000000000001', 1795242070],
    [`${epoch} T8 fd00:40::1 * 00:01`, 'ta fd000040000000000000000000000001', 1795242070],
    [`${epoch} 0 ::ffff:10.0.0.1 * 00:01`, 'na 00000000000000000000ffff0a000001', 1795242070],
  ])('%s', (line, address, end) => {
    const done = read('dnsmasq', octets(`${line}\n`))
    expect(Object.fromEntries(records(done))).toEqual({ [address]: { state: 'active', end } })
    expect([done.leases.entries, done.leases.malformed]).toEqual([1, 0])
  })

  test.each(['duid 00:01:00:01:32:93', 'agent-info 10.40.0.70 01:04:00', 'vendorclass 10.40.0.70 4d:53'])(
    'no lease: %s',
    line => {
      const { leases, facts } = read('dnsmasq', octets(`${line}\n`))
      expect([leases.entries, leases.malformed, facts.incompleteTail]).toEqual([0, 0, false])
    },
  )

  test.each([
    '',
    'duid',
    'duid 00:01 00:02',
    'agent-info 10.40.0.70',
    'constructor 10.40.0.70 x',
    '__proto__ 1',
    `${epoch} 02:00 10.40.0.56 *`,
    `${epoch} 02:00 10.40.0.56 * * *`,
    `${epoch}  02:00 10.40.0.56 * *`,
    `${epoch} 02:00 10.40.0.56 * * `,
    ` ${epoch} 02:00 10.40.0.56 * *`,
    `${epoch} 02:00 10.40.0.256 * *`,
    `-1 02:00 10.40.0.56 * *`,
    `12345678901234567 02:00 10.40.0.56 * *`,
    `${epoch} 02:00:00 fd00:40::1 * 00:01`,
    `${epoch} T fd00:40::1 * 00:01`,
    `${epoch} 4294967296 fd00:40::1 * 00:01`,
    `${epoch} 1 fd00:40:::1 * 00:01`,
    `${epoch} 1 fd00:40::1%eth0 * 00:01`,
    `${epoch} 02:00 10.40.0.56 ${'x'.repeat(70_000)} *`,
  ])('malformed: %.60j', line => {
    const { leases, facts } = read('dnsmasq', octets(`${line}\n${epoch} 02:00 10.40.0.1 * *\n`))
    expect([leases.entries, leases.malformed, facts.firstMalformed]).toEqual([2, 1, 'line 1'])
  })

  test('a last line without newline is dropped', () => {
    const done = read('dnsmasq', octets(`${epoch} 02:00 10.40.0.1 * *\n${epoch} 02:00 10.40.0.2 * *`))
    expect([...records(done).keys()]).toEqual(['10.40.0.1'])
    expect(done.facts.incompleteTail).toBe(true)
  })
})

describe('lengths in the place of instants', () => {
  const line = (expiry: string, last: number) => `${expiry} 02:00 10.40.0.${last} * *\n`

  test.each([
    ['lengths', ['43200', '120', '0'], true],
    ['one instant among them', ['43200', epoch, '0'], false],
    ['the largest length', ['999999999'], true],
    ['the smallest instant', ['1000000000'], false],
    ['endless leases alone tell nothing', ['0', '0'], false],
  ])('%s', (_name, expiries, expectLengths) => {
    const text = expiries.map((expiry, i) => line(expiry, i + 1)).join('')
    expect(read('dnsmasq', octets(text)).facts.endsAreLengths).toBe(expectLengths)
  })

  test('nothing is overdue, expired or expiring', async () => {
    const { ipv4, ipv6 } = await count(read('dnsmasq', fixture('dnsmasq/synthetic-broken-rtc.leases')), undefined)
    expect([ipv4.leases[0]?.[1], ipv6.leases[1]?.[1], ipv6.leases[2]?.[1]]).toEqual([16, 8, 1])
    expect([ipv4.overdue, ipv6.overdue, ipv4.infinite]).toEqual([0, 0, 3])
    expect([ipv4.expiring, ipv6.expiring]).toEqual([
      { '5m': 0, '1h': 0, '1d': 0 },
      { '5m': 0, '1h': 0, '1d': 0 },
    ])
  })
})

test('expiring is cumulative, and an end that is now is over', async () => {
  const text = [0, 1000, 1300, 1301, 4600, 90_000, 87_401]
    .map((expiry, i) => `${expiry} 02:00 10.0.0.${i} * *\n`)
    .join('')
  const { ipv4 } = await count(read('dnsmasq', octets(text)), 1000)
  expect(ipv4).toMatchObject({ overdue: 1, infinite: 1, expiring: { '5m': 1, '1h': 3, '1d': 3 } })
  expect(ipv4.leases[0]?.slice(1, 3)).toEqual([6, 1])
})

test('who holds a lease', () => {
  const text = [
    '1795242070 02:00:00:00:07:0A 10.40.0.56 laptop-01 01:02:00',
    '1795242070 20-80:00:fe 10.40.0.57 * *',
    '1795242070 T8 fd00:40::1c5 x 00:01:00',
    '1795242070 8 fd00:40::1c6 * 00:01:00',
    '',
  ]
  const { leases } = read('dnsmasq', Buffer.from(text.join('\n')), { keepsDetails: true })
  const details = [leases.ipv4, leases.ipv6].flatMap(table =>
    [...table.shards()].flatMap(({ details }) => details?.filter(own => own !== undefined) ?? []),
  )
  expect(new Set(details)).toEqual(
    new Set([
      { hwaddr: '02:00:00:00:07:0a', clientId: '01:02:00', hostname: 'laptop-01' },
      { hwaddr: '20-80:00:fe', clientId: '', hostname: '' },
      { hwaddr: '', clientId: '00:01:00', hostname: 'x' },
      { hwaddr: '', clientId: '00:01:00', hostname: '' },
    ]),
  )
})
