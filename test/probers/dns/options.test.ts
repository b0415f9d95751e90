import { describe, expect, test } from 'vitest'
import { describe as describeOptions } from '../../../src/config/describe.ts'
import { anyAddress } from '../../../src/kit/net/policy/policy.ts'
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
    const { way } = dns.accept({ target: 'x', params: new Map() }, parse({}), anyAddress)
    expect(way).toMatchObject({ transport: 'udp', doh: { path: '/dns-query', method: 'POST' } })
  })

  test('without a type: ANY, and a warning', () => {
    expect(dns.accept({ target: 'x', params: new Map() }, parse({}), anyAddress).queryType).toBe(255)
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
    [{ edns: { do: 'yes', cookie: 'on', nsid: 'n' } }, { edns: { do: true, cookie: true, nsid: false } }],
    [{ edns: { padding: '128' } }, { edns: { padding: 128 } }],
    [{ doh: {} }, { doh: { path: '/dns-query', method: 'POST' } }],
    [{ doh: { path: '/', method: 'GET' } }, { doh: { path: '/', method: 'GET' } }],
    [
      { checking_disabled: 'yes', retries: 2 },
      { checking_disabled: true, retries: 2 },
    ],
    [{ source_ip_address: '::1' }, { source_ip_address: '::1' }],
    [{ source_ip_address: '::ffff:127.0.0.1' }, { source_ip_address: '127.0.0.1' }],
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
    [{ transport: 'sctp' }, 'transport: expected one of udp, tcp, dot, doh, doh_http1'],
    [{ transport: 'doq' }, 'transport: DNS over QUIC is not possible: Node has no QUIC'],
    [{ transport: 'doh3' }, 'transport: DNS over HTTP/3 is not possible: Node has no HTTP/3'],
    [{ transport: 'udp', transport_protocol: 'tcp' }, 'transport_protocol: contradicts transport: udp'],
    [{ transport: 'tcp', transport_protocol: 'udp' }, 'transport_protocol: contradicts transport: tcp'],
    [{ transport: 'dot', transport_protocol: 'udp' }, 'transport_protocol: contradicts transport: dot'],
    [{ transport: 'doh', transport_protocol: 'tcp' }, 'transport_protocol: contradicts transport: doh'],
    [{ transport: 'udp', dns_over_tls: true }, 'dns_over_tls: contradicts transport: udp'],
    [{ transport: 'doh', dns_over_tls: true }, 'dns_over_tls: contradicts transport: doh'],
    [{ transport_protocol: 'udp', dns_over_tls: true }, 'dns_over_tls: dns_over_tls needs transport_protocol: tcp'],
    [{ doh: { path: 'dns-query' } }, 'doh.path: expected a path such as /dns-query'],
    [{ doh: { path: '/a b' } }, 'doh.path: expected a path such as /dns-query'],
    [{ doh: { path: '/a#b' } }, 'doh.path: expected a path such as /dns-query'],
    [{ doh: { method: 'PUT' } }, 'doh.method: '],
    [{ doh: { url: '/' } }, 'doh: '],
    [{ edns: { client_subnet: '192.0.2.1' } }, 'edns: '],
    [{ edns: { client_subnet: '192.0.2.0/33' } }, 'edns: '],
    [{ edns: { client_subnet: '2001:db8::/129' } }, 'edns: '],
    [{ edns: { client_subnet: 'fe80::1%lo/64' } }, 'edns: '],
    [{ edns: { padding: -1 } }, 'edns.padding: '],
    [{ edns: { padding: 5000 } }, 'edns.padding: '],
    [{ edns: { keepalive: true } }, 'edns: '],
    [{ retries: -1 }, 'retries: '],
    [{ retries: 11 }, 'retries: '],
    [{ allow_params: ['edns'] }, 'allow_params.0: expected one of query_name, query_type'],
    [{ querry: 'x' }, ': '],
  ])('%j', (section, expected) => {
    expect(mistakes(section)).toEqual([expect.stringContaining(expected)])
  })

  test('a missing name', () => {
    expect(options.safeParse({}).error?.issues.map(({ path }) => path)).toEqual([['query_name']])
  })
})

describe('both forms of the transport may stand together when they mean the same', () => {
  test.each([
    [{}, 'udp'],
    [{ transport_protocol: 'tcp' }, 'tcp'],
    [{ transport_protocol: 'tcp', dns_over_tls: true }, 'dot'],
    [{ transport: 'udp', transport_protocol: 'udp' }, 'udp'],
    [{ transport: 'dot', transport_protocol: 'tcp', dns_over_tls: true }, 'dot'],
    [{ transport: 'dot', dns_over_tls: true }, 'dot'],
    [{ transport: 'doh_http1', dns_over_tls: false }, 'doh_http1'],
  ])('%j: %s', (section, transport) => {
    expect(dns.accept({ target: 'x', params: new Map() }, parse(section), anyAddress).way.transport).toBe(transport)
  })
})

describe('warnings', () => {
  test.each([
    [{ tls_config: {} }, 'tls_config has no effect'],
    [{ tls_config: {}, transport_protocol: 'tcp' }, 'tls_config has no effect'],
    [{ doh: {}, transport: 'dot' }, 'doh has no effect'],
    [{ edns: { padding: 128 } }, 'edns.padding hides nothing'],
    [{ transport: 'dot', tls_config: { ca_file: '/no/such/file' } }, 'ca_file'],
  ])('%j', (section, warning) => {
    expect(dns.warnings?.(parse({ query_type: 'A', ...section }))).toEqual([expect.stringContaining(warning)])
  })

  test.each([
    { tls_config: {}, transport: 'dot' },
    { tls_config: {}, doh: {}, transport: 'doh', edns: { padding: 128 } },
    { tls_config: {}, doh: {}, edns: { padding: 128 }, allow_params: ['transport'] },
    { transport_protocol: 'tcp', dns_over_tls: true, tls_config: {} },
  ])('none: %j', section => {
    expect(dns.warnings?.(parse({ query_type: 'A', ...section }))).toEqual([])
  })
})

test.each(['A', 'None', 'Reserved', 'TYPE11'])('the type %s is written back as it is written', query_type => {
  expect(describeOptions(options, parse({ query_type }))).toMatchObject({ query_type })
})

test('are written back as they are written', () => {
  const section = {
    transport: 'doh',
    doh: { path: '/x', method: 'GET' },
    allow_params: ['query_name'],
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
  const edns = { udp_size: 1400, do: true, nsid: false, cookie: true, client_subnet: '192.0.2.77/24', padding: 64 }
  expect(describeOptions(options, parse({ edns }))).toMatchObject({ edns })
})

describe('targets', () => {
  const accept = (target: string, section = {}) => dns.accept({ target, params: new Map() }, parse(section), anyAddress)

  test.each([
    ['ns.example.org', 'ns.example.org', 53],
    ['ns.example.org:5353', 'ns.example.org', 5353],
    ['192.0.2.1', '192.0.2.1', 53],
    ['2001:db8::1', '2001:db8::1', 53],
    ['[2001:db8::1]', '2001:db8::1', 53],
    ['[2001:db8::1]:5353', '2001:db8::1', 5353],
    ['bücher.example', 'xn--bcher-kva.example', 53],
  ])('%s', (target, host, port) => {
    expect(accept(target)).toMatchObject({ host, port })
    expect(accept(target, { transport: 'tcp' })).toMatchObject({ host, port })
    const others = port === 53 ? [853, 443] : [port, port]
    expect(accept(target, { transport: 'dot' })).toMatchObject({ host, port: others[0] })
    expect(accept(target, { transport: 'doh' })).toMatchObject({ host, port: others[1] })
    expect(accept(`tls://${target.includes('::') ? `[2001:db8::1]` : host}`, { transport: 'dot' })).toMatchObject({
      host,
      port: 853,
    })
  })

  test.each([
    ['https://dns.example', 'dns.example', 443, '/dns-query'],
    ['https://dns.example:8443/q', 'dns.example', 8443, '/q'],
    ['https://[2001:db8::1]/q', '2001:db8::1', 443, '/q'],
    ['https://[2001:db8::1]:8443', '2001:db8::1', 8443, '/dns-query'],
    ['HTTPS://192.0.2.1/a/../b', '192.0.2.1', 443, '/a/../b'],
    ['https://dns.example/ä', 'dns.example', 443, '/%C3%A4'],
    ['https://dns.example?a=b', 'dns.example', 443, '/?a=b'],
  ])('%s', (target, host, port, path) => {
    expect(accept(target, { transport: 'doh' })).toMatchObject({ host, port, way: { doh: { path, method: 'POST' } } })
  })

  test.each(['', 'a b', 'host:0', 'host:port', 'https://host/', 'tls://host', 'udp://host', '://host'])(
    'refuses %j',
    target => {
      expect(() => accept(target)).toThrow('malformed target')
    },
  )

  test.each(['a<b', 'https://a|b/', 'https://', 'https:///x', 'https://a@b/', 'https://a/b c', 'https:a', '300.1.1.1'])(
    'refuses %j for HTTPS',
    target => {
      expect(() => accept(target, { transport: 'doh' })).toThrow('malformed target')
    },
  )
})
