import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { serve } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { apiYaml, ask, errorsOf, probeApi } from './support.ts'

/** An API with sessions: each login gives another one, and ends those before when it is told to. */
function createApi() {
  const api = { logins: 0, valid: new Set<string>(), refusal: 401, delayMs: 0, last: '' }
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith('/login')) {
      api.last = `session-${++api.logins}`
      api.valid.add(api.last)
      setTimeout(() => response.end(JSON.stringify({ sid: api.last })), api.delayMs)
    } else if (api.valid.has(String(request.headers['x-sid']))) response.end('{"n": 7}')
    else response.writeHead(api.refusal).end('{}')
  }
  return { api, handler }
}

const options = {
  requests: {
    login: {
      path: '/login',
      body: { json: { password: 'a password' } },
      extract: { sid: '$.sid' },
      cache: { ttl: '1m' },
    },
    a: { path: '/a', headers: { 'X-Sid': '{{login.sid}}' } },
    b: { path: '/b', headers: { 'X-Sid': '{{login.sid}}' } },
  },
  metrics: [{ name: 'app_n', from: 'a', value: '$.n' }],
}

describe('a login that is kept', () => {
  test('serves later probes, until its time is over', async () => {
    const { api, handler } = createApi()
    await using server = await serve(handler)
    let now = 1e12
    await using sonde = await startSonde(apiYaml(options), { now: () => now })
    for (const [atMs, logins] of [
      [0, 1],
      [30_000, 1],
      [59_999, 1],
      [60_000, 2],
      [61_000, 2],
    ] as const) {
      now = 1e12 + atMs
      const answer = await ask(sonde, `http://${server.host}`)
      expect([atMs, api.logins, answer.value('probe_success'), answer.value('app_n')]).toEqual([atMs, logins, 1, 7])
      expect(answer.value('probe_api_request_success', { request: 'login' })).toBe(1)
    }
  })

  test.each([401, 403])('is made anew, once, when the target says %s', async refusal => {
    const { api, handler } = createApi()
    api.refusal = refusal
    await using server = await serve(handler)
    await using sonde = await startSonde(apiYaml(options))
    await ask(sonde, `http://${server.host}`)
    api.valid.clear()
    const answer = await ask(sonde, `http://${server.host}`)
    expect([api.logins, answer.value('probe_success')]).toEqual([2, 1])
    expect(
      server.asked
        .map(({ url }) => url?.slice(1))
        .slice(3)
        .sort(),
    ).toEqual(['a', 'a', 'b', 'b', 'login'])
    expect(errorsOf(answer)).toEqual([])
    expect(answer.value('probe_api_request_status_code', { request: 'a' })).toBe(200)
  })

  test('is not asked for again and again when the target refuses the new one, too', async () => {
    const { api, handler } = createApi()
    await using server = await serve((request, response) => {
      if (request.url !== '/login') api.valid.clear()
      handler(request, response)
    })
    await using sonde = await startSonde(apiYaml(options))
    const first = await ask(sonde, `http://${server.host}`)
    expect([api.logins, first.reason]).toEqual([1, 'auth'])
    expect(errorsOf(first)).toEqual(['a auth', 'b auth'])
    await ask(sonde, `http://${server.host}`)
    expect(api.logins).toBe(2) // what was refused is not kept
  })

  test('is shared by probes that come at the same time', async () => {
    const { api, handler } = createApi()
    api.delayMs = 100
    await using server = await serve(handler)
    await using sonde = await startSonde(apiYaml(options))
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(sonde, `http://${server.host}`)))
    expect(answers.map(answer => answer.value('probe_success'))).toEqual([1, 1, 1, 1, 1])
    expect(api.logins).toBe(1)
  })

  test('is asked for by the next one when the probe that asked has gone', async () => {
    const { api, handler } = createApi()
    api.delayMs = 700
    await using server = await serve(handler)
    await using sonde = await startSonde(apiYaml(options))
    const impatient = sonde.get(`/probe?target=http://${server.host}&module=m`, {
      headers: { 'X-Prometheus-Scrape-Timeout-Seconds': '0.9' }, // 0.4 s are left for the probe
    })
    const patient = ask(sonde, `http://${server.host}`)
    expect((await patient).value('probe_success')).toBe(1)
    expect(await (await impatient).text()).toContain('probe_failure_info{reason="timeout"} 1')
    expect(api.logins).toBe(2)
  })

  test('belongs to one target, its parameters and its credentials', async () => {
    const { api, handler } = createApi()
    await using server = await serve(handler)
    const params = { node: { pattern: '\\w+', default: 'x' } }
    const yaml = `{auths: {other: {basic_auth: {username: u, password: p}}}, modules: {m: {prober: api, auths: [other], api: ${JSON.stringify({ ...options, params })}}}}`
    await using sonde = await startSonde(yaml)
    const target = `http://${server.host}`
    const queries = [{}, { node: 'y' }, { auth: 'other' }, {}, { node: 'y' }, { auth: 'other' }, { node: 'x' }]
    const logins: number[] = []
    for (const query of queries) {
      await ask(sonde, target, query)
      logins.push(api.logins)
    }
    expect(logins).toEqual([1, 2, 3, 3, 3, 3, 3])
    await ask(sonde, `${target}/`)
    expect(api.logins).toBe(4)
    await sonde.exporter.reload()
    await ask(sonde, target)
    expect(api.logins).toBe(5)
  })

  test('is not kept when it failed, or gave nothing', async () => {
    let says = '{}'
    await using server = await serve((request, response) => response.end(request.url === '/login' ? says : '{"n": 7}'))
    await using sonde = await startSonde(apiYaml(options))
    expect(errorsOf(await ask(sonde, `http://${server.host}`))).toEqual(['a check', 'b check'])
    says = '{"sid": "s"}'
    expect((await ask(sonde, `http://${server.host}`)).value('probe_success')).toBe(1)
  })
})

describe('a session that the head of an answer holds', () => {
  const cookies = ['sid=gone; Max-Age=0', 'other=x', ' sid = session-1 ; Path=/; HttpOnly', 'sid=; Path=/x']

  test.each<[string, object, string | string[], string]>([
    ['a header', { header: 'X-Session' }, 'session-1', 'session-1'],
    ['a cookie', { cookie: 'sid' }, cookies, 'session-1'],
    ['a cookie with = in it', { cookie: 'sid' }, 'sid=a=b==', 'a=b=='],
  ])('%s', async (_what, sid, given, expected) => {
    await using server = await serve((request, response) => {
      if (request.url !== '/login') return response.end('{"n": 7}')
      const name = 'header' in sid ? 'X-Session' : 'Set-Cookie'
      return response.writeHead(302, { [name]: given, Location: '/' }).end('<html>')
    })
    const login = { path: '/login', valid_status_codes: [302], extract: { sid }, cache: { ttl: '1m' } }
    const http = { http_client_config: { follow_redirects: false } }
    const cookie = { path: '/a', headers: { Cookie: 'sid={{login.sid}}' } }
    await using sonde = await startSonde(apiYaml({ requests: { login: { ...login, ...http }, a: cookie } }))
    for (const times of [1, 2]) {
      const answer = await ask(sonde, `http://${server.host}`, { debug: 'true' })
      expect(answer.text).toContain('\nprobe_success 1\n')
      expect(answer.text).not.toContain(expected)
      expect(server.asked.filter(({ url }) => url === '/a')).toHaveLength(times)
    }
    expect(server.asked.filter(({ url }) => url === '/login')).toHaveLength(1)
    expect(server.asked.find(({ url }) => url === '/a')?.headers.cookie).toBe(`sid=${expected}`)
  })

  test.each([{ header: 'X-Session' }, { cookie: 'sid' }])('is missing: %j', async sid => {
    await using server = await serve((_request, response) => response.setHeader('Set-Cookie', 'SID=x; a').end('{}'))
    const requests = { login: { extract: { sid } }, a: { path: '/{{login.sid}}' } }
    const answer = await probeApi(`http://${server.host}`, { requests })
    expect(errorsOf(answer)).toEqual(['a check'])
    expect(answer.log).toContain('nothing was found for sid')
  })
})

test('neither password nor session shows anywhere', async () => {
  const { handler } = createApi()
  await using server = await serve((request, response) => {
    if (request.url?.startsWith('/a')) response.writeHead(200, { 'X-Echo': String(request.headers['x-sid']) })
    handler(request, response)
  })
  const hidden = {
    ...options,
    requests: {
      ...options.requests,
      login: { ...options.requests.login, body: { json: { password: { env: 'SONDE_TEST_PASSWORD' } } } },
      c: { path: '/c/{{login.sid}}', query: { key: { env: 'SONDE_TEST_PASSWORD' } }, required: false },
    },
  }
  process.env.SONDE_TEST_PASSWORD = 'correct horse'
  await using sonde = await startSonde(apiYaml(hidden))
  const answer = await ask(sonde, `http://${server.host}`, { debug: 'true' })
  const config = await (await sonde.get('/config')).text()
  expect(server.asked.find(({ url }) => url?.startsWith('/c'))?.url).toBe('/c/session-1?key=correct+horse')
  expect(server.asked.find(({ url }) => url === '/login')?.body).toBe('{"password":"correct horse"}')
  for (const text of [answer.text, answer.log, config]) {
    expect(text).not.toMatch(/correct.horse|session-1/)
  }
  expect(config).toContain('SONDE_TEST_PASSWORD')
  expect(answer.text).toContain('sid (9 characters)')
})
