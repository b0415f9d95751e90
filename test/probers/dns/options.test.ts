import { describe, expect, test } from 'vitest'
import { describe as describeOptions } from '../../../src/config/describe.ts'
import { dns } from '../../../src/probers/dns/index.ts'
import { options } from '../../../src/probers/dns/options.ts'

const parse = (section: object) => options.parse({ query_name: 'example.org', ...section })

/** `path: message` of each mistake, as zod has them. */
const mistakes = (section: object) =>
  options
    .safeParse({ query_name: 'x', ...section })
    .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)

describe('defaults', () => {
  test('are those of blackbox_exporter, and EDNS', () => {
    expect(parse({})).toMatchObject({
      preferred_ip_protocol: 'ip6',
      ip_protocol_fallback: true,
      source_ip_address: '',
      dns_over_tls: false,
      query_class: 1,
      recursion_desired: true,
      checking_disabled: false,
      retries: 0,
      allow_params: [],
      valid_rcodes: [0],
      all_match_semantics: 'name',
      edns: { udp_size: 1232, do: false, nsid: true, cookie: false, padding: 0 },
      tcp_fallback: true,
    })
  })

  test('of the request: udp, and for DoH a POST to /dns-query', () => {
    const { way } = dns.accept({ target: 'x', params: new Map() }, parse({}))
    expect(way).toMatchObject({ transport: 'udp', doh: { path: '/dns-query', method: 'POST' } })
  })

  test('without a type: ANY, and a warning', () => {
    expect(dns.accept({ target: 'x', params: new Map() }, parse({})).queryType).toBe(255)
    expect(dns.warnings?.(parse({}))).toEqual([expect.stringContaining('query_type is not set')])
    expect(dns.warnings?.(parse({ query_type: 'ANY' }))).toEqual([])
  })

  test('stand for what is empty, too', () => {
    const section = { query_type: '', query_class: '', transport_protocol: '' }
    expect(parse(section)).toEqual(parse({}))
    expect(dns.warnings?.(parse(section))).toEqual([expect.stringContaining('query_type is not set')])
  })
})

describe('values', () => {
  test.each([
    [{ query_type: 'MX' }, { query_type: 15 }],
    [{ query_type: 'aaaa' }, { query_type: 28 }],
    [{ query_type: 'TYPE65280' }, { query_type: 65_280 }],
    [{ query_class: 'CHAOS' }, { query_class: 3 }],
    [{ query_type: 'None' }, { query_type: 0 }],
    [{ query_class: 'ANY' }, { query_class: 255 }],
    [{ query_class: 'CS' }, { query_class: 2 }],
    [{ query_class: 'NONE' }, { query_class: 254 }],
    [{ valid_rcodes: ['NXDOMAIN', 'NOTIMPL', 'BADVERS', 'badcookie'] }, { valid_rcodes: [3, 4, 16, 23] }],
    [{ edns: false }, { edns: false }],
    [{ edns: 'no' }, { edns: false }],
    [{ edns: true }, { edns: { udp_size: 1232 } }],
    [{ edns: { udp_size: 4096 } }, { edns: { udp_size: 4096 } }],
    [{ source_ip_address: '::1' }, { source_ip_address: '::1' }],
  ])('%j', (section, expected) => {
    expect(parse(section)).toMatchObject(expected)
  })
})

describe('mistakes', () => {
  test.each([
    [{ query_name: 'a..b' }, 'query_name: expected a domain name: a label is empty'],
    [{ query_type: 'bogus' }, 'query_type: expected a record type such as A, MX or TYPE65280'],
    [{ query_type: 'TYPE65536' }, 'query_type: expected a record type such as A, MX or TYPE65280'],
    [{ query_type: 'constructor' }, 'query_type: expected a record type such as A, MX or TYPE65280'],
    [{ query_class: 'X' }, 'query_class: expected one of IN, CS, CH, HS, NONE, ANY'],
    [{ valid_rcodes: ['NOERR'] }, 'valid_rcodes.0: expected a response code such as NOERROR, NXDOMAIN or REFUSED'],
    [{ valid_rcodes: [] }, 'valid_rcodes: '],
    [{ transport_protocol: 'tls' }, 'transport_protocol: '],
    [{ dns_over_tls: true }, 'dns_over_tls: dns_over_tls needs transport_protocol: tcp'],
    [
      { validate_answer_rrs: { fail_if_matches_regexp: ['('] } },
      'validate_answer_rrs.fail_if_matches_regexp.0: bad regular expression',
    ],
    [{ edns: { udp_size: 100 } }, 'edns.udp_size: '],
    [{ tls_config: { min_version: 'TLS14' } }, 'tls_config.min_version: '],
    [{ source_ip_address: 'localhost' }, 'source_ip_address: '],
    [{ querry: 'x' }, ': '],
  ])('%j', (section, expected) => {
    expect(mistakes(section)).toEqual([expect.stringContaining(expected)])
  })

  test('a missing name', () => {
    expect(options.safeParse({}).error?.issues.map(({ path }) => path)).toEqual([['query_name']])
  })
})

test.each(['A', 'None', 'Reserved', 'TYPE11'])('the type %s is written back as it is written', query_type => {
  expect(describeOptions(options, parse({ query_type }))).toMatchObject({ query_type })
})

test('are written back as they are written', () => {
  const section = {
    query_name: 'a\\.b.example.org',
    query_type: 'TYPE65280',
    query_class: 'CHAOS',
    valid_rcodes: ['NOERROR', 'NXDOMAIN'],
    validate_answer_rrs: { fail_if_matches_regexp: ['\\tA\\t'] },
    edns: false,
  }
  expect(describeOptions(options, parse(section))).toMatchObject({
    ...section,
    query_class: 'CH',
    tcp_fallback: true,
  })
})

describe('targets', () => {
  const accept = (target: string) => dns.accept({ target, params: new Map() }, parse({}))

  test.each([
    ['ns.example.org', 'ns.example.org', 53],
    ['ns.example.org:5353', 'ns.example.org', 5353],
    ['192.0.2.1', '192.0.2.1', 53],
    ['2001:db8::1', '2001:db8::1', 53],
    ['[2001:db8::1]', '2001:db8::1', 53],
    ['[2001:db8::1]:5353', '2001:db8::1', 5353],
  ])('%s', (target, host, port) => {
    expect(accept(target)).toMatchObject({ host, port })
  })

  test.each(['', 'a b', 'host:0', 'host:port', 'https://host/'])('refuses %j', target => {
    expect(() => accept(target)).toThrow('malformed target')
  })
})
