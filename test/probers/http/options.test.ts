import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/exporter.ts'
import { hasZstd } from '../../../src/kit/net/http/zstd.ts'
import { acceptsCoding } from '../../../src/probers/http/accept-encoding.ts'
import { http } from '../../../src/probers/http/index.ts'
import { options } from '../../../src/probers/http/options.ts'

const messagesOf = (section: unknown) => {
  const { error } = options.safeParse(section)
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []
}

test('defaults are those of blackbox_exporter', () => {
  expect(options.parse({})).toEqual({
    valid_status_codes: [],
    accept_any_response: false,
    connect_fallback: false,
    valid_http_versions: [],
    method: 'GET',
    headers: {},
    compression: '',
    body_size_limit: 0,
    fail_if_ssl: false,
    fail_if_not_ssl: false,
    fail_if_body_matches_regexp: [],
    fail_if_body_not_matches_regexp: [],
    fail_if_header_matches: [],
    fail_if_header_not_matches: [],
    skip_resolve_phase_with_proxy: false,
    enable_http3: false,
    preferred_ip_protocol: 'ip6',
    ip_protocol_fallback: true,
    follow_redirects: true,
    enable_http2: true,
    proxy_from_environment: false,
  })
})

test.each([
  ['a status', { valid_status_codes: [200, '404'] }],
  ['a family and a range of status codes', { valid_status_codes: ['2xx', '3XX', '400-405'] }],
  ['any response', { accept_any_response: true, valid_status_codes: [] }],
  ['versions', { valid_http_versions: ['HTTP/1.0', 'HTTP/1.1', 'HTTP/2', 'HTTP/2.0'] }],
  ['a method in lower case', { method: 'post' }],
  ['a coding in any case', { compression: 'GZip' }],
  ['a size', { body_size_limit: '10MB' }],
  ['Accept-Encoding that fits', { compression: 'gzip', headers: { 'accept-encoding': 'br, gzip;q=0.5' } }],
  ['a header check', { fail_if_header_matches: [{ header: 'X', regexp: 'a', allow_missing: true }] }],
  ['HTTP/3 alone', { enable_http3: true, enable_http2: false, valid_http_versions: ['HTTP/3.0'] }],
  ['Host in any case', { headers: { hOST: 'example.org' } }],
  ['Host with a port', { headers: { Host: '[::1]:8443' } }],
  ['an empty Host', { headers: { Host: '' } }],
  ['a status that servers make up', { valid_status_codes: [999] }],
  ['a source of the preferred family', { source_ip_address: '::1', ip_protocol_fallback: false }],
  ['a source of the other family', { source_ip_address: '127.0.0.1' }],
  ['a source in IPv6 form, which is IPv4', { source_ip_address: '::ffff:127.0.0.1' }],
])('good: %s', (_name, section) => {
  expect(messagesOf(section)).toEqual([])
})

test.each([
  ['a status that is none', { valid_status_codes: [20000] }, 'valid_status_codes.0: expected a status'],
  ['a range backwards', { valid_status_codes: ['299-200'] }, 'valid_status_codes.0: expected a status'],
  ['a family that does not exist', { valid_status_codes: ['9xx'] }, 'valid_status_codes.0: expected a status'],
  [
    'any response, and a choice of status codes',
    { accept_any_response: true, valid_status_codes: [200] },
    'accept_any_response: excludes valid_status_codes',
  ],
  ['a version that does not exist', { valid_http_versions: ['HTTP/4'] }, 'valid_http_versions.0:'],
  ['HTTP/3.0 without it', { valid_http_versions: ['HTTP/3.0'] }, 'valid_http_versions: HTTP/3.0 needs'],
  ['HTTP/2 alone without it', { enable_http2: false, valid_http_versions: ['HTTP/2'] }, 'HTTP/2.0 needs enable_http2'],
  ['HTTP/3 with HTTP/2', { enable_http3: true }, 'enable_http3: needs enable_http2: false'],
  [
    'HTTP/3 with other versions',
    { enable_http3: true, enable_http2: false, valid_http_versions: ['HTTP/1.1'] },
    'valid_http_versions: with enable_http3',
  ],
  ['a method with a space', { method: 'G ET' }, 'method: expected an HTTP method'],
  ['CONNECT', { method: 'connect' }, 'method: expected an HTTP method'],
  ['an unknown coding', { compression: 'zip' }, 'compression: expected gzip, br, deflate, zstd or identity'],
  [
    'a coding that is not accepted',
    { compression: 'gzip', headers: { 'aCCept-encoding': 'br' } },
    'headers.aCCept-encoding: does not accept the coding',
  ],
  ['a bad pattern', { fail_if_body_matches_regexp: ['('] }, 'fail_if_body_matches_regexp.0: bad regular expression'],
  ['a look-ahead, which RE2 has not', { fail_if_body_not_matches_regexp: ['(?=a)'] }, 'bad regular expression'],
  [
    'a header check without a pattern',
    { fail_if_header_matches: [{ header: 'X' }] },
    'fail_if_header_matches.0.regexp',
  ],
  [
    'a header check with an empty pattern',
    { fail_if_header_not_matches: [{ header: 'X', regexp: '' }] },
    'fail_if_header_not_matches.0.regexp: expected a regular expression that is not empty',
  ],
  ['a header check without a name', { fail_if_header_matches: [{ header: '', regexp: 'a' }] }, '0.header: expected'],
  ['body twice', { body: 'a', body_file: '/b' }, 'body_file: at most one of body and body_file'],
  ['an empty CEL expression', { fail_if_body_json_matches_cel: '' }, 'cel: bad CEL expression: '],
  ['a header with a line break', { headers: { X: 'a\r\nB: c' } }, 'headers.X: expected a header value'],
  ['a Host that is none', { headers: { host: 'mün chen' } }, 'headers.host: expected a host name'],
  ['Host twice', { headers: { Host: 'a', host: 'a' } }, 'headers.host: this header is set already, as Host'],
  ['a secret Host', { headers: { Host: { secrets: ['a'] } } }, 'headers.Host: expected plain text for this header'],
  ['TLS wanted and not', { fail_if_ssl: true, fail_if_not_ssl: true }, 'fail_if_not_ssl: excludes fail_if_ssl'],
  ['a size of less than an octet', { body_size_limit: '0.5B' }, 'body_size_limit: expected a size such as'],
  [
    'a source of the other family alone',
    { source_ip_address: '127.0.0.1', ip_protocol_fallback: false },
    'source_ip_address: needs preferred_ip_protocol: ip4 or ip_protocol_fallback: true',
  ],
  [
    'a mapped source, which is IPv4',
    { source_ip_address: '::ffff:127.0.0.1', ip_protocol_fallback: false },
    'source_ip_address: needs preferred_ip_protocol: ip4',
  ],
  ['an unknown key', { metod: 'GET' }, 'Unrecognized key'],
  ['two kinds of credentials', { basic_auth: {}, bearer_token: 'x' }, 'at most one of basic_auth and bearer_token'],
])('bad: %s', (_name, section, expected) => {
  expect(messagesOf(section).join('\n')).toContain(expected)
})

test.each([2, 20, '000', 99, 1000, '6xx', '200-999'])('bad status: %j', status => {
  expect(messagesOf({ valid_status_codes: [status] })).toEqual([
    'valid_status_codes.0: expected a status such as 200, 2xx or 200-299',
  ])
})

test.each(['a b', 'http://x/', '[::1', '::1', 'foo:99999', 'a@b', 'a\\b'])('bad Host: %j', host => {
  expect(messagesOf({ headers: { Host: host } })).toEqual([
    'headers.Host: expected a host name or an address, with or without a port',
  ])
})

/** The cases of blackbox_exporter's TestIsEncodingAcceptable. */
test.each([
  ['', '', true],
  ['gzip', '', true],
  ['gzip', 'gzip', true],
  ['gzip', 'gzip;q=1.0', true],
  ['gzip', 'gzip, br', true],
  ['br', 'gzip, br', true],
  ['br', 'gzip', false],
  ['br', '*', true],
  ['br', '*;q=1.0', true],
  ['br', 'gzip, br;q=0.0', false],
  ['br', 'gzip, *;q=0.0', false],
  ['br', 'gzip;q=1.0, deflate;q=0.8, br;q=0.5, *;q=0.0', true],
  ['br', 'gzip;q=0.1, *;q=0.0, br;q=0.5', true],
  ['br', ' gzip ; q=1.0 , br ; q=0.5 ', true],
  ['gzip', 'GZIP', false],
  ['gzip', 'gzip;q=nonsense', false],
])('coding %j is acceptable to %j: %j', (coding, header, expected) => {
  expect(acceptsCoding(header, coding)).toBe(expected)
})

test('HTTP/3 is refused with its name', () => {
  expect(http.unavailable?.(options.parse({ enable_http3: true, enable_http2: false }))).toContain('enable_http3')
})

test.each([
  [{}],
  [{ enable_http2: true, valid_http_versions: ['HTTP/2'] }],
  [{ skip_resolve_phase_with_proxy: true }],
  [{ proxy_url: 'http://proxy.test:3128' }],
  [{ oauth2: { client_id: 'a', token_url: 'https://token.test/' } }],
  [{ fail_if_body_json_matches_cel: 'body.ok' }],
])('%j runs', section => {
  expect(http.unavailable?.(options.parse(section))).toBeUndefined()
})

test('warnings name what is deprecated, not sent, or missing', () => {
  const section = {
    no_follow_redirects: true,
    valid_status_codes: [200, 999],
    headers: { 'content-length': '3', 'HTTP2-Settings': '', Host: 'a', authorization: 'ApiKey x' },
    body_file: '/no/body',
    tls_config: { ca_file: '/no/ca', cert_file: '/no/cert', key_file: '/no/key' },
    basic_auth: { username: 'a:b', password_file: '/no/password' },
    http_headers: { 'X-Token': { files: ['/no/token'] } },
  }
  expect(http.warnings?.(options.parse(section))).toEqual([
    'no_follow_redirects is deprecated: use follow_redirects, with the opposite value',
    'valid_status_codes: 999 is no status code of HTTP',
    'headers.content-length is not sent: sonde frames requests by itself',
    'headers.HTTP2-Settings is not sent: sonde frames requests by itself',
    'basic_auth.username holds a colon: servers take what follows it for the password (RFC 7617, 2)',
    'headers.authorization overrules basic_auth',
    'body_file: file /no/body is missing',
    'basic_auth.password_file: file /no/password is missing',
    'http_headers.X-Token.files.0: file /no/token is missing',
    'tls_config.ca_file: file /no/ca is missing',
    'tls_config.cert_file: file /no/cert is missing',
    'tls_config.key_file: file /no/key is missing',
  ])
})

test('secrets stay hidden when the configuration is shown, and values come back as they were written', () => {
  const { describe: shown } = loadConfig(
    `modules:
  m:
    prober: http
    http:
      valid_status_codes: [200, 3xx, 400-404]
      body_size_limit: 10MB
      basic_auth: {username: me, password: hunter2}
      http_headers: {X-Key: {secrets: [hunter3]}}
      tls_config: {insecure_skip_verify: true}
  p: {prober: http, http: {proxy_url: 'http://user:hunter4@proxy.test/'}}
`,
    'modules.yaml',
  )
  expect(shown()).not.toContain('hunter')
  for (const text of ['- 200', '- 300-399', '- 400-404', 'body_size_limit: 10485760B', '<secret>']) {
    expect(shown()).toContain(text)
  }
})

test('zstd, if this Node has a sound one', () => {
  const told = messagesOf({ compression: 'zstd' }).join('\n')
  expect(told).toContain(hasZstd ? '' : `compression: zstd needs a current Node 24, this is ${process.version}`)
  expect(options.safeParse({ compression: 'zstd' }).success).toBe(hasZstd)
})
