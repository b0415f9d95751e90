import { describe, expect, test } from 'vitest'
import { LeaseFileError } from '../../../src/probers/dhcp/failure.ts'
import { fixture, read, records } from './reading.ts'

const octets = (text: string) => Buffer.from(text, 'latin1')

const columns = ['address', 'hwaddr', 'client_id', 'valid_lifetime', 'expire', 'subnet_id', 'fqdn_fwd', 'fqdn_rev']
const schema1 = [...columns, 'hostname']
const schema2 = [...schema1, 'state']
const schema21 = [...schema2, 'user_context']
const schema3 = [...schema21, 'pool_id']

const row = (address: string, lifetime: string | number, expire: string | number, ...more: (string | number)[]) =>
  [address, '02:00:00:00:00:01', '', lifetime, expire, 1, 0, 0, 'name', ...more].join()

const fileOf = (header: readonly string[], ...rows: string[]) => octets(`${[header.join(), ...rows].join('\n')}\n`)

const told = (file: Uint8Array) => {
  const done = read('kea-csv', file)
  return { entries: done.leases.entries, malformed: done.leases.malformed, schema: done.facts.schema }
}

describe('schemas', () => {
  test.each([
    ['1.0', schema1, row('10.0.0.1', 3600, 5000)],
    ['2.0', schema2, row('10.0.0.1', 3600, 5000, 1)],
    ['2.1', schema21, row('10.0.0.1', 3600, 5000, 1, '')],
    ['3.0', schema3, row('10.0.0.1', 3600, 5000, 1, '', 7)],
    ['unknown', [...schema3, 'later'], row('10.0.0.1', 3600, 5000, 1, '', 7, 'x')],
    ['unknown', [...schema3, 'later'], row('10.0.0.1', 3600, 5000, 1, '', 7)],
    ['1.0', schema1, row('10.0.0.1', 3600, 5000, 1)],
    ['1.0', schema1, row('10.0.0.1', 3600, 5000, 1, '', 7)],
    ['unknown', ['address', 'hwaddr', 'expire', 'valid_lifetime', 'state'], '10.0.0.1,,5000,3600,1'],
  ])('%s: %s', (schema, header, line) => {
    const file = fileOf(header, line)
    expect(told(file)).toEqual({ entries: 1, malformed: 0, schema })
    const hasState = line !== row('10.0.0.1', 3600, 5000)
    expect(records(read('kea-csv', file)).get('10.0.0.1')).toEqual({
      state: hasState ? 'declined' : 'active',
      end: 5000,
    })
  })

  test.each([
    ['too few columns', schema21, row('10.0.0.1', 3600, 5000, 0)],
    ['too many columns', schema21, row('10.0.0.1', 3600, 5000, 0, '', 7, 8)],
    ['too few for a newer header', [...schema3, 'later'], row('10.0.0.1', 3600, 5000, 0, '')],
    [
      'more than the header, which is not known',
      ['address', 'hwaddr', 'expire', 'valid_lifetime', 'state'],
      '10.0.0.1,,1,2,0,3',
    ],
    ['no address', schema2, row('', 3600, 5000, 0)],
    ['bad address', schema2, row('10.0.0.256', 3600, 5000, 0)],
    ['IPv6 address', schema2, row('fd00::1', 3600, 5000, 0)],
    ['no lifetime', schema2, row('10.0.0.1', '', 5000, 0)],
    ['negative lifetime', schema2, row('10.0.0.1', -1, 5000, 0)],
    ['lifetime beyond 32 bits', schema2, row('10.0.0.1', 4294967296, 5000, 0)],
    ['expire in words', schema2, row('10.0.0.1', 3600, 'never', 0)],
    ['expire beyond exact numbers', schema2, row('10.0.0.1', 3600, '1'.repeat(17), 0)],
    ['no state', schema2, row('10.0.0.1', 3600, 5000, '')],
    ['a line of absurd length', schema2, row('10.0.0.1', 3600, 5000, 0).replace('name', 'x'.repeat(70_000))],
  ])('malformed: %s', (_name, header, line) => {
    const good = (address: string) =>
      header.map(name => ({ address, valid_lifetime: 9, expire: 99 })[name] ?? '1').join()
    const file = fileOf(header, good('10.0.0.8'), line, good('10.0.0.9'))
    expect(told(file)).toMatchObject({ entries: 3, malformed: 1 })
    expect([...records(read('kea-csv', file)).keys()].sort()).toEqual(['10.0.0.8', '10.0.0.9'])
    expect(read('kea-csv', file).facts.firstMalformed).toBe('line 3')
  })

  test.each([
    'hwaddr,client_id,valid_lifetime,expire',
    'address,hwaddr,valid_lifetime',
    'address,hwaddr,valid_lifetime,expire',
    `${schema1},user_context`,
    `${schema1.slice(0, 8)}`,
    'lease 10.0.0.1 {',
    '',
    'x'.repeat(70_000),
  ])('no header: %.20s', header => {
    expect(() => read('kea-csv', octets(`${header}\n`))).toThrow(LeaseFileError)
  })
})

test('lines may end with CR LF, on header and rows', () => {
  for (const schema of [schema1, schema2, schema3]) {
    const more = schema.slice(schema1.length).map((_, i) => (i === 0 ? 1 : ''))
    const file = octets(`${[schema.join(), row('10.0.0.1', 3600, 5000, ...more), ''].join('\r\n')}\r\n`)
    expect(told(file)).toEqual({ entries: 1, malformed: 0, schema: told(fileOf(schema)).schema })
    expect(records(read('kea-csv', file)).get('10.0.0.1')?.state).toBe(schema === schema1 ? 'active' : 'declined')
  }
})

describe('rows', () => {
  const leasesOf = (...rows: string[]) => Object.fromEntries(records(read('kea-csv', fileOf(schema2, ...rows))))

  test.each([
    [0, 'active'],
    [1, 'declined'],
    [2, 'reclaimed'],
    [3, 'released'],
    [4, 'unknown'],
    [99, 'unknown'],
  ])('state %d', (state, name) => {
    expect(leasesOf(row('10.0.0.1', 3600, 5000, state))).toEqual({ '10.0.0.1': { state: name, end: 5000 } })
  })

  test('a lifetime of 0 removes the address, and a later row brings it back', () => {
    const granted = row('10.0.0.1', 3600, 5000, 0)
    const removed = row('10.0.0.1', 0, 1400, 3)
    expect(leasesOf(granted, removed)).toEqual({})
    expect(leasesOf(granted, removed, row('10.0.0.1', 60, 6000, 0))).toEqual({
      '10.0.0.1': { state: 'active', end: 6000 },
    })
  })

  test('a lifetime of 4294967295 never ends', () => {
    expect(leasesOf(row('10.0.0.1', 4294967295, 6090204966, 0))['10.0.0.1']?.end).toBe(Number.POSITIVE_INFINITY)
  })

  test('the newest transaction is expire less lifetime, beyond 32 bits too', () => {
    const file = fileOf(schema2, row('10.0.0.1', 4294967295, 6090204966, 0), row('10.0.0.2', 100, 1700000000, 0))
    expect(read('kea-csv', file).leases.newestTransaction('ipv4')).toBe(6090204966 - 4294967295)
  })

  test('a last row without newline is dropped: its last column may be cut', () => {
    const file = Buffer.concat([fileOf(schema2, row('10.0.0.1', 1, 2, 0)), octets(row('10.0.0.2', 1, 2, 0))])
    const done = read('kea-csv', file)
    expect([...records(done).keys()]).toEqual(['10.0.0.1'])
    expect([done.facts.incompleteTail, done.leases.entries]).toEqual([true, 1])
  })

  test('blank lines are no rows; a header cut short tells nothing', () => {
    expect(told(fileOf(schema2, '', row('10.0.0.1', 1, 2, 0), ''))).toEqual({ entries: 1, malformed: 0, schema: '2.0' })
    expect(read('kea-csv', octets('address,hwad')).facts).toMatchObject({ incompleteTail: true, schema: 'unknown' })
  })
})

test('the other family', () => {
  const v6 = fixture('kea/synthetic-v6-schema5.0.csv')
  const v4 = fixture('kea/v4-small.csv')
  expect(read('kea-csv', v6, { family: 'ipv6' }).facts.family).toBe('ipv6')
  expect(() => read('kea-csv', v6, { family: 'ipv4' })).toThrow(/DHCPv6 lease file, expected ipv4/)
  expect(() => read('kea-csv', v4, { family: 'ipv6' })).toThrow(/DHCPv4 lease file, expected ipv6/)
  expect(() => read('kea-csv', v4, { maxEntries: 35 })).toThrow(/more than 35 entries/)
})

describe('IPv6', () => {
  const columns =
    'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname,' +
    'hwaddr,state,user_context,hwtype,hwaddr_source,pool_id'
  const header = (amount: number) => columns.split(',').slice(0, amount).join()
  const file = (amount: number, ...rows: string[]) => Buffer.from([header(amount), ...rows, ''].join('\n'))
  const row = (amount: number, changes: { readonly [column: string]: string } = {}) => {
    const values: Record<string, string> = {
      ...{ address: 'fd00::1', duid: '00:03', valid_lifetime: '60', expire: '1795240060', subnet_id: '7' },
      ...{ pref_lifetime: '30', lease_type: '0', iaid: '4294967295', prefix_len: '128', state: '0', ...changes },
    }
    return header(amount)
      .split(',')
      .map(column => values[column] ?? '')
      .join()
  }
  const found = (...rows: string[]) => Object.fromEntries(records(read('kea-csv', file(18, ...rows))))
  const one = 'na fd000000000000000000000000000001'

  test.each([
    [12, '1.0'],
    [13, '2.0'],
    [14, '3.0'],
    [15, '3.1'],
    [16, 'unknown'],
    [17, '4.0'],
    [18, '5.0'],
  ])('%d columns are schema %s', (amount, schema) => {
    const done = read('kea-csv', file(amount, row(amount)))
    expect([done.facts.schema, done.facts.family, done.leases.malformed]).toEqual([schema, 'ipv6', 0])
    expect(Object.fromEntries(records(done))).toEqual({ [one]: { state: 'active', end: 1795240060 } })
    expect(done.leases.newestTransaction('ipv6')).toBe(1795240000)
  })

  test.each([
    ['0', 'active'],
    ['1', 'declined'],
    ['2', 'reclaimed'],
    ['3', 'released'],
    ['4', 'registered'],
    ['5', 'unknown'],
  ])('state %s is %s', (state, name) => {
    expect(found(row(18, { state }))[one]?.state).toBe(name)
  })

  test.each([
    [{ lease_type: '1' }, 'ta fd000000000000000000000000000001'],
    [{ lease_type: '2', prefix_len: '56' }, 'pd fd000000000000000000000000000001/56'],
    [{ valid_lifetime: '4294967295', expire: '6090204966' }, one],
  ])('%j', (changes, key) => {
    const end = 'lease_type' in changes ? 1795240060 : Number.POSITIVE_INFINITY
    expect(found(row(18, changes))).toEqual({ [key]: { state: 'active', end } })
  })

  test('an address and a prefix of the same text are two leases, each removed by its own', () => {
    const pd = { lease_type: '2', prefix_len: '56' }
    expect(Object.keys(found(row(18), row(18, pd)))).toHaveLength(2)
    expect(Object.keys(found(row(18), row(18, pd), row(18, { ...pd, valid_lifetime: '0' })))).toEqual([one])
  })

  test.each([
    [{ lease_type: '3' }],
    [{ lease_type: '' }],
    [{ lease_type: '2', prefix_len: '129' }],
    [{ prefix_len: 'x' }],
    [{ address: '10.0.0.1' }],
    [{ valid_lifetime: '4294967296' }],
    [{ subnet_id: '-1' }],
  ])('%j is malformed', changes => {
    const { leases } = read('kea-csv', file(18, row(18, changes)))
    expect([leases.entries, leases.malformed]).toEqual([1, 1])
  })

  test('a header without the type of the leases is none', () => {
    const bad = columns.replace('lease_type', 'x')
    expect(() => read('kea-csv', Buffer.from(`${bad}\n`))).toThrow('no header of a Kea lease file')
  })
})

describe('who holds a lease, and in which subnet', () => {
  const slotsOf = (text: string) => {
    const { leases } = read('kea-csv', Buffer.from(text), { keepsDetails: true })
    return [...leases.ipv4.shards(), ...leases.ipv6.shards()].flatMap(({ states, groups, details }) =>
      [...states].flatMap((state, slot) => (state === 0 ? [] : [[groups[slot], details?.[slot]]])),
    )
  }
  const header = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname\n'

  test.each([
    ['plain', 'plain'],
    ['with "quotes"', 'with "quotes"'],
    ['a&#x2cb', 'a,b'],
    ['&#x26#x2c', '&#x2c'],
    ['&#x2', '&#x2'],
    ['&#x2g', '&#x2g'],
    ['&#x2C;', ',;'],
    ['&#xc3&#xa9', 'é'],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('%s', (text, hostname) => {
    expect(slotsOf(`${header}10.0.0.1,2:0:0:0:1:A,01:02,60,1795240060,4294967295,0,0,${text}\n`)).toEqual([
      [4294967295, { hwaddr: '02:00:00:00:01:0a', clientId: '01:02', hostname }],
    ])
  })

  test('IPv6', () => {
    expect(slotsOf(fixture('kea/synthetic-v6-schema5.0.csv').toString())).toContainEqual([
      1,
      { hwaddr: '02:00:00:00:06:02', clientId: '00:03:00:01:02:00:00:00:06:02', hostname: '' },
    ])
  })
})
