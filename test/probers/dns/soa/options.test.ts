import { describe, expect, test } from 'vitest'
import { describe as describeOptions } from '../../../../src/config/describe.ts'
import { options } from '../../../../src/probers/dns/options.ts'

const section = (soa: unknown, more: object = {}) => ({ query_name: 'example.org', query_type: 'SOA', soa, ...more })

const mistakes = (...args: Parameters<typeof section>) =>
  options.safeParse(section(...args)).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

test('servers, by name or address, with or without a port', () => {
  const servers = ['ns1.example.org', '192.0.2.1', '192.0.2.1:5353', '2001:db8::1', '[2001:db8::1]:5353']
  expect(options.parse(section({ servers })).soa).toEqual({
    servers: [
      { text: 'ns1.example.org', host: 'ns1.example.org', port: undefined },
      { text: '192.0.2.1', host: '192.0.2.1', port: undefined },
      { text: '192.0.2.1:5353', host: '192.0.2.1', port: 5353 },
      { text: '2001:db8::1', host: '2001:db8::1', port: undefined },
      { text: '[2001:db8::1]:5353', host: '2001:db8::1', port: 5353 },
    ],
    from_ns: false,
    max_serial_lag: 0,
    require_aa: true,
  })
})

test('are written back as they are written', () => {
  const soa = { servers: ['ns1.example.org:5353'], from_ns: false, max_serial_lag: 5, require_aa: false }
  expect(describeOptions(options, options.parse(section(soa)))).toMatchObject({ soa })
})

describe('mistakes', () => {
  const needsOne = 'soa: needs either servers or `from_ns: true`'
  const badServer = 'soa.servers.0: expected a server such as ns1.example.org or 192.0.2.1:53'
  test.each([
    [{}, needsOne],
    [{ servers: ['a'], from_ns: true }, needsOne],
    [{ servers: [] }, 'soa.servers: '],
    [{ servers: Array.from({ length: 33 }, (_, at) => `ns${at}.test`) }, 'soa.servers: '],
    [{ servers: ['a b'] }, badServer],
    [{ servers: ['https://a/'] }, badServer],
    [{ servers: ['a:0'] }, badServer],
    [{ servers: ['a:99999'] }, badServer],
    [{ servers: ['a:53', 'b', 'A:53'] }, 'soa.servers.2: the server is listed twice'],
    [{ from_ns: true, max_serial_lag: -1 }, 'soa.max_serial_lag: '],
    [{ from_ns: true, max_serial_lag: 2 ** 31 }, 'soa.max_serial_lag: '],
    [{ from_ns: true, server: 'a' }, 'soa: '],
  ])('%j', (soa, expected) => {
    expect(mistakes(soa)).toEqual([expect.stringContaining(expected)])
  })

  test.each([
    [{ query_type: 'A' }, 'soa: soa needs query_type: SOA'],
    [{ query_type: undefined }, 'soa: soa needs query_type: SOA'],
    [{ allow_params: ['query_type'] }, 'soa: soa needs query_type: SOA, which allow_params must not open'],
  ])('%j', (more, expected) => {
    expect(mistakes({ from_ns: true }, more)).toEqual([expected])
  })
})
