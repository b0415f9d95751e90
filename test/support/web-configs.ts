import { readFileSync } from 'node:fs'

/** The folder that the paths in them are relative to. */
export const certificates = new URL('../fixtures/tls/', import.meta.url).pathname

const inline = (name: string) => JSON.stringify(readFileSync(`${certificates}${name}`, 'utf8'))
const tls = (rest: string) => `tls_server_config: {cert_file: server.crt, key_file: server.key${rest && `, ${rest}`}}\n`
const hash = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi'

/** Files that can be used. */
export const soundWebConfigs: Readonly<Record<string, string>> = {
  'an empty file': '',
  'only a comment': '# later\n',
  'an empty map': '{}\n',
  'sections without a value': 'tls_server_config:\nhttp_server_config:\nbasic_auth_users:\n',
  'certificate and key from files': tls(''),
  'certificate and key inline': `tls_server_config: {cert: ${inline('server.crt')}, key: ${inline('server.key')}}\n`,
  'an RSA key': 'tls_server_config: {cert_file: server-rsa.crt, key_file: server-rsa.key}\n',
  'keys without a value': 'tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n  client_ca_file:\n',
  'absolute paths': `tls_server_config: {cert_file: ${certificates}server.crt, key_file: ${certificates}server.key}\n`,
  ...Object.fromEntries(
    [
      'NoClientCert',
      'RequestClientCert',
      'RequireAnyClientCert',
      'RequireClientCert',
      'VerifyClientCertIfGiven',
      'RequireAndVerifyClientCert',
    ].map(type => [type, tls(`client_auth_type: ${type}`)]),
  ),
  'client authorities': tls('client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt'),
  'client authorities inline': tls(`client_auth_type: RequestClientCert, client_ca: ${inline('ca.crt')}`),
  'allowed names': tls(
    'client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt, client_allowed_sans: [a.test]',
  ),
  'the oldest versions': tls('min_version: TLS10, max_version: TLS11'),
  'the newest version': tls('min_version: TLS13, max_version: TLS13'),
  'suites in an order': tls(
    'cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_AES_128_GCM_SHA256], prefer_server_cipher_suites: false',
  ),
  'suites of TLS 1.3 alone': tls('cipher_suites: [TLS_AES_128_GCM_SHA256]'),
  'all curves': tls('curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]'),
  'HTTP/2 off': `${tls('')}http_server_config: {http2: false}\n`,
  headers: `http_server_config:
  headers:
    Content-Security-Policy: default-src 'self'
    X-Frame-Options: deny
    X-Content-Type-Options: nosniff
    X-XSS-Protection: 1; mode=block
    Strict-Transport-Security: max-age=31536000
`,
  'users without TLS': `basic_auth_users: {alice: ${hash}, bob: ${hash.replace('2y', '2a')}, carol: ${hash.replace('2y', '2b')}}\n`,
}

/** Files that cannot, and what is said of them. */
export const faultyWebConfigs: Readonly<Record<string, readonly [text: string, ...messages: string[]]>> = {
  'no YAML': ['a: [', '1:1 unexpected end of the stream within a flow collection'],
  'an unknown section': ['tls_config: {}', '1:1 tls_config: unknown key'],
  'an unknown key': [
    tls('min_versoin: TLS12'),
    '1:66 tls_server_config.min_versoin: unknown key (did you mean min_version?)',
  ],
  'a key twice': ['basic_auth_users: {}\nbasic_auth_users: {}', '2:1 basic_auth_users: this key stands twice'],
  'a list': ['[1]', '1:1 expected a map, found a list'],
  'a section that is text': ['basic_auth_users: alice', '1:1 basic_auth_users: expected a map, found text'],
  'a key without certificate': [
    'tls_server_config:\n  key_file: server.key',
    '1:1 tls_server_config.cert_file: missing: TLS needs cert or cert_file',
  ],
  'a certificate without key': [
    'tls_server_config:\n  cert_file: server.crt',
    '1:1 tls_server_config.key_file: missing: TLS needs key or key_file',
  ],
  'authorities alone': [
    'tls_server_config:\n  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt',
    '1:1 tls_server_config.cert_file: missing: TLS needs cert or cert_file',
    '1:1 tls_server_config.key_file: missing: TLS needs key or key_file',
  ],
  'a file that is not there': [
    'tls_server_config:\n  cert_file: nope.crt\n  key_file: server.key',
    `2:3 tls_server_config.cert_file: cannot be used: ENOENT: no such file or directory, stat '${certificates}nope.crt'`,
  ],
  'no certificate in the file': [
    'tls_server_config:\n  cert_file: server.key\n  key_file: server.key',
    '2:3 tls_server_config.cert_file: cannot be used: expected at least one certificate in PEM form',
  ],
  'a folder in place of a file': [
    'tls_server_config:\n  cert_file: .\n  key_file: server.key',
    `2:3 tls_server_config.cert_file: cannot be used: ${certificates.slice(0, -1)} is not a regular file`,
  ],
  'no key in the file': [
    'tls_server_config:\n  cert_file: server.crt\n  key_file: server.crt',
    '3:3 tls_server_config.key_file: cannot be used: expected a private key in PEM form',
  ],
  'a key for another certificate': [
    'tls_server_config:\n  cert_file: server.crt\n  key_file: client.key',
    '3:3 tls_server_config.key_file: cannot be used: the key belongs to another certificate',
  ],
  'an unknown type of client authentication': [
    tls('client_auth_type: RequireAndVerify'),
    '1:66 tls_server_config.client_auth_type: expected one of NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven, RequireAndVerifyClientCert',
  ],
  'client authorities without a type': [
    tls('client_ca_file: ca.crt'),
    '1:66 tls_server_config.client_ca_file: client authorities without a client_auth_type that asks for certificates',
  ],
  'client authorities that are not there': [
    tls('client_auth_type: RequireAndVerifyClientCert, client_ca_file: nope.crt'),
    `1:112 tls_server_config.client_ca_file: cannot be used: ENOENT: no such file or directory, stat '${certificates}nope.crt'`,
  ],
  'an unknown version': [
    tls('min_version: TLS14'),
    '1:66 tls_server_config.min_version: expected one of TLS10, TLS11, TLS12, TLS13 (did you mean TLS10?)',
  ],
  'an unknown suite': [
    tls('cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]'),
    "1:82 tls_server_config.cipher_suites.0: expected one of the names in Go's tls.CipherSuites, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
  ],
  'an unknown curve': [
    tls('curve_preferences: [P256]'),
    '1:86 tls_server_config.curve_preferences.0: expected one of CurveP256, CurveP384, CurveP521, X25519',
  ],
  'a header that is not on the list': [
    'http_server_config: {headers: {Server: sonde}}',
    '1:32 http_server_config.headers.Server: unknown key',
  ],
  'a header in other letters': [
    'http_server_config: {headers: {x-frame-options: deny}}',
    '1:32 http_server_config.headers.x-frame-options: unknown key (did you mean X-Frame-Options?)',
  ],
  'a value that a header cannot have': [
    'http_server_config: {headers: {X-Frame-Options: ALLOW, X-Content-Type-Options: sniff}}',
    '1:32 http_server_config.headers.X-Frame-Options: expected deny or sameorigin',
    '1:56 http_server_config.headers.X-Content-Type-Options: expected nosniff',
  ],
  'a password in place of a hash': [
    'basic_auth_users: {alice: secret}',
    '1:20 basic_auth_users.alice: expected a bcrypt hash, as sonde hash-password prints it',
  ],
  'a hash of impossible cost': [
    `basic_auth_users: {alice: ${hash.replace('$10$', '$32$')}}`,
    '1:20 basic_auth_users.alice: expected a bcrypt hash, as sonde hash-password prints it',
  ],
  'a user without hash': ['basic_auth_users: {alice: }', '1:20 basic_auth_users.alice: expected text, found nothing'],
}

/** Faults that promtool 2.42 does not see; newer toolkits refuse the first, too. */
export const strictlyFaultyWebConfigs: typeof faultyWebConfigs = {
  'allowed names of certificates that need not be shown': [
    tls('client_auth_type: VerifyClientCertIfGiven, client_allowed_sans: [a.test]'),
    '1:109 tls_server_config.client_allowed_sans: needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert: else a client without a certificate would pass',
  ],
  'a file and text': [
    tls(`cert: ${inline('server.crt')}`),
    '1:21 tls_server_config.cert_file: at most one of cert and cert_file may be set',
  ],
  'versions in the wrong order': [
    tls('min_version: TLS13, max_version: TLS12'),
    '1:86 tls_server_config.max_version: TLS12 is below min_version TLS13',
  ],
  'suites for no version that is left': [
    tls('cipher_suites: [TLS_AES_128_GCM_SHA256], max_version: TLS12'),
    '1:66 tls_server_config.cipher_suites: none of these can be used up to max_version TLS12',
  ],
  'a file without authorities': [
    tls('client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.key'),
    '1:112 tls_server_config.client_ca_file: cannot be used: expected at least one certificate in PEM form',
  ],
  'a name that no client can send': [
    `basic_auth_users: {"a:b": ${hash}}`,
    '1:20 basic_auth_users.a:b: a name that holds a colon cannot log in (RFC 7617)',
  ],
  'a bucket that stays empty': [
    'rate_limit: {interval: 1s}',
    '1:1 rate_limit.burst: expected at least 1: with 0 nothing is let through',
  ],
  'a negative interval': [
    'rate_limit: {interval: -1s, burst: 1}',
    '1:14 rate_limit.interval: expected a duration that is not negative',
  ],
}
