import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { serve } from '../../support/servers.ts'
import { type ApiOptions, errorsOf, probeApi } from './support.ts'

const folder = mkdtempSync(join(tmpdir(), 'sonde-api-'))
const secretFile = join(folder, 'secret')
writeFileSync(secretFile, 'from a file\n')
process.env.SONDE_TEST_SECRET = 'from the environment'
afterAll(() => rmSync(folder, { recursive: true }))

const fromFile = { file: secretFile }
const fromEnv = { env: 'SONDE_TEST_SECRET' }
const anything = { pattern: '(?s).*' }

/** Probes a server that answers `{}`; returns what it was asked and the answer. */
async function asked(options: ApiOptions, base = '', query: Record<string, string> = {}) {
  await using server = await serve((_request, response) => response.end('{"n": 1}'))
  const answer = await probeApi(`http://${server.host}${base}`, options, { query })
  return { answer, requests: [...server.asked], host: server.host }
}

describe('where a request goes', () => {
  test.each<[string, ApiOptions, string]>([
    ['', {}, '/'],
    ['/', {}, '/'],
    ['/base/', {}, '/base/'],
    ['/base', { path: '/status' }, '/base/status'],
    ['/base/', { path: 'status/' }, '/base/status/'],
    ['/a%2Fb/./c', { path: '/x y' }, '/a%2Fb/./c/x%20y'],
    ['//base', { path: '//evil.example/x' }, '//base/evil.example/x'],
    ['?a=1', { path: '/status' }, '/status?a=1'],
    ['/x?a=1&b=%20&a=2', { query: { c: 'ü &', a: 3 } }, '/x?b=%20&c=%C3%BC+%26&a=3'],
    ['', { path: '/{{param.x}}/z', params: { x: { ...anything, default: 'a/b?c#d%' } } }, '/a%2Fb%3Fc%23d%25/z'],
    ['', { query: { h: '{{target.host}}:{{param.x}}' }, params: { x: anything } }, '/?h=127.0.0.1%3A'],
    ['', { path: '/{{param.x}}', params: { x: { ...anything, default: '//evil.example' } } }, '/%2F%2Fevil.example'],
    ['', { path: '{{param.x}}', params: { x: { ...anything, default: '@evil.example' } } }, '/%40evil.example'],
  ])('target %s with %j: %s', async (base, options, url) => {
    const { requests, answer, host } = await asked(options, base)
    expect(answer.value('probe_success')).toBe(1)
    expect(requests.map(request => request.url)).toEqual([url])
    expect(requests[0]?.headers.host).toBe(host)
  })
})

describe('what a request carries', () => {
  test('a body makes it a POST; JSON keeps its types, and its texts are escaped', async () => {
    const json = { a: '{{param.x}}', b: [1, null, true, fromFile, fromEnv], c: { d: 'é' } }
    const { requests } = await asked({ body: { json }, params: { x: anything } }, '', { x: '", "evil": "1\n' })
    expect(requests[0]).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } })
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      a: '", "evil": "1\n',
      b: [1, null, true, 'from a file', 'from the environment'],
      c: { d: 'é' },
    })
  })

  test('forms, texts and methods', async () => {
    const params = { x: { ...anything, default: 'a&b=c' } }
    const form = await asked({ body: { form: { user: '{{param.x}}', password: fromFile } }, params })
    expect(form.requests[0]).toMatchObject({
      body: 'user=a%26b%3Dc&password=from+a+file',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    const text = await asked({ method: 'put', body: { text: '{"x": "{{param.x}}\\""}' }, params })
    expect(text.requests[0]).toMatchObject({ method: 'PUT', body: '{"x": "a&b=c\\""}' })
    const hidden = await asked({ body: { text: fromEnv }, headers: { 'Content-Type': 'text/x' } })
    expect(hidden.requests[0]).toMatchObject({ body: 'from the environment', headers: { 'content-type': 'text/x' } })
  })

  test('headers: those of the section, those of the request over them, and what is usual', async () => {
    const { requests } = await asked({
      headers: { 'X-Common': 'all', Accept: 'application/xml', 'X-Secret': fromFile, Host: 'other.example' },
      requests: { main: { headers: { accept: 'text/plain', 'X-Own': '{{target.host}}' } } },
    })
    expect(requests[0]?.headers).toMatchObject({
      'x-common': 'all',
      accept: 'text/plain',
      'x-own': '127.0.0.1',
      'x-secret': 'from a file',
      host: 'other.example',
      'accept-encoding': 'gzip, deflate, br',
    })
  })

  test.each([
    ['json', 'application/json, */*;q=0.1'],
    ['xml', 'application/xml, text/xml, */*;q=0.1'],
    ['auto', '*/*'],
  ])('format %s is asked for', async (format, accept) => {
    const { requests } = await asked({ format })
    expect(requests[0]?.headers.accept).toBe(accept)
  })

  test('a request has its own transport', async () => {
    const basic = (username: string) => ({ basic_auth: { username, password: fromFile } })
    const { requests } = await asked({
      http_client_config: basic('common'),
      query: { all: 'yes' },
      requests: {
        a: { path: '/a' },
        b: { path: '/b', http_client_config: basic('own'), query: { b: '1' }, method: 'HEAD' },
      },
    })
    const user = (path: string) => {
      const { headers } = requests.find(({ url }) => url.startsWith(path)) ?? { headers: undefined }
      return Buffer.from(headers?.authorization?.replace('Basic ', '') ?? '', 'base64').toString()
    }
    expect([user('/a'), user('/b')]).toEqual(['common:from a file', 'own:from a file'])
    expect(requests.map(({ method, url }) => `${method} ${url}`).sort()).toEqual([
      'GET /a?all=yes',
      'HEAD /b?all=yes&b=1',
    ])
  })
})

describe('parameters', () => {
  const params = { node: { pattern: '[a-z]{1,8}', required: true }, view: { pattern: 'x|y', default: 'x' } }
  const options = { params, path: '/{{param.node}}/{{param.view}}' }

  test.each([
    [{ node: 'abc' }, '/abc/x'],
    [{ node: 'abc', view: 'y' }, '/abc/y'],
  ])('%j asks for %s', async (query, url) => {
    const { requests } = await asked(options, '', query)
    expect(requests[0]?.url).toBe(url)
  })

  test.each([
    [{}, 'parameter node is missing'],
    [{ node: '' }, 'parameter node does not match'],
    [{ node: 'abc/..' }, 'parameter node does not match'],
    [{ node: 'abcdefghi' }, 'parameter node does not match'],
    [{ node: 'abc\n' }, 'parameter node does not match'],
    [{ node: 'abc', view: 'xy' }, 'parameter view does not match'],
  ])('%j is the fault of the caller', async (query, message) => {
    const { answer, requests } = await asked(options, '', query)
    expect([answer.status, requests.length]).toEqual([400, 0])
    expect(answer.text).toContain(message)
  })

  test.each([
    ['a step of the path', { path: '/a/{{param.x}}/b' }, '..'],
    ['a line of its own in a header', { headers: { 'X-A': '{{param.x}}' } }, 'a\r\nX-Evil: 1'],
  ])('no value makes %s', async (_what, own, x) => {
    const { answer, requests } = await asked({ ...own, params: { x: anything } }, '', { x })
    expect([answer.status, requests.length]).toEqual([400, 0])
  })
})

describe('which answers are accepted', () => {
  test.each([
    [200, {}, undefined],
    [204, {}, undefined],
    [404, {}, 'status'],
    [401, {}, 'auth'],
    [403, {}, 'status'],
    [503, { valid_status_codes: [200, 503] }, undefined],
    [200, { valid_status_codes: ['5xx'] }, 'status'],
    [302, {}, 'status'],
  ])('%s with %j: %s', async (status, options, reason) => {
    await using server = await serve((_request, response) => response.writeHead(status).end())
    const answer = await probeApi(`http://${server.host}`, options)
    expect(answer.reason).toBe(reason)
    expect(errorsOf(answer)).toEqual(reason === undefined ? [] : [`main ${reason}`])
    expect(answer.value('probe_api_request_status_code', { request: 'main' })).toBe(status)
  })
})

test('an answer without a body has nothing to decode', async () => {
  await using server = await serve((_request, response) => response.writeHead(200, { 'Content-Encoding': 'x' }).end())
  const answer = await probeApi(`http://${server.host}`, { method: 'HEAD' })
  expect(answer.value('probe_success')).toBe(1)
})

test('what each request needs decides when it is made', async () => {
  const order: string[] = []
  await using server = await serve((request, response) => {
    order.push(request.url ?? '')
    response.end(JSON.stringify({ v: `v of ${request.url}` }))
  })
  const answer = await probeApi(`http://${server.host}`, {
    requests: {
      c: { path: '/c/{{b.v}}', query: { a: '{{a.v}}' } },
      b: { path: '/b', headers: { 'X-A': '{{a.v}}' }, extract: { v: '$.v' } },
      a: { path: '/a', extract: { v: '$.v' } },
      d: { path: '/d' },
    },
  })
  expect(answer.value('probe_success')).toBe(1)
  expect(order.filter(url => url !== '/d')).toEqual(['/a', '/b', '/c/v%20of%20%2Fb?a=v+of+%2Fa'])
})

test('what needs a request that failed fails with its reason, and nothing else does', async () => {
  await using server = await serve((request, response) => {
    response.writeHead(request.url === '/login' ? 401 : 200).end('{"n": 1}')
  })
  const answer = await probeApi(`http://${server.host}`, {
    requests: {
      login: { path: '/login', extract: { sid: '$.sid' } },
      stats: { path: '/stats', headers: { 'X-Sid': '{{login.sid}}' } },
      more: { path: '/more', extract: { x: '$.x' } },
      last: { path: '/last', query: { x: '{{more.x}}' }, required: false },
    },
    metrics: [{ name: 'app_n', from: 'more', value: '$.n' }],
  })
  expect(errorsOf(answer)).toEqual(['last check', 'login auth', 'stats auth'])
  expect(answer.reason).toBe('auth')
  expect(answer.value('app_n')).toBe(1)
  expect(server.asked.map(({ url }) => url).sort()).toEqual(['/login', '/more'])
})
