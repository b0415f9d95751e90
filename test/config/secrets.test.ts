import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatProblem } from '../../src/engine/module.ts'
import { loadConfig } from '../../src/exporter.ts'
import { secret } from '../../src/kit/options.ts'
import { Secret } from '../../src/kit/secret.ts'
import { identity, pem, pemFile } from '../support/identities.ts'
import { readAnswer } from '../support/probe.ts'
import { temporaryFolder } from '../support/programs.ts'
import { startHttpProxy } from '../support/proxies.ts'
import { serve } from '../support/servers.ts'
import { startSonde } from '../support/sonde.ts'

beforeAll(() => {
  process.env.SONDE_TEST_SECRET = 'hunter-env'
  process.env.SONDE_TEST_EMPTY = ''
})

afterAll(() => {
  delete process.env.SONDE_TEST_SECRET
  delete process.env.SONDE_TEST_EMPTY
})

describe('a secret', () => {
  test('in a file is read without the white space around it, and again when the file has changed', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'key')
    const kept = new Secret({ file })
    expect(kept.peek()).toBeUndefined()
    await expect(kept.reveal()).rejects.toMatchObject({ reason: 'not_found', message: `file ${file} is missing` })
    await writeFile(file, ' hunter2\n')
    expect([await kept.reveal(), kept.peek(), kept.isEmpty]).toEqual(['hunter2', 'hunter2', false])
    const { version } = await kept.read()
    await writeFile(file, 'hunter3, which is longer')
    expect(await kept.read()).toEqual({
      value: 'hunter3, which is longer',
      version: expect.not.stringMatching(version),
    })
    await rm(file)
    await mkdir(file)
    await expect(kept.reveal()).rejects.toMatchObject({ reason: 'denied' })
    await rm(file, { recursive: true })
    await writeFile(file, 'x'.repeat(65_537))
    await expect(kept.reveal()).rejects.toMatchObject({ reason: 'too_large' })
  })

  test('in the environment is read with the configuration', async () => {
    const kept = secret().parse({ env: 'SONDE_TEST_SECRET' })
    process.env.SONDE_TEST_SECRET = 'another'
    expect([await kept.reveal(), kept.peek(), kept.file]).toEqual(['hunter-env', 'hunter-env', undefined])
    process.env.SONDE_TEST_SECRET = 'hunter-env'
  })

  test('shows where it stands, and never what it is', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'key')
    await writeFile(file, 'hunter2')
    const both = [secret().parse({ file }), secret().parse({ env: 'SONDE_TEST_SECRET' }), secret().parse('hunter3')]
    for (const one of both) await one.reveal()
    expect(JSON.stringify(both)).toBe(JSON.stringify([{ file }, { env: 'SONDE_TEST_SECRET' }, '<secret>']))
    expect(inspect(both, { depth: 9, showHidden: true }) + String(both)).not.toContain('hunter')
  })
})

describe('in a modules file', () => {
  const yaml = (folder: string) => `
auths:
  set: {bearer_token: {file: token}}
modules:
  m:
    prober: http
    auths: [set]
    targets: {allow: ['*']}
    http:
      basic_auth: {username: u, password: {file: ${folder}/password}}
      headers: {X-Key: {secrets: [{env: SONDE_TEST_SECRET}, {file: key}]}}
      proxy_url: http://127.0.0.1:1
      proxy_connect_header: {X-Way: [{file: way}]}
`

  test('a file that is not there is a warning, at its place; paths are relative to the modules file', () => {
    const { warnings, describe: shown } = loadConfig(yaml('/nope'), '/etc/nope/modules.yaml')
    expect(warnings.map(formatProblem)).toEqual([
      '/etc/nope/modules.yaml:3:24 auths.set.bearer_token.file: file /etc/nope/token is missing',
      '/etc/nope/modules.yaml:10:44 modules.m.http.basic_auth.password.file: file /nope/password is missing',
      '/etc/nope/modules.yaml:11:62 modules.m.http.headers.X-Key.secrets.1.file: file /etc/nope/key is missing',
      '/etc/nope/modules.yaml:13:39 modules.m.http.proxy_connect_header.X-Way.0.file: file /etc/nope/way is missing',
    ])
    expect(shown()).not.toContain('hunter')
    expect(loadConfig(shown(), '/etc/nope/modules.yaml').describe()).toBe(shown())
  })

  test('a variable that is empty is a mistake', () => {
    const yaml = 'modules: {m: {prober: http, http: {bearer_token: {env: SONDE_TEST_EMPTY}}}}'
    expect(() => loadConfig(yaml, 'x.yaml')).toThrow(
      'x.yaml:1:51 modules.m.http.bearer_token.env: the environment variable SONDE_TEST_EMPTY is empty',
    )
  })

  test('what a file holds now is judged at load', async () => {
    await using folder = await temporaryFolder()
    const file = join(folder.path, 'password')
    await writeFile(file, 'two\nlines')
    const load = (http: string) => () => loadConfig(`modules: {m: {prober: http, http: {${http}}}}`, 'x.yaml')
    expect(load(`bearer_token: {file: ${file}}`)).toThrow('modules.m.http.bearer_token: expected a header value')
    const cert = pemFile('client.crt')
    expect(load(`tls_config: {cert_file: ${cert}, key: {file: ${file}}}`)).toThrow('tls_config.key: bad PEM')
    expect(load(`tls_config: {cert_file: ${cert}, key: {file: ${pemFile('client.key')}}}`)).not.toThrow()
  })
})

describe('at a probe', () => {
  test.each([
    ['bearer_token', (source: unknown) => ({ bearer_token: source }), (value: string) => `Bearer ${value}`],
    [
      'authorization',
      (source: unknown) => ({ authorization: { type: 'Key', credentials: source } }),
      (value: string) => `Key ${value}`,
    ],
    [
      'basic_auth',
      (source: unknown) => ({ basic_auth: { username: 'u', password: source } }),
      (value: string) => `Basic ${btoa(`u:${value}`)}`,
    ],
    ['headers', (source: unknown) => ({ headers: { Authorization: { secrets: [source] } } }), (value: string) => value],
    [
      'http_headers',
      (source: unknown) => ({ http_headers: { 'X-Key': { secrets: [source] } } }),
      (value: string) => value,
    ],
  ])('%s comes from a file, as it is then, or from the environment', async (_name, optionsFor, expected) => {
    await using folder = await temporaryFolder()
    await using server = await serve(({ headers }, response) => response.end(headers['x-key'] ?? headers.authorization))
    const file = join(folder.path, 'secret')
    const modules = {
      file: { prober: 'http', http: optionsFor({ file }) },
      env: { prober: 'http', http: optionsFor({ env: 'SONDE_TEST_SECRET' }) },
    }
    await using sonde = await startSonde(JSON.stringify({ modules }))
    const ask = async (module: string) =>
      readAnswer(await sonde.get(`/probe?module=${module}&target=${server.host}&debug=true`))
    const sent = () => {
      const headers = server.asked.at(-1)?.headers
      return headers?.['x-key'] ?? headers?.authorization
    }
    expect((await ask('file')).text).toContain('probe_failure_info{reason="not_found"} 1')
    expect(server.asked).toEqual([])
    await writeFile(file, 'hunter2\n')
    const first = await ask('file')
    expect(sent()).toBe(expected('hunter2'))
    await writeFile(file, 'hunter33\n')
    const second = await ask('file')
    expect(sent()).toBe(expected('hunter33'))
    const third = await ask('env')
    expect(sent()).toBe(expected('hunter-env'))
    for (const { text } of [first, second, third]) expect(text).not.toMatch(/hunter/)
    expect(sonde.lines.join('')).not.toMatch(/hunter/)
  })

  test('a file that cannot stand in a header is denied, and its lines stay with sonde', async () => {
    await using folder = await temporaryFolder()
    await using server = await serve((_request, response) => response.end('fine'))
    const file = join(folder.path, 'secret')
    await using sonde = await startSonde(
      JSON.stringify({ modules: { m: { prober: 'http', http: { bearer_token: { file } } } } }),
    )
    await writeFile(file, 'hunter2\nX-Evil: 1')
    const answer = await readAnswer(await sonde.get(`/probe?module=m&target=${server.host}`), sonde.lines)
    expect([answer.reason, server.asked]).toEqual(['denied', []])
    expect(answer.log).not.toContain('hunter2')
  })

  test('the key of a client certificate, a header for the proxy and what OAuth 2.0 needs may stand in files', async () => {
    await using folder = await temporaryFolder()
    const at = (name: string) => join(folder.path, name)
    await writeFile(at('key'), pem('client.key'))
    await writeFile(at('way'), 'hunter-way')
    await writeFile(at('secret'), 'hunter-secret')
    await writeFile(at('tenant'), 'hunter-tenant')
    const tls = { ...identity('server'), ca: pem('ca.crt'), requestCert: true, rejectUnauthorized: true }
    await using server = await serve((_request, response) => response.end('fine'), tls)
    await using tokens = await serve((_request, response) => {
      response
        .setHeader('Content-Type', 'application/json')
        .end('{"access_token":"hunter-token","token_type":"bearer"}')
    })
    await using proxy = await startHttpProxy()
    const http = {
      proxy_url: `http://${proxy.host}`,
      proxy_connect_header: { 'X-Way': [{ file: at('way') }] },
      oauth2: {
        client_id: 'me',
        client_secret: { file: at('secret') },
        token_url: `http://${tokens.host}/`,
        endpoint_params: { tenant: { file: at('tenant') } },
      },
      tls_config: { insecure_skip_verify: true, cert_file: pemFile('client.crt'), key: { file: at('key') } },
    }
    await using sonde = await startSonde(JSON.stringify({ modules: { m: { prober: 'http', http } } }))
    const answer = await readAnswer(await sonde.get(`/probe?module=m&target=https://${server.host}`), sonde.lines)
    expect([answer.reason, answer.log]).toEqual([undefined, expect.not.stringContaining('hunter')])
    expect(server.asked[0]?.headers.authorization).toBe('Bearer hunter-token')
    expect(proxy.asked[0]?.headers['x-way']).toBe('hunter-way')
    expect(tokens.asked[0]?.headers.authorization).toBe(`Basic ${btoa('me:hunter-secret')}`)
    expect(tokens.asked[0]?.body).toContain('tenant=hunter-tenant')
  })
})
