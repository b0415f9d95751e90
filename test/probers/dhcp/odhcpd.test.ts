import { describe, expect, test } from 'vitest'
import { count, fixture, read, records } from './reading.ts'

const ipv4 = '# br-lan 02:00:00:00:09:01 ipv4 laptop 1795283200 c0a80165 32 192.168.1.101/32'
const ipv6 = '# br-lan 0001000136f4a1b2 1 laptop 1795243600 5a1 128 fd12::5a1/128 2001:db8:aa::5a1/128'

const lines = (...text: string[]) => Buffer.from(text.map(line => `${line}\n`).join(''))
const stateOf = (...text: string[]) => {
  const { leases, facts } = read('odhcpd', lines(...text))
  return [leases.entries, leases.malformed, facts.firstMalformed]
}

test('a lease with an address per prefix is one lease, and all its addresses are in use', async () => {
  const done = read('odhcpd', lines(ipv6))
  expect(Object.fromEntries(records(done))).toEqual({
    'na fd1200000000000000000000000005a1': { state: 'active', end: 1795243600 },
    'na 20010db800aa000000000000000005a1': { state: 'further active', end: 1795243600 },
  })
  const { ipv6: counts } = await count(done, 1795240000)
  expect(counts.leases.flat().reduce((sum, own) => sum + own, 0)).toBe(1)
  expect(done.leases.entries).toBe(1)
})

describe('types and ends', () => {
  test.each([
    [ipv4, '192.168.1.101', 'active', 1795283200],
    [ipv4.replace('1795283200', '-1'), '192.168.1.101', 'active', Number.POSITIVE_INFINITY],
    [ipv4.replace('1795283200', '0'), '192.168.1.101', 'expired', 0],
    [ipv4.replace('02:00:00:00:09:01', '020000000901'), '192.168.1.101', 'active', 1795283200],
    ['# l 00 a - 5 10 60 fd00::/60', 'pd fd000000000000000000000000000000/60', 'active', 5],
    ['# l 00 a - 5 10 60 fd00::/127', 'pd fd000000000000000000000000000000/127', 'active', 5],
  ])('%s', (line, key, state, end) => {
    expect(Object.fromEntries(records(read('odhcpd', lines(line))))).toEqual({ [key]: { state, end } })
  })
})

describe('lines', () => {
  test.each([
    ['a lease of no address', '# br-lan 0001 1 - 1795243600 5a1 128', [1, 0, undefined]],
    ['of a hosts file, as older versions have them', 'fd12::5a1\tlaptop', [0, 0, undefined]],
    ['of a hosts file, IPv4', '192.168.1.101 laptop', [0, 0, undefined]],
    ['an empty one', '', [0, 0, undefined]],
    ['a word', 'hello world', [1, 1, 'line 1']],
    ['a comment', '# hello', [1, 1, 'line 1']],
    ['without a space behind #', ipv4.replace('# ', '#'), [1, 1, 'line 1']],
    ['a bad address', ipv4.replace('/32', '/31'), [1, 1, 'line 1']],
    ['an IPv6 address of an IPv4 lease', `${ipv4} fd00::1/128`, [1, 1, 'line 1']],
    ['no length', ipv4.replace('/32', ''), [1, 1, 'line 1']],
    ['a bad end', ipv4.replace('1795283200', '-2'), [1, 1, 'line 1']],
    ['too long a prefix', '# l 00 a - 5 10 60 fd00::/129', [1, 1, 'line 1']],
  ])('%s', (_what, line, state) => {
    expect(stateOf(line)).toEqual(state)
    expect(stateOf(ipv4, line)).toEqual([(state[0] as number) + 1, state[1], state[2] && 'line 2'])
  })

  test('one that is cut off is no lease', () => {
    const { leases, facts } = read('odhcpd', Buffer.from(`${ipv4}\n${ipv6.slice(0, -3)}`))
    expect([leases.entries, facts.incompleteTail]).toEqual([1, true])
  })
})

test('who holds the leases', () => {
  const { leases } = read('odhcpd', fixture('odhcpd/synthetic-current.leases'), { keepsDetails: true })
  const details = [leases.ipv4, leases.ipv6].flatMap(table =>
    [...table.shards()].flatMap(({ details }) => details?.filter(own => own !== undefined) ?? []),
  )
  expect(details).toContainEqual({ hwaddr: '02:00:00:00:09:02', clientId: '', hostname: '' })
  expect(details).toContainEqual({ hwaddr: '', clientId: '00:03:00:01:02:00:00:00:09:04', hostname: '' })
  expect(details).toContainEqual({
    hwaddr: '',
    clientId: '00:04:00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f',
    hostname: 'evil\\x0aname',
  })
})
