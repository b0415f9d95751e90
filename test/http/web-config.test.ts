import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { Agent, get as getPlainly } from 'node:http'
import { get as getSecurely, Agent as SecureAgent } from 'node:https'
import { connect as connectPlainly, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { hashSync } from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import { bestOf } from '../support/best-of.ts'
import { watchLoop } from '../support/loop.ts'
import { echo, slow } from '../support/probers.ts'
import { type Sonde, type SondeOptions, startSonde } from '../support/sonde.ts'
import { ask, login } from '../support/web-client.ts'
import { certificates } from '../support/web-configs.ts'

const modules = 'modules: {http_2xx: {prober: echo}, slow: {prober: slow, slow: {takes: 300ms}}}'
const hash = hashSync('correct horse', 4)
const pem = (name: string) => readFileSync(`${certificates}${name}`, 'utf8')
const ca = pem('ca.crt')
const tlsSection = (rest = '') =>
  `tls_server_config: {cert: ${JSON.stringify(pem('server.crt') + pem('intermediate.crt'))}, key_file: ${certificates}server.key${rest && `, ${rest}`}}\n`

interface WebSonde extends Sonde {
  readonly webConfigFile: string
}

/** sonde with this web configuration; its address has the scheme that this asks for. */
async function startWith(webConfig: string, options: SondeOptions = {}): Promise<WebSonde> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-test-'))
  const webConfigFile = join(folder, 'web.yml')
  await writeFile(webConfigFile, webConfig)
  const sonde = await startSonde(modules, { probers: [echo, slow], webConfigFile, ...options })
  return {
    ...sonde,
    webConfigFile,
    async [Symbol.asyncDispose]() {
      await sonde[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const client = { cert: pem('client.crt'), key: pem('client.key') }
const stranger = { cert: pem('self-signed.crt'), key: pem('self-signed.key') }
const named = { cert: pem('names.crt'), key: pem('names.key') }
const shown = { nothing: {}, client, stranger, named } as const
type Shown = keyof typeof shown

describe('TLS', () => {
  test('serves /probe, and nothing without TLS', async () => {
    await using sonde = await startWith(tlsSection())
    expect(sonde.url).toMatch(/^https:/)
    const answer = await ask(`${sonde.url}/probe?target=x`, { ca })
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('probe_success 1\n')])
    await expect(ask(sonde.url.replace('https', 'http'))).rejects.toThrow()
    expect((await ask(`${sonde.url}/-/healthy`, { ca })).status).toBe(200)
  })

  const everybody = { nothing: 200, client: 200, stranger: 200 }
  const cases: readonly (readonly [type: string, statuses: Readonly<Partial<Record<Shown, number | 'alert'>>>])[] = [
    ['NoClientCert', everybody],
    ['RequestClientCert', everybody],
    ['RequireAnyClientCert', { ...everybody, nothing: 403 }],
    ['RequireClientCert', { ...everybody, nothing: 403 }],
    ['VerifyClientCertIfGiven, client_ca_file: CA', { ...everybody, stranger: 403 }],
    ['RequireAndVerifyClientCert, client_ca_file: CA', { nothing: 'alert', client: 200, stranger: 'alert' }],
    ['RequireAnyClientCert, client_allowed_sans: [me@mail.test]', { nothing: 403, client: 403, named: 200 }],
    ['RequireAnyClientCert, client_allowed_sans: ["*.Sonde.test"]', { named: 200 }],
    ['RequireAnyClientCert, client_allowed_sans: ["sub.sonde.test"]', { named: 403 }],
    ['RequireAnyClientCert, client_allowed_sans: ["::1"]', { named: 200 }],
    ['RequireAnyClientCert, client_allowed_sans: ["http://a, DNS:evil.test, DNS:"]', { named: 200 }],
    ['RequireAnyClientCert, client_allowed_sans: [evil.test]', { named: 403 }],
  ]

  test.each(cases)('client_auth_type %s', async (type, statuses) => {
    await using sonde = await startWith(tlsSection(`client_auth_type: ${type.replace('CA', `${certificates}ca.crt`)}`))
    const found = Object.keys(statuses).map(async name => {
      const answer = await ask(`${sonde.url}/-/healthy`, { ca, ...shown[name as Shown] }).catch(() => undefined)
      return [name, answer?.status ?? 'alert'] as const
    })
    expect(Object.fromEntries(await Promise.all(found))).toEqual(statuses)
  })

  test.each([
    ['min_version: TLS13', { maxVersion: 'TLSv1.2' }, undefined],
    ['min_version: TLS13', {}, 'TLSv1.3'],
    ['max_version: TLS12', {}, 'TLSv1.2'],
    ['min_version: TLS10, max_version: TLS11', { minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' }, 'TLSv1.1'],
    ['cipher_suites: [TLS_AES_128_GCM_SHA256]', { maxVersion: 'TLSv1.2' }, undefined],
    ['cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]', { maxVersion: 'TLSv1.2' }, undefined], // no RSA key
    ['curve_preferences: [CurveP384]', { ecdhCurve: 'X25519' }, undefined],
    ['curve_preferences: [CurveP384]', { ecdhCurve: 'X25519:secp384r1' }, 'TLSv1.3'],
  ] as const)('%s: a client with %j gets %s', async (setting, options, version) => {
    await using sonde = await startWith(tlsSection(setting))
    const port = Number(new URL(sonde.url).port)
    const got = await new Promise(resolve => {
      const socket = connect({ port, host: '127.0.0.1', ca, ...options }, () => {
        resolve(socket.getProtocol())
        socket.destroy()
      }).on('error', () => resolve(undefined))
    })
    expect(got).toBe(version)
  })

  test.each(['secureConnect', 'connect'])('a client that leaves after %s leaves nothing behind', async event => {
    // What is left when sonde stops is closed after a second.
    await bestOf(3, 700, async () => {
      await using sonde = await startWith(tlsSection())
      const port = Number(new URL(sonde.url).port)
      for (let index = 0; index < 10; index++) {
        const socket = connect({ port, host: '127.0.0.1', ca })
        await once(socket, event)
        socket.destroy()
        await once(socket, 'close')
      }
      expect((await ask(`${sonde.url}/-/healthy`, { ca })).status).toBe(200)
      const startMs = performance.now()
      await sonde.drain()
      return performance.now() - startMs
    })
  })

  test('handshakes that nobody goes on with give way when there are too many connections, probes do not', async () => {
    await using sonde = await startWith(tlsSection(), { web: { maxConnections: 5 } })
    const port = Number(new URL(sonde.url).port)
    const sockets: Socket[] = []
    const holdOpen = (count: number) => {
      for (let index = 0; index < count; index++) {
        sockets.push(
          connectPlainly(port, '127.0.0.1')
            .on('error', () => undefined)
            .resume(),
        )
      }
      return expect
        .poll(() => sockets.filter(socket => socket.closed).length)
        .toBeGreaterThanOrEqual(sockets.length - 5)
    }
    await holdOpen(10)
    const probe = ask(`${sonde.url}/probe?target=x&module=slow`, { ca })
    await expect.poll(() => sonde.lines.some(line => line.includes('beginning probe'))).toBe(true)
    await holdOpen(10)
    expect((await ask(`${sonde.url}/-/healthy`, { ca })).status).toBe(200)
    expect((await probe).text).toContain('probe_success 1\n')
    for (const socket of sockets) socket.destroy()
  })

  test.each([
    ['true', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    ['false', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
  ])('prefer_server_cipher_suites: %s picks %s', async (isServers, suite) => {
    const suites = '[TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]'
    const settings = `max_version: TLS12, cipher_suites: ${suites}, prefer_server_cipher_suites: ${isServers}`
    await using sonde = await startWith(tlsSection(settings))
    const ciphers = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384'
    const got = await new Promise((resolve, reject) => {
      const socket = connect({ port: Number(new URL(sonde.url).port), host: '127.0.0.1', ca, ciphers }, () => {
        resolve(socket.getCipher().name)
        socket.destroy()
      }).on('error', reject)
    })
    expect(got).toBe(suite)
  })
})

describe('users', () => {
  const users = `basic_auth_users: {alice: ${hash}}`

  test('without or with wrong credentials every path is 401 and asks for them', async () => {
    await using sonde = await startWith(users)
    for (const path of ['/', '/probe?target=x', '/metrics', '/config', '/-/healthy', '/-/ready', '/nope']) {
      const answer = await ask(sonde.url + path)
      expect([path, answer.status, answer.text]).toEqual([path, 401, 'user and password are needed\n'])
      expect(answer.headers['www-authenticate']).toBe('Basic realm="sonde", charset="UTF-8"')
    }
  })

  test.each([
    ['the right password', login('alice', 'correct horse').authorization, 200],
    ['small letters in the scheme', login('alice', 'correct horse').authorization.replace('Basic', 'basic'), 200],
    ['a wrong password', login('alice', 'correct cow').authorization, 401],
    ['the start of the password', login('alice', 'correct').authorization, 401],
    ['an unknown user', login('bob', 'correct horse').authorization, 401],
    ['the password of nobody', login('bob', 'fakepassword').authorization, 401],
    ['a name of every object', login('constructor', 'x').authorization, 401],
    ['no user', login('', 'correct horse').authorization, 401],
    ['no colon', `Basic ${Buffer.from('alice').toString('base64')}`, 401],
    ['another scheme', 'Bearer abc', 401],
    ['no base64', 'Basic !!!!', 401],
    ['nothing', 'Basic ', 401],
  ])('%s', async (_name, authorization, status) => {
    await using sonde = await startWith(users)
    for (const _again of [1, 2]) {
      expect((await ask(`${sonde.url}/-/healthy`, { headers: { authorization } })).status).toBe(status)
    }
  })

  test('a password may hold colons and any letters', async () => {
    await using sonde = await startWith(`basic_auth_users: {zoë: ${hashSync('a:b:ü', 4)}}`)
    expect((await ask(`${sonde.url}/-/healthy`, { headers: login('zoë', 'a:b:ü') })).status).toBe(200)
  })

  test('nothing of what was tried is in the log', async () => {
    await using sonde = await startWith(users)
    await ask(sonde.url, { headers: login('alice', 'hunter2') })
    await ask(sonde.url, { headers: login('hunter3', 'hunter2') })
    expect(sonde.lines.join('')).toMatch(/msg="refused a request" status=401/)
    expect(sonde.lines.join('')).not.toMatch(/hunter/)
  })

  test('the event loop goes on while a password is compared, and what was compared is remembered', async () => {
    await using sonde = await startWith(`basic_auth_users: {alice: ${hashSync('correct horse', 11)}}`)
    const timed = async (password: string) => {
      const startMs = performance.now()
      await ask(`${sonde.url}/-/healthy`, { headers: login('alice', password) })
      return performance.now() - startMs
    }
    const comparedMs = await timed('correct horse')
    let guess = 0
    await bestOf(5, comparedMs / 2, async () => {
      const loop = watchLoop()
      await timed(`guess ${guess++}`)
      return loop.end()
    })
    await bestOf(5, comparedMs / 4, () => timed('correct horse'))
  })

  test('as many as like log in at once with one comparison; too many different ones are told to come back', async () => {
    await using sonde = await startWith(`basic_auth_users: {alice: ${hashSync('correct horse', 9)}}`)
    const same = Array.from({ length: 300 }, () =>
      ask(`${sonde.url}/-/healthy`, { headers: login('alice', 'correct horse') }),
    )
    expect(new Set((await Promise.all(same)).map(({ status }) => status))).toEqual(new Set([200]))
    // What waits is bounded in octets, too.
    const guesses = Array.from({ length: 60 }, (_, index) =>
      ask(sonde.url, { headers: login('alice', `${index}${'x'.repeat(8000)}`) }),
    )
    // Whoever is known gets in meanwhile.
    expect((await ask(`${sonde.url}/-/healthy`, { headers: login('alice', 'correct horse') })).status).toBe(200)
    const statuses = (await Promise.all(guesses)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([401, 503]))
  }, 60_000)
})

test('headers stand on every answer, the one about content instead of our own', async () => {
  await using sonde = await startWith(`basic_auth_users: {alice: ${hash}}
http_server_config:
  headers: {X-Frame-Options: deny, Content-Security-Policy: default-src 'self', Strict-Transport-Security: max-age=1}
`)
  for (const [path, headers] of [
    ['/', login('alice', 'correct horse')],
    ['/probe?target=x', login('alice', 'correct horse')],
    ['/nope', {}],
  ] as const) {
    expect((await ask(sonde.url + path, { headers })).headers).toMatchObject({
      'x-frame-options': 'deny',
      'content-security-policy': "default-src 'self'",
      'strict-transport-security': 'max-age=1',
      'x-content-type-options': 'nosniff',
    })
  }
})

test('rate_limit: so many at once, then 429, also for those who would not get in', async () => {
  await using sonde = await startWith(`rate_limit: {interval: 1h, burst: 3}\nbasic_auth_users: {alice: ${hash}}`)
  const statuses = []
  for (let index = 0; index < 5; index++) statuses.push((await ask(`${sonde.url}/-/healthy`)).status)
  expect(statuses).toEqual([401, 401, 401, 429, 429])
})

describe('reload', () => {
  const reload = (sonde: Sonde) =>
    sonde.exporter.reload().then(
      () => 'loaded',
      () => 'refused',
    )

  test('takes users and TLS anew, both ways', async () => {
    await using sonde = await startWith(`basic_auth_users: {alice: ${hash}}`)
    await writeFile(sonde.webConfigFile, tlsSection())
    expect(await reload(sonde)).toBe('loaded')
    expect((await ask(`${sonde.url.replace('http:', 'https:')}/-/healthy`, { ca })).status).toBe(200)
    await writeFile(sonde.webConfigFile, '')
    expect(await reload(sonde)).toBe('loaded')
    expect((await ask(`${sonde.url}/-/healthy`)).status).toBe(200)
  })

  test.each([
    ['TLS', '', '', 400],
    ['TLS, with a certificate', '', 'client_auth_type: RequireAnyClientCert', 400],
    ['a certificate', tlsSection(), 'client_auth_type: RequireAnyClientCert', 403],
  ])('a connection does not outlive the demand for %s', async (_name, before, demand, refused) => {
    const agent = before === '' ? new Agent({ keepAlive: true }) : new SecureAgent({ keepAlive: true, ca })
    await using sonde = await startWith(before)
    const get = sonde.url.startsWith('https') ? getSecurely : getPlainly
    const status = () =>
      new Promise(resolve => {
        const asked = get(`${sonde.url}/-/healthy`, { agent }, response => {
          response.resume().on('end', () => resolve([response.statusCode, asked.reusedSocket]))
        })
      })
    expect(await status()).toEqual([200, false])
    await writeFile(sonde.webConfigFile, tlsSection(demand))
    expect(await reload(sonde)).toBe('loaded')
    expect(await status()).toEqual([refused, true])
    agent.destroy()
  })

  test('is all or nothing: a broken file of either kind leaves both as they were', async () => {
    await using sonde = await startWith(`basic_auth_users: {alice: ${hash}}`)
    await writeFile(sonde.webConfigFile, 'basic_auth_users: {alice: secret}')
    await writeFile(sonde.configFile, 'modules: {fresh: {prober: echo}}')
    expect(await reload(sonde)).toBe('refused')
    expect(sonde.lines.join('')).toContain('web.yml:1:20 basic_auth_users.alice: expected a bcrypt hash')
    expect(sonde.lines.join('')).not.toContain('secret')
    await writeFile(sonde.webConfigFile, '')
    await writeFile(sonde.configFile, 'modules: {fresh: {prober: ecko}}')
    expect(await reload(sonde)).toBe('refused')
    const headers = login('alice', 'correct horse')
    expect((await ask(`${sonde.url}/-/healthy`)).status).toBe(401)
    expect((await ask(`${sonde.url}/probe?target=x`, { headers })).status).toBe(200)
    expect((await ask(`${sonde.url}/metrics`, { headers })).text).toContain('sonde_config_last_reload_successful 0\n')
  })
})
