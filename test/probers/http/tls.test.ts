import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createSecureServer, type SecureServerOptions } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadTls } from '../../../src/kit/net/tls/context.ts'
import { tlsConfig } from '../../../src/kit/net/tls/options.ts'
import { identity, pem, pemFile } from '../../support/identities.ts'
import { listen } from '../../support/listen.ts'
import type { Answer } from '../../support/probe.ts'
import { until } from '../../support/programs.ts'
import { type Handler, serve, serveRaw } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { probeHttp } from './support.ts'

const fine: Handler = (_request, response) => response.end('fine')
const ca = { ca_file: pemFile('ca.crt') }
const seconds = (date: string) => Date.parse(date) / 1000

/** Probes an HTTPS server by the name `localhost`. */
async function probeTls(
  server: Parameters<typeof serve>[1],
  tls_config: Record<string, unknown>,
  options: Record<string, unknown> = {},
) {
  await using running = await serve(fine, server)
  const target = `https://localhost:${running.port}/`
  const answer = await probeHttp(target, { preferred_ip_protocol: 'ip4', tls_config, ...options })
  return { answer, asked: running.asked, serverNames: running.serverNames }
}

/** A server of both HTTP/1.1 and HTTP/2, which sends `staple` along as OCSP response. */
async function serveBoth(options: SecureServerOptions, staple?: Buffer) {
  const server = createSecureServer({ ...options, allowHTTP1: true }, (_request, response) => response.end('fine'))
  server.on(
    'OCSPRequest',
    (_certificate: Buffer, _issuer: Buffer, done: (error: null, staple: Buffer | null) => void) =>
      done(null, staple ?? null),
  )
  const listening = await listen(server)
  return { ...listening, url: `https://localhost:${listening.port}/` }
}

const tlsNames = [
  'probe_ssl_cert_not_before',
  'probe_ssl_earliest_cert_expiry',
  'probe_ssl_last_chain_info',
  'probe_ssl_ocsp_stapled',
  'probe_ssl_verified',
  'probe_tls_cipher_info',
  'probe_tls_version_info',
]

/** The label of `probe_ssl_verify_error_info`. */
const verifyError = (answer: Answer) =>
  answer.series.find(({ name }) => name === 'probe_ssl_verify_error_info')?.labels.error

test('a verified server: what its certificate tells', async () => {
  const { answer } = await probeTls(identity('server', 'intermediate.crt'), ca)
  expect(answer.reason).toBeUndefined()
  expect(answer.value('probe_http_ssl')).toBe(1)
  expect(answer.value('probe_ssl_earliest_cert_expiry')).toBe(seconds('2122-01-01'))
  expect(answer.value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBe(seconds('2122-01-01'))
  expect(answer.value('probe_ssl_cert_not_before')).toBe(seconds('2024-01-01'))
  expect([answer.value('probe_ssl_verified'), verifyError(answer)]).toEqual([1, undefined])
  expect(answer.value('probe_ssl_ocsp_stapled')).toBe(0)
  const info = answer.series.find(({ name }) => name === 'probe_ssl_last_chain_info')
  expect(info?.labels).toMatchObject({
    subject: 'CN=localhost,OU=One+OU=Two,O=sonde\\, Inc.,L=Here,C=XX',
    issuer: 'CN=sonde intermediate,O=sonde',
    subjectalternative: 'localhost,*.sonde.test,sonde.test',
    serialnumber: '0bff01',
  })
  expect(info?.labels.fingerprint_sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(answer.value('probe_tls_version_info', { version: 'TLS 1.3' })).toBe(1)
  expect(answer.series.find(({ name }) => name === 'probe_tls_cipher_info')?.labels.cipher).toMatch(/^TLS_/)
})

test('an old authority that the server still sends: the earliest end is its, the chain goes through the new one', async () => {
  const { answer } = await probeTls(identity('server', 'intermediate.crt', 'old-ca.crt'), ca)
  expect(answer.reason).toBeUndefined()
  expect(answer.value('probe_ssl_earliest_cert_expiry')).toBe(seconds('2024-02-01'))
  expect(answer.value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBe(seconds('2122-01-01'))
})

test('a root that the server sends counts, although we trust it', async () => {
  const { answer } = await probeTls(identity('server', 'intermediate.crt', 'old-ca.crt'), {
    ca: pem('ca.crt') + pem('old-ca.crt'),
  })
  expect(answer.reason).toBeUndefined()
  expect(answer.value('probe_ssl_earliest_cert_expiry')).toBe(seconds('2024-02-01'))
  expect(answer.value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBe(seconds('2122-01-01'))
})

test('an old authority beside a new one, neither sent: no alarm', async () => {
  const { answer } = await probeTls(identity('server', 'intermediate.crt'), { ca: pem('old-ca.crt') + pem('ca.crt') })
  expect(answer.reason).toBeUndefined()
  expect(answer.value('probe_ssl_earliest_cert_expiry')).toBe(seconds('2122-01-01'))
})

test('a root of ours that ends first and that the server does not send: no alarm', async () => {
  const { answer } = await probeTls(identity('under-short'), { ca: pem('short-ca.crt') })
  expect(answer.reason).toBeUndefined()
  expect(answer.value('probe_ssl_earliest_cert_expiry')).toBe(seconds('2124-01-01'))
  expect(answer.value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBe(seconds('2100-01-01'))
})

test.each(['TLSv1.2', 'TLSv1.3'] as const)('an OCSP response that the server sends along, %s', async maxVersion => {
  const options = { ...identity('server', 'intermediate.crt'), maxVersion }
  await using server = await serveBoth(options, Buffer.from('its presence counts'))
  const answer = await probeHttp(server.url, { preferred_ip_protocol: 'ip4', tls_config: ca })
  expect([answer.reason, answer.value('probe_ssl_ocsp_stapled')]).toEqual([undefined, 1])
})

/** As Go's client gets it: by the cipher suites in TLS 1.2, by the signature algorithms in TLS 1.3. */
test.each([
  ['TLSv1.2', 'CN=localhost,OU=One+OU=Two,O=sonde\\, Inc.,L=Here,C=XX', 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256'],
  ['TLSv1.3', 'CN=server-rsa', 'TLS_AES_128_GCM_SHA256'],
] as const)(
  'a server with two certificates, %s: the one that blackbox_exporter gets',
  async (version, subject, cipher) => {
    const [ecdsa, rsa] = [identity('server', 'intermediate.crt'), identity('server-rsa', 'intermediate.crt')]
    const both = {
      key: [ecdsa.key, rsa.key],
      cert: [ecdsa.cert, rsa.cert],
      maxVersion: version,
      honorCipherOrder: false,
    }
    const { answer } = await probeTls(both, ca)
    expect(answer.reason).toBeUndefined()
    const label = (name: string) => answer.series.find(series => series.name === name)?.labels
    expect(label('probe_ssl_last_chain_info')?.subject).toBe(subject)
    expect(label('probe_tls_cipher_info')?.cipher).toBe(cipher)
  },
)

test('an end of validity that is no date: no metric for it', async () => {
  const lines = pem('self-signed.crt').match(/^[\w+/=]+$/gm) ?? []
  const der = Buffer.from(lines.join(''), 'base64').toString('latin1').replace('21240101', '21249901')
  const cert = `-----BEGIN CERTIFICATE-----\n${Buffer.from(der, 'latin1').toString('base64')}\n-----END CERTIFICATE-----`
  const { answer } = await probeTls({ key: pem('self-signed.key'), cert }, { insecure_skip_verify: true })
  expect(answer.reason).toBeUndefined()
  expect(answer.names).toContain('probe_ssl_last_chain_info')
  expect(answer.names).not.toContain('probe_ssl_earliest_cert_expiry')
})

describe('a certificate that is not accepted: reason tls, its metrics are there, nothing was sent', () => {
  test.each([
    ['expired', identity('expired'), ca, 'expired', 'CERT_HAS_EXPIRED', '2024-03-01'],
    ['not yet valid', identity('not-yet'), ca, 'not_yet_valid', 'CERT_NOT_YET_VALID', '2124-01-01'],
    ['of another name', identity('other-name'), ca, 'name_mismatch', 'not valid for localhost', '2124-01-01'],
    ['with its name in the CN alone', identity('no-san'), ca, 'name_mismatch', 'not valid for localhost', '2124-01-01'],
    ['self-signed', identity('self-signed'), ca, 'self_signed', 'SELF_SIGNED', '2124-01-01'],
    ['without its intermediate', identity('server'), ca, 'unknown_authority', 'UNABLE_TO_GET_ISSUER', '2122-01-01'],
    ['for clients alone', identity('client-only'), ca, 'bad_purpose', 'INVALID_PURPOSE', '2124-01-01'],
    [
      'with a weak key',
      { ...identity('weak'), ciphers: 'DEFAULT@SECLEVEL=0' },
      ca,
      'other',
      'UNSPECIFIED (a weak key',
      '2124-01-01',
    ],
    [
      'with a root that is unknown',
      identity('server', 'intermediate.crt', 'ca.crt'),
      { ca: pem('other-ca.crt') },
      'unknown_authority',
      'SELF_SIGNED_CERT_IN_CHAIN',
      '2122-01-01',
    ],
    [
      'of an unknown authority',
      identity('other-name'),
      { ca: pem('other-ca.crt') },
      'unknown_authority',
      'UNABLE_TO',
      '2124-01-01',
    ],
    ['against the authorities of the system', identity('self-signed'), {}, 'self_signed', 'SELF_SIGNED', '2124-01-01'],
    [
      'with a * for a part of a label',
      identity('part-wildcard'),
      { ...ca, server_name: 'www.sonde.test' },
      'name_mismatch',
      'not valid for www.sonde.test',
      '2124-01-01',
    ],
    [
      'of another name than server_name',
      identity('server', 'intermediate.crt'),
      { ...ca, server_name: 'other.test' },
      'name_mismatch',
      'not valid for other.test',
      '2122-01-01',
    ],
  ])('%s', async (_name, server, tls, error, message, expiry) => {
    const { answer, asked } = await probeTls(server, tls, { bearer_token: 'x' })
    expect([answer.value('probe_ssl_verified'), verifyError(answer)]).toEqual([0, error])
    expect([answer.status, answer.reason]).toEqual([200, 'tls'])
    expect(answer.log).toContain(message)
    expect(asked).toEqual([])
    expect([...answer.names]).toEqual(expect.arrayContaining(tlsNames))
    expect(answer.names).not.toContain('probe_ssl_last_chain_expiry_timestamp_seconds')
    expect(answer.value('probe_ssl_earliest_cert_expiry')).toBe(seconds(expiry))
    expect([answer.value('probe_http_ssl'), answer.value('probe_http_status_code')]).toEqual([0, 0])
  })

  test('many at once leave the process alive', async () => {
    await using server = await serve(fine, identity('self-signed'))
    await using sonde = await startSonde('modules: {http_2xx: {prober: http}}')
    const ask = async () => (await sonde.get(`/probe?target=https://${server.host}`)).text()
    const texts = await Promise.all(Array.from({ length: 100 }, ask))
    expect(texts.filter(text => text.includes('reason="tls"'))).toHaveLength(100)
  })
})

test.each([
  ['expired', identity('expired'), 'expired'],
  ['self-signed', identity('self-signed'), 'self_signed'],
  ['of another name', identity('other-name'), 'name_mismatch'],
  ['good', identity('server', 'intermediate.crt'), undefined],
])('insecure_skip_verify takes a certificate that is %s; the verdict is only told', async (_name, server, error) => {
  const { answer } = await probeTls(server, { ...ca, insecure_skip_verify: true })
  expect(answer.reason).toBeUndefined()
  expect([answer.value('probe_ssl_verified'), verifyError(answer)]).toEqual([error === undefined ? 1 : 0, error])
  expect([...answer.names]).toEqual(expect.arrayContaining(tlsNames))
  expect(answer.names).not.toContain('probe_ssl_last_chain_expiry_timestamp_seconds')
})

test('a self-signed certificate that is trusted itself', async () => {
  const { answer } = await probeTls(identity('self-signed'), { ca: pem('self-signed.crt') })
  expect(answer.reason).toBeUndefined()
  expect(answer.value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBe(seconds('2124-01-01'))
})

test.each([
  ['the intermediate', 'intermediate.crt', ['server', 'intermediate.crt'], '2122-01-01'],
  ['the intermediate, which is not sent', 'intermediate.crt', ['server'], '2122-01-01'],
  ["the server's own certificate", 'server.crt', ['server'], '2122-01-01'],
] as const)('trusted instead of a root: %s', async (_name, trusted, [server, ...others], expiry) => {
  const { answer } = await probeTls(identity(server, ...others), { ca_file: pemFile(trusted) })
  expect(answer.reason).toBeUndefined()
  expect(answer.value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBe(seconds(expiry))
})

test.each([
  ['that is no certificate', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
  ['that is no Base64', '-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n'],
  ['without an end', '-----BEGIN CERTIFICATE-----\nMIIB\n'],
  ['of another kind', '-----BEGIN X509 CRL-----\nAAAA\n-----END CERTIFICATE-----\n'],
])("a block in the system's bundle %s spoils no other", async (_name, block) => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
  const bundle = join(folder, 'bundle.pem')
  await writeFile(bundle, `${pem('other-ca.crt')}${block}${pem('ca.crt')}`)
  const before = process.env.SSL_CERT_FILE
  process.env.SSL_CERT_FILE = bundle
  try {
    for (const tls of [{}, { min_version: 'TLS12' }]) {
      const { answer } = await probeTls(identity('server', 'intermediate.crt'), tls)
      expect(answer.reason).toBeUndefined()
    }
  } finally {
    if (before === undefined) delete process.env.SSL_CERT_FILE
    else process.env.SSL_CERT_FILE = before
    await rm(folder, { recursive: true })
  }
})

test('of many probes at once the first makes the context for all', async () => {
  const config = tlsConfig().parse({ ...ca, min_version: 'TLS12' })
  const all = await Promise.all(Array.from({ length: 20 }, () => loadTls(config)))
  expect(new Set(all.map(({ context }) => context)).size).toBe(1)
})

test.each([
  ['subject', 'no-subject', ca, 'CN=sonde test CA,OU=Tests,O=sonde,C=XX'],
  ['subject and issuer', 'no-names', { ca: pem('no-names.crt') }, ''],
])('a certificate without %s', async (_name, server, tls, issuer) => {
  const { answer } = await probeTls(identity(server), tls)
  expect(answer.reason).toBeUndefined()
  const info = answer.series.find(({ name }) => name === 'probe_ssl_last_chain_info')
  expect(info?.labels).toMatchObject({ subject: '', issuer })
  expect(answer.value('probe_ssl_last_chain_expiry_timestamp_seconds')).toBe(seconds('2124-01-01'))
})

test('our own bug after the handshake leaves no connection behind', async () => {
  await using server = await serve(fine, identity('server', 'intermediate.crt'))
  let seen = 0
  const now = () => {
    seen = server.connections.size
    if (seen > 0) throw new Error('a bug')
    return Date.now()
  }
  const tls_config = { ca_file: pemFile('ca.crt'), server_name: 'localhost' }
  const answer = await probeHttp(`https://${server.host}/`, { tls_config }, { now })
  expect([answer.status, seen]).toEqual([500, 1])
  await until(() => server.connections.size === 0, 2000)
})

describe('the name in the handshake', () => {
  const ask = async (
    host: string,
    tls: Record<string, unknown> = {},
    options = {},
    query: Record<string, string> = {},
  ) => {
    await using server = await serve(fine, identity('server', 'intermediate.crt'))
    const target = `https://${host}:${server.port}/`
    const section = { preferred_ip_protocol: 'ip4', tls_config: { ...ca, ...tls }, ...options }
    const answer = await probeHttp(target, section, { query })
    return { reason: answer.reason, sent: answer.reason === undefined ? server.serverNames[0] : undefined }
  }

  test.each([
    ['the host of the target', 'localhost', {}, {}, {}, undefined, 'localhost'],
    [
      'server_name without the dot at its end',
      '127.0.0.1',
      { server_name: 'localhost.' },
      {},
      {},
      undefined,
      'localhost',
    ],
    ['none for an address', '127.0.0.1', {}, {}, {}, undefined, false],
    ['server_name', '127.0.0.1', { server_name: 'a.sonde.test' }, {}, {}, undefined, 'a.sonde.test'],
    ['hostname', '127.0.0.1', {}, {}, { hostname: 'b.sonde.test' }, undefined, 'b.sonde.test'],
    ['hostname without its port', '127.0.0.1', {}, {}, { hostname: 'b.sonde.test:443' }, undefined, 'b.sonde.test'],
    ['Host', '127.0.0.1', {}, { headers: { host: 'sonde.test:1' } }, {}, undefined, 'sonde.test'],
    ['a name with two labels for *', '127.0.0.1', { server_name: 'a.b.sonde.test' }, {}, {}, 'tls', undefined],
    ['an address as server_name', 'localhost', { server_name: '127.0.0.1' }, {}, {}, undefined, false],
    ['an address that is not in it', 'localhost', { server_name: '127.0.0.2' }, {}, {}, 'tls', undefined],
  ])('%s', async (_name, host, tls, options, query, reason, sent) => {
    expect(await ask(host, tls, options, query)).toEqual({ reason, sent })
  })
})

describe('client certificates', () => {
  const demanding = { ...identity('server', 'intermediate.crt'), ca: pem('ca.crt'), requestCert: true }

  test('from files', async () => {
    const tls = { ...ca, cert_file: pemFile('client.crt'), key_file: pemFile('client.key') }
    expect((await probeTls(demanding, tls)).answer.reason).toBeUndefined()
  })

  test('inline', async () => {
    const tls = { ca: pem('ca.crt'), cert: pem('client.crt'), key: pem('client.key') }
    expect((await probeTls(demanding, tls)).answer.reason).toBeUndefined()
  })

  /** Node sends an alert to a client without a certificate, and just hangs up on one with the wrong one. */
  const wrong = { ...ca, cert_file: pemFile('self-signed.crt'), key_file: pemFile('self-signed.key') }
  const cases = (['TLSv1.2', 'TLSv1.3'] as const).flatMap(version =>
    [true, false].flatMap(enable_http2 => [
      ['none where one is demanded', version, enable_http2, ca] as const,
      ['one that is refused', version, enable_http2, wrong] as const,
    ]),
  )

  test.each(cases)('%s, %s, HTTP/2 %s: reason tls, with the facts', async (_name, maxVersion, enable_http2, tls) => {
    await using server = await serveBoth({ ...demanding, maxVersion })
    const answer = await probeHttp(server.url, { preferred_ip_protocol: 'ip4', tls_config: tls, enable_http2 })
    expect(answer.reason).toBe('tls')
    expect(answer.value('probe_ssl_earliest_cert_expiry')).toBe(seconds('2122-01-01'))
    expect(answer.value('probe_tls_version_info', { version: maxVersion.replace('v', ' ') })).toBe(1)
    expect(answer.value('probe_ssl_ocsp_stapled')).toBe(0)
    expect(answer.value('probe_ssl_verified')).toBe(maxVersion === 'TLSv1.3' ? 1 : undefined)
    expect(answer.value('probe_http_status_code')).toBe(0)
  })

  test('a server that took it and then hangs up before an answer: no fault of TLS', async () => {
    const hangUp: Handler = (_request, response) => setImmediate(() => response.socket?.destroy())
    await using server = await serve(hangUp, demanding)
    const tls = { ...ca, cert_file: pemFile('client.crt'), key_file: pemFile('client.key') }
    const target = `https://localhost:${server.port}/`
    expect((await probeHttp(target, { preferred_ip_protocol: 'ip4', tls_config: tls })).reason).toBe('connect')
  })
})

describe('versions', () => {
  const of = (minVersion: 'TLSv1' | 'TLSv1.2' | 'TLSv1.3', maxVersion: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3') => ({
    ...identity('server', 'intermediate.crt'),
    minVersion,
    maxVersion,
    ciphers: 'DEFAULT@SECLEVEL=0',
  })

  test.each([
    ['max_version', of('TLSv1.2', 'TLSv1.3'), { max_version: 'TLS12' }, 'TLS 1.2'],
    ['the server', of('TLSv1.2', 'TLSv1.2'), {}, 'TLS 1.2'],
    ['an old server, when min_version allows it', of('TLSv1', 'TLSv1.1'), { min_version: 'TLS10' }, 'TLS 1.1'],
    ['max_version, among old ones', of('TLSv1', 'TLSv1.3'), { min_version: 'TLS10', max_version: 'TLS11' }, 'TLS 1.1'],
  ])('chosen by %s', async (_name, server, tls, version) => {
    const { answer } = await probeTls(server, { ...ca, ...tls })
    expect(answer.reason).toBeUndefined()
    expect(answer.value('probe_tls_version_info', { version })).toBe(1)
  })

  test.each([
    ['an old server', of('TLSv1', 'TLSv1.1'), {}],
    ['a minimum that the server does not reach', of('TLSv1.2', 'TLSv1.2'), { min_version: 'TLS13' }],
  ])('no handshake: %s', async (_name, server, tls) => {
    const { answer } = await probeTls(server, { ...ca, ...tls })
    expect(answer.reason).toBe('tls')
    expect(answer.names).not.toContain('probe_tls_version_info')
  })
})

test.each([
  ['speaks plain HTTP', () => serve(fine)],
  ['hangs up', () => serveRaw(socket => socket.once('data', () => socket.destroy()))],
  ['sends nonsense', () => serveRaw(socket => socket.end('\x16\x03\x01\x00\x05nonsense'))],
])('https to a server that %s', async (_name, start) => {
  await using server = await start()
  expect((await probeHttp(`https://${server.host}/`)).reason).toBe('tls')
})

describe('files of tls_config', () => {
  test.each([
    ['missing', { ca_file: '/no/such/file' }, 'not_found'],
    ['no regular file', { ca_file: '/dev/zero' }, 'denied'],
  ])('%s', async (_name, tls, reason) => {
    const { answer } = await probeTls(identity('server', 'intermediate.crt'), tls)
    expect(answer.reason).toBe(reason)
  })

  test('plain http does not need them', async () => {
    await using server = await serve(fine)
    const answer = await probeHttp(server.host, { tls_config: { ca_file: '/no/such/file' } })
    expect(answer.reason).toBeUndefined()
  })

  test('are read again when they change', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
    const file = join(folder, 'ca.crt')
    await copyFile(pemFile('ca.crt'), file)
    await using server = await serve(fine, identity('server', 'intermediate.crt'))
    const options = JSON.stringify({ preferred_ip_protocol: 'ip4', tls_config: { ca_file: file } })
    await using sonde = await startSonde(`modules: {m: {prober: http, http: ${options}}}`)
    const reason = async () => {
      const text = await (await sonde.get(`/probe?module=m&target=https://localhost:${server.port}`)).text()
      return /reason="(\w+)"/.exec(text)?.[1]
    }
    expect(await reason()).toBeUndefined()
    await copyFile(pemFile('other-ca.crt'), file)
    expect(await reason()).toBe('tls')
    await copyFile(pemFile('server.key'), file)
    expect(await reason()).toBe('tls')
    await copyFile(pemFile('ca.crt'), file)
    expect(await reason()).toBeUndefined()
    await rm(folder, { recursive: true })
    expect(await reason()).toBe('not_found')
  })
})
