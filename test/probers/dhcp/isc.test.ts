import { describe, expect, test } from 'vitest'
import { LeaseFileError } from '../../../src/probers/dhcp/failure.ts'
import { count, fixture, type Lease, read, records } from './reading.ts'

const octets = (text: string) => Buffer.from(text, 'latin1')
const leasesOf = (text: string): { [address: string]: Lease } =>
  Object.fromEntries(records(read('isc-dhcpd', octets(text))))
const factsOf = (text: string) => {
  const { leases, facts } = read('isc-dhcpd', octets(text))
  return [leases.entries, leases.malformed, facts.incompleteTail]
}

const ends = 'ends 6 2026/11/21 05:55:45;'
const end = Date.UTC(2026, 10, 21, 5, 55, 45) / 1000
const active = `{ ${ends} binding state active; }`

describe('dates', () => {
  test.each([
    ['2 2026/11/21 05:55:45', end],
    ['2  2026/11/21\t05:55:45', end],
    ['2 2026/11/21 05:55:45 UTC', end],
    ['2 2026/11/21 05:55:45 3600', end + 3600],
    ['2 2026/11/21 05:55:45 -3600', end - 3600],
    ['2 2026/1/2 3:04:05', Date.UTC(2026, 0, 2, 3, 4, 5) / 1000],
    ['4 2037/12/31 23:59:59', Date.UTC(2038, 0, 1) / 1000 - 1],
    ['5 2038/01/01 00:00:00', Number.POSITIVE_INFINITY],
    ['5 2040/02/29 00:00:00 3600', Number.POSITIVE_INFINITY],
    ['6 9999/12/31 23:59:59', Number.POSITIVE_INFINITY],
    ['epoch 1795240545; # Sat Nov 21 05:55:45 2026\n', 1795240545],
    ['epoch 6090204966', 6090204966],
    ['never', Number.POSITIVE_INFINITY],
  ])('%s', (date, seconds) => {
    expect(leasesOf(`lease 10.0.0.1 { ends ${date}; binding state active; }`)['10.0.0.1']?.end).toBe(seconds)
  })

  test.each([
    '',
    'soon',
    '2026/11/21 05:55:45',
    '2 2026/13/21 05:55:45',
    '2 2026/11/32 05:55:45',
    '2 2026/11/21 25:55:45',
    '2 2026/11/21 05:55',
    '2 2026/11/21 05:55:45 CET',
    '2 2026/11/21 05:55:45 "x"',
    '6 2099/13/01 00:00:00',
    '6 2099/12/01 00:00:00 x',
    '2 1926/11/21 05:55:45',
    '2 2026/11/21 05:55:45 UTC UTC',
    'never ever',
    'epoch',
    'epoch -1',
    'epoch 99999999999999999',
  ])('%j makes its block malformed', date => {
    const text = `lease 10.0.0.1 ${active} lease 10.0.0.1 { ends ${date}; binding state free; }`
    expect(factsOf(text)).toEqual([2, 1, false])
    expect(leasesOf(text)['10.0.0.1']).toEqual({ state: 'active', end })
  })
})

describe('states', () => {
  test.each([
    ['binding state free;', 'free'],
    ['binding state expired;', 'expired'],
    ['binding state released;', 'released'],
    ['binding state abandoned;', 'abandoned'],
    ['binding state reset;', 'reset'],
    ['binding state backup;', 'backup'],
    ['binding state reserved;', 'active'],
    ['binding state bootp;', 'active'],
    ['abandoned;', 'abandoned'],
    ['', '(none)'],
    ['next binding state free; rewind binding state active;', '(none)'],
    ['binding state active; next binding state free; rewind binding state expired;', 'active'],
  ])('%s', (statements, state) => {
    expect(leasesOf(`lease 10.0.0.1 { ${ends} ${statements} }`)).toEqual({ '10.0.0.1': { state, end } })
  })

  test('an unknown one is malformed and the entry before it stands', () => {
    const text = `lease 10.0.0.1 ${active}\nlease 10.0.0.1 { ${ends} binding state bogus; }\n`
    expect(factsOf(text)).toEqual([2, 1, false])
    expect(leasesOf(text)['10.0.0.1']?.state).toBe('active')
    expect(read('isc-dhcpd', octets(text)).facts.firstMalformed).toBe('line 2')
  })

  test('none: active until the end, then expired, never overdue; without end dhcpd takes it for free', async () => {
    const done = read('isc-dhcpd', octets(`lease 10.0.0.1 { ${ends} } lease 10.0.0.2 { }`))
    const before = (await count(done, end - 1)).ipv4
    const after = (await count(done, end)).ipv4
    expect([before.leases[0]?.[1], before.leases[0]?.[2], before.overdue]).toEqual([1, 1, 0])
    expect([after.leases[0]?.[1], after.leases[0]?.[2], after.overdue]).toEqual([0, 2, 0])
  })
})

test('an active lease without an end is over, as to dhcpd', async () => {
  const text = 'lease 10.0.0.1 { binding state active; } lease 10.0.0.2 { ends never; binding state active; }'
  const { leases, overdue, infinite } = (await count(read('isc-dhcpd', octets(text)), end)).ipv4
  expect([leases[0]?.[1], leases[0]?.[2], overdue, infinite]).toEqual([1, 1, 1, 1])
})

describe('grammar', () => {
  test('braces, keywords and escapes within strings are none', () => {
    const text = `lease 10.0.0.1 { ${ends} uid "\\001}\\"{;\\\\"; client-hostname "} lease 10.0.0.9 { # x";
      option agent.circuit-id "ge-0/0/1:\\"7"; binding state active; set x = "\\\\"; }
      lease 10.0.0.2 ${active}`
    expect(Object.keys(leasesOf(text))).toEqual(expect.arrayContaining(['10.0.0.1', '10.0.0.2']))
    expect(factsOf(text)).toEqual([2, 0, false])
  })

  test('a state within a nested block is not that of the lease', () => {
    const text = `lease 10.0.0.1 { ${ends} binding state active; on expiry { binding state free; if x { abandoned; } } }`
    expect(leasesOf(text)).toEqual({ '10.0.0.1': { state: 'active', end } })
  })

  test('comments hide what they hold, to the end of the line', () => {
    const text = `# lease 10.0.0.9 {\nlease 10.0.0.1 { ${ends} # binding state free; }"\n binding state active; }# end`
    expect(leasesOf(text)).toEqual({ '10.0.0.1': { state: 'active', end } })
    expect(factsOf(text)).toEqual([1, 0, false])
  })

  test('one line, no spaces', () => {
    const text = `authoring-byte-order little-endian;lease 10.0.0.1{${ends}binding state active;}lease 10.0.0.2{abandoned;}`
    expect(factsOf(text)).toEqual([2, 0, false])
    expect(leasesOf(text)['10.0.0.2']?.state).toBe('abandoned')
  })

  test('blocks and statements that are no leases count for nothing', () => {
    const text = `server-duid "\\000\\001"; authoring-byte-order little-endian;
      host "a" { dynamic; hardware ethernet 02:00:00:00:00:01; fixed-address 10.0.0.9; }
      host b { dynamic; deleted; } group { x y; } class "c" { } subclass "c" 01:02 { }
      failover peer "dhcp fo" state { my state normal at 6 2026/11/21 05:01:59; mclt 60; }
      lease 10.0.0.1 ${active};`
    expect(factsOf(text)).toEqual([1, 0, false])
  })

  test.each([
    ['lease 10.0.0.300 { binding state active; }', [1, 1, false]],
    ['lease 10.0.0.01 { binding state active; }', [1, 1, false]],
    ['lease 10.0.0 { binding state active; }', [1, 1, false]],
    ['lease "10.0.0.1" { binding state active; }', [1, 1, false]],
    ['lease { binding state active; }', [1, 1, false]],
    ['lease 10.0.0.1 x { binding state active; }', [1, 1, false]],
    ['lease 10.0.0.1 { binding state active }', [1, 1, false]],
    ['leases 10.0.0.1 { binding state active; }', [1, 1, false]],
    ['} lease 10.0.0.1 { binding state active; }', [2, 1, false]],
    ['what is this; lease 10.0.0.1 { binding state active; }', [2, 1, false]],
    ['lease 10.0.0.1 { binding state active; ', [0, 0, true]],
    ['lease 10.0.0.1', [0, 0, true]],
    ['lease 10.0.0.1 { uid "', [0, 0, true]],
    ['lease 10.0.0.1 { on expiry { } ', [0, 0, true]],
    ['lease 10.0.0.1 { abandoned; }\n\0\0\0\0', [1, 0, true]],
    ['# a comment without end', [0, 0, false]],
    ['', [0, 0, false]],
  ])('%j', (text, facts) => {
    expect(factsOf(text)).toEqual(facts)
  })

  test('a block that was cut off costs itself alone when the server wrote on', () => {
    const text = `lease 10.0.0.1 ${active}\nlease 10.0.0.1 { binding st\nlease 10.0.0.2 ${active}\nlease 10.0.0.3 ${active}`
    expect(factsOf(text)).toEqual([4, 1, false])
    expect(Object.keys(leasesOf(text))).toHaveLength(3)
  })

  test.each([60, 90, 100, 120, 130, 300, 5000])('the same when %d octets stand before the next lease', octetsBefore => {
    for (const word of ['x', 'word', 'x'.repeat(40), 'x'.repeat(200)]) {
      const cutOff = `${word} `.repeat(Math.ceil(octetsBefore / (word.length + 1)))
      const text = `lease 10.0.0.1 { ${ends} client-hostname ${cutOff}\nlease 10.0.0.2 ${active}\nlease 10.0.0.3 ${active}`
      expect(factsOf(text)).toEqual([3, 1, false])
      expect(Object.keys(leasesOf(text)).sort()).toEqual(['10.0.0.2', '10.0.0.3'])
      const whole = read('isc-dhcpd', octets(text), { cut: Array(text.length).fill(1) })
      expect([...records(whole).keys()].sort()).toEqual(['10.0.0.2', '10.0.0.3'])
    }
  })

  test('many words make no statement that is known', () => {
    const words = 'x '.repeat(100)
    for (const statement of [`binding state active ${words}`, `${ends.slice(0, -1)} ${words}`, `abandoned ${words}`]) {
      expect(leasesOf(`lease 10.0.0.1 { ${ends} ${statement}; }`)['10.0.0.1']?.state).not.toBe('active')
    }
    expect(factsOf(`lease 10.0.0.1 ${words} lease 10.0.0.2 { } lease 10.0.0.3 ${active}`)).toEqual([3, 1, false])
  })

  test('NULs that a power cut left are white space', () => {
    const text = `lease 10.0.0.1 ${active}\n${'\0'.repeat(70_000)}lease 10.0.0.2 { binding\0state\0active; }\n`
    expect(factsOf(text)).toEqual([2, 0, false])
    expect(leasesOf(text)['10.0.0.2']?.state).toBe('active')
    expect(factsOf(`lease 10.0.0.1 { binding st\0\0\nlease 10.0.0.2 ${active}\0`)).toEqual([2, 1, true])
  })

  test('a statement or string of absurd length is malformed, wherever it is', () => {
    const long = 'x'.repeat(70_000)
    expect(factsOf(`lease 10.0.0.1 { uid "${long}"; binding state active; }`)).toEqual([1, 1, false])
    expect(factsOf(`lease 10.0.0.1 { on expiry { ${long} } binding state active; }`)).toEqual([1, 1, false])
    expect(factsOf(`lease 10.0.0.1${long} { } lease 10.0.0.2 ${active}`)).toEqual([2, 1, false])
    expect(factsOf(`server-duid ${long}; lease 10.0.0.2 ${active}`)).toEqual([2, 1, false])
    expect(factsOf(`# ${long}\nlease 10.0.0.2 ${active}`)).toEqual([1, 0, false])
  })
})

test('the newest transaction is the latest start or cltt', () => {
  const text = `lease 10.0.0.1 { starts 6 2026/11/21 05:55:45; cltt 6 2026/11/21 05:55:47; }
    lease 10.0.0.2 { starts 6 2026/11/21 05:55:46; } lease 10.0.0.3 { starts never; }`
  expect(read('isc-dhcpd', octets(text)).leases.newestTransaction('ipv4')).toBe(end + 2)
  expect(read('isc-dhcpd', octets('')).leases.newestTransaction('ipv4')).toBeUndefined()
})

test("OpenBSD's dialect is told by its dates", () => {
  expect(read('isc-dhcpd', fixture('openbsd/synthetic-dhcpd.leases')).facts.schema).toBe('openbsd')
  expect(read('isc-dhcpd', fixture('isc-dhcpd/v4-small.leases')).facts.schema).toBe('')
})

describe('the other family', () => {
  const v6 = fixture('isc-dhcpd/v6-small.leases')
  const failureOf = (work: () => unknown) => {
    try {
      work()
    } catch (error) {
      return error instanceof LeaseFileError ? error.reason : error
    }
    return undefined
  }

  test.each([
    ['a v6 file', () => read('isc-dhcpd', v6), undefined],
    ['a v6 file, ipv6', () => read('isc-dhcpd', v6, { family: 'ipv6' }), undefined],
    ['a v6 file, ipv4', () => read('isc-dhcpd', v6, { family: 'ipv4' }), 'wrong_family'],
    [
      'a v4 file, ipv6',
      () => read('isc-dhcpd', octets(`lease 10.0.0.1 ${active}`), { family: 'ipv6' }),
      'wrong_family',
    ],
    ['a file without leases, ipv6', () => read('isc-dhcpd', octets('server-duid "x";'), { family: 'ipv6' }), undefined],
    [
      'too many entries',
      () => read('isc-dhcpd', octets('lease 10.0.0.1 { } '.repeat(3)), { maxEntries: 2 }),
      'too_large',
    ],
  ])('%s', (_name, work, reason) => {
    expect(failureOf(work)).toBe(reason)
  })
})

describe('failover', () => {
  const block = (name: string, my: string, partner: string) =>
    `failover peer "${name}" state {
  my state ${my} at 6 2026/11/21 04:50:00;
  partner state ${partner} at epoch 5;
  mclt 60;
}
`
  const states = (text: string) => read('isc-dhcpd', octets(text)).facts.failover

  test('the last declaration of a relationship counts', () => {
    const text = block('a', 'startup', 'normal') + block('b', 'normal', 'normal') + block('a', 'partner-down', 'paused')
    expect(states(text)).toEqual([
      { peer: 'a', role: 'my', state: 'partner-down', since: 1795236600 },
      { peer: 'a', role: 'partner', state: 'paused', since: 5 },
      { peer: 'b', role: 'my', state: 'normal', since: 1795236600 },
      { peer: 'b', role: 'partner', state: 'normal', since: 5 },
    ])
  })

  test('the other end may be called peer, as in the manual', () => {
    expect(states(block('a', 'normal', 'normal').replace('partner state', 'peer state'))[1]?.role).toBe('partner')
  })

  test('the name is a string of octets', () => {
    expect(states(block('a \\"b\\" \\303\\251', 'normal', 'normal'))[0]?.peer).toBe('a "b" é')
  })

  test.each([
    ['an unknown state', block('a', 'odd', 'normal')],
    ['a bad date', block('a', 'normal', 'normal').replace('epoch 5', 'noon')],
    ['a block within', block('a', 'normal', 'normal').replace('mclt 60;', 'x { }')],
    ['no name', block('a', 'normal', 'normal').replace('"a" ', '')],
    ['a declaration of the configuration', 'failover peer "a" { primary; }'],
  ])('%s is malformed, and what was known stands', (_what, text) => {
    const { facts, leases } = read('isc-dhcpd', octets(block('a', 'normal', 'normal') + text))
    expect([facts.failover[0]?.state, leases.entries, leases.malformed]).toEqual(['normal', 1, 1])
  })

  test('more relationships than any server has are not kept', () => {
    const { facts } = read(
      'isc-dhcpd',
      octets(Array.from({ length: 150 }, (_, i) => block(`p${i}`, 'normal', 'normal')).join('')),
    )
    expect(facts.failover).toHaveLength(200)
  })

  test('one that is cut off does not count', () => {
    const text = block('a', 'normal', 'normal') + block('a', 'paused', 'normal').slice(0, -3)
    expect(states(text)[0]?.state).toBe('normal')
  })
})

describe('who holds a lease', () => {
  const detailsOf = (body: string, keepsDetails = true) => {
    const { leases } = read('isc-dhcpd', octets(`lease 10.0.0.1 { ${body} }`), { keepsDetails })
    const [slots] = [...leases.ipv4.shards()]
    return slots?.details?.find(own => own !== undefined)
  }

  test.each([
    ['hardware ethernet 02:00:00:00:00:0A;', { hwaddr: '02:00:00:00:00:0a' }],
    ['hardware token-ring 2:0:0:a:b:c;', { hwaddr: '02:00:00:0a:0b:0c' }],
    ['uid "\\001\\002\\000}{;\\"x";', { clientId: '01:02:00:7d:7b:3b:22:78' }],
    ['uid 01:02:ff;', { clientId: '01:02:ff' }],
    ['client-hostname "My iPhone 7";', { hostname: 'My iPhone 7' }],
    ['client-hostname "caf\\303\\251 \\t\\\\";', { hostname: 'café \t\\' }],
    [`client-hostname "${'x'.repeat(300)}";`, { hostname: 'x'.repeat(255) }],
    [`client-hostname "${'x'.repeat(2000)}";`, { hostname: '' }],
    ['set client-hostname = "x"; option client-hostname "y";', {}],
  ])('%s', (body, details) => {
    expect(detailsOf(body)).toEqual({ hwaddr: '', clientId: '', hostname: '', ...details })
    expect(detailsOf(body, false)).toBeUndefined()
  })

  test('is known of the last entry alone', () => {
    expect(detailsOf('client-hostname "a"; } lease 10.0.0.1 { hardware ethernet 02:00;')).toEqual({
      hwaddr: '02:00',
      clientId: '',
      hostname: '',
    })
  })
})
