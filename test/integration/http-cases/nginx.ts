import { pemFile } from '../../support/identities.ts'
import { certificates as made } from '../support/certificates.ts'
import { ask, type Case, ip4, type Options, trusting } from './case.ts'

type Shows = Readonly<Record<string, number>>

const at = (name: string, server: string, path: string, http: Options = {}, fails?: string): Case =>
  ask(name, `https://localhost:(${server}.port)${path}`, { ...trusting(), ...http }, fails)

/** Succeeds only if nginx answers this at `/tls`: version of HTTP, of TLS, cipher, name, client. */
const speaking = (name: string, server: string, says: string, http: Options, shows: Shows): Case => ({
  ...at(name, server, '/tls', { fail_if_body_not_matches_regexp: [`^${says}$`], ...http }),
  shows,
})

const tls = (version: string, cipher: string): Shows => ({
  [`probe_tls_version_info{version=TLS ${version}}`]: 1,
  [`probe_tls_cipher_info{cipher=${cipher}}`]: 1,
})

const aes128 = tls('1.2', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256')
const aes256 = tls('1.2', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')
const chacha = tls('1.3', 'TLS_CHACHA20_POLY1305_SHA256')
const http1 = { probe_http_version: 1.1 }
const http2 = { probe_http_version: 2 }
const client = { cert_file: pemFile('client.crt'), key_file: pemFile('client.key') }
const asClient = trusting(client)
const noClient = '400 when nginx has no certificate of its client'
const largeBytes = 8_800_000

const tlsVersions: readonly Case[] = [
  speaking(
    'TLS 1.2 alone',
    'tls12',
    'HTTP/1.1 TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256 localhost ',
    {},
    { ...aes128, ...http1 },
  ),
  speaking(
    'TLS 1.3 alone',
    'tls13',
    'HTTP/1.1 TLSv1.3 TLS_CHACHA20_POLY1305_SHA256 localhost ',
    {},
    { ...chacha, ...http1 },
  ),
  at('TLS 1.2 alone, 1.3 wanted', 'tls12', '/tls', trusting({ min_version: 'TLS13' }), 'tls'),
  at('TLS 1.3 alone, 1.2 wanted', 'tls13', '/tls', trusting({ max_version: 'TLS12' }), 'tls'),
  speaking('a client certificate', 'mutual', '.* localhost CN=client', asClient, { probe_http_status_code: 200 }),
  { ...at(noClient, 'mutual', '/tls', {}, 'status'), shows: { probe_http_status_code: 400 } },
  { ...at('a name that nginx knows', 'named', '/health'), hostname: 'www.sonde.test' },
  at('a name that nginx refuses', 'named', '/tls', {}, 'tls'),
  { ...ask('plain http to a port of TLS', '(tls12)/health', {}, 'status'), shows: { probe_http_status_code: 400 } },
  at('TLS to a port of plain http', 'plain', '/health', {}, 'tls'),
]

const overHttp2: readonly Case[] = [
  speaking('offered and taken', 'h2', 'HTTP/2.0 TLSv1.3 .*', {}, http2),
  speaking(
    'over TLS 1.2',
    'h2old',
    'HTTP/2.0 TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384 localhost ',
    {},
    { ...aes256, ...http2 },
  ),
  speaking('enable_http2: false', 'h2', 'HTTP/1.1 TLSv1.3 .*', { enable_http2: false }, http1),
  speaking('not offered', 'tls13', 'HTTP/1.1 .*', { enable_http2: true }, http1),
  at('accepted', 'h2', '/health', { valid_http_versions: ['HTTP/2.0'] }),
  at('not accepted', 'h2', '/health', { valid_http_versions: ['HTTP/1.1'] }, 'protocol'),
  { ...at('a large body', 'h2', '/large.txt'), shows: { probe_http_uncompressed_body_length: largeBytes } },
  at('a large body beyond its limit', 'h2', '/large.txt', { body_size_limit: '1MB' }, 'too_large'),
  at('a packed body', 'h2', '/packed', { compression: 'gzip', headers: { 'Accept-Encoding': 'gzip' } }),
  at('a body in a request', 'h2', '/health', { method: 'POST', body: 'text' }),
  at('HEAD', 'h2', '/large.txt', { method: 'HEAD' }),
  { ...at('redirected to it', 'tls12', '/secure'), shows: { ...http2, probe_http_redirects: 1 } },
  { ...at('redirected away from it', 'h2', '/older'), shows: { ...http1, ...aes128 } },
  { ...at('redirected to plain http', 'h2', '/insecure'), shows: { probe_http_ssl: 0 } },
  at('a status that is not accepted', 'h2', '/ill', {}, 'status'),
  { ...at('a server that closes instead of answering', 'h2', '/closed', {}, 'protocol'), timeout: '700ms' },
  at('a body that breaks off', 'h2', '/breaking', {}, 'protocol'),
  { ...at('a body that trickles', 'h2', '/slow', {}, 'timeout'), timeout: '700ms' },
  at('the Host', 'h2', '/host', {
    headers: { Host: 'www.sonde.test' },
    fail_if_body_not_matches_regexp: ['^www.sonde.test www.sonde.test$'],
  }),
]

const plain = (name: string, path: string, http: Options = {}, fails?: string): Case =>
  ask(name, `(plain)${path}`, http, fails)

const plainHttp: readonly Case[] = [
  { ...plain('a file', '/large.txt'), shows: { probe_http_content_length: largeBytes } },
  plain('a file that is missing', '/missing.txt', {}, 'status'),
  plain('a method that is not allowed', '/large.txt', { method: 'POST', body: 'x' }, 'status'),
  plain('a packed file', '/packed', { compression: 'gzip', headers: { 'Accept-Encoding': 'gzip' } }),
  plain(
    'a packed file beyond its limit',
    '/packed',
    { compression: 'gzip', headers: { 'Accept-Encoding': 'gzip' }, body_size_limit: '1MB' },
    'too_large',
  ),
  plain('a file that was not asked for packed', '/packed', { compression: 'identity' }),
  plain('a password', '/private', { basic_auth: { username: 'me', password: 'secret' } }),
  plain('a wrong password', '/private', { basic_auth: { username: 'me', password: 'x' } }, 'auth'),
  plain('no password', '/private', {}, 'auth'),
  ask('to TLS and HTTP/2', 'http://localhost:(plain.port)/secure', trusting()),
  plain('a server that closes instead of answering', '/closed', {}, 'connect'),
  plain('an upstream that is not there', '/dead', {}, 'status'),
  plain('an upstream that nginx waits for no longer', '/silent', {}, 'status'),
  { ...plain('an upstream that nginx waits for', '/patient', {}, 'timeout'), timeout: '600ms' },
  plain('an upstream that breaks off', '/breaking', {}, 'protocol'),
  { ...plain('a file that trickles', '/slow', {}, 'timeout'), timeout: '700ms' },
]

/** Certificates of many kinds, nobody's authority. */
const certificates: readonly Case[] = Object.keys(made).map(name => ({
  ...ask(name, `https://localhost:(${name}.port)/health`, { ...ip4, tls_config: { insecure_skip_verify: true } }),
  differs: ['no chain, no end of it'],
}))

/** What nginx is asked. */
export const nginx = { tlsVersions, overHttp2, plainHttp, certificates }
