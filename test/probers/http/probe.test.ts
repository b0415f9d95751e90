import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { version } from '../../../src/kit/version.ts'
import { type Handler, serve } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { probeHttp } from './support.ts'

const fine: Handler = (_request, response) => response.end('fine')

/** Everything that a probe without TLS exports once a request went out. */
const always = [
  'probe_success',
  'probe_duration_seconds',
  'probe_timeout_seconds',
  'probe_dns_lookup_time_seconds',
  'probe_ip_protocol',
  'probe_ip_addr_hash',
  'probe_http_duration_seconds',
  'probe_http_status_code',
  'probe_http_content_length',
  'probe_http_uncompressed_body_length',
  'probe_http_redirects',
  'probe_http_ssl',
  'probe_http_version',
  'probe_failed_due_to_regex',
]
const phases = ['resolve', 'connect', 'tls', 'processing', 'transfer']

test('a healthy target: the metrics of blackbox_exporter, and no others', async () => {
  await using server = await serve((_request, response) => {
    response.setHeader('Last-Modified', 'Mon, 02 Jan 2006 15:04:05 GMT')
    response.end('fine')
  })
  const answer = await probeHttp(server.host)
  expect([...answer.names].sort()).toEqual([...always, 'probe_http_last_modified_timestamp_seconds'].sort())
  for (const [name, value] of Object.entries({
    probe_success: 1,
    probe_ip_protocol: 4,
    probe_ip_addr_hash: 3_668_918_509,
    probe_http_status_code: 200,
    probe_http_content_length: 4,
    probe_http_uncompressed_body_length: 4,
    probe_http_redirects: 0,
    probe_http_ssl: 0,
    probe_http_version: 1.1,
    probe_failed_due_to_regex: 0,
    probe_http_last_modified_timestamp_seconds: 1_136_214_245,
  })) {
    expect([name, answer.value(name)]).toEqual([name, value])
  }
  for (const phase of phases) expect(answer.value('probe_http_duration_seconds', { phase })).toBeGreaterThanOrEqual(0)
  expect(answer.value('probe_http_duration_seconds', { phase: 'tls' })).toBe(0)
  expect(answer.value('probe_http_duration_seconds', { phase: 'processing' })).toBeGreaterThan(0)
})

describe('presence by stage', () => {
  test('no address: the phase resolve alone', async () => {
    const answer = await probeHttp('http://127.0.0.1/', { preferred_ip_protocol: 'ip6', ip_protocol_fallback: false })
    expect([answer.status, answer.reason]).toEqual([200, 'resolve'])
    expect([...answer.names].sort()).toEqual([...always, 'probe_failure_info', 'probe_failure_phase_info'].sort())
    expect(answer.series.filter(({ name }) => name === 'probe_http_duration_seconds')).toHaveLength(1)
    expect(answer.value('probe_http_duration_seconds', { phase: 'resolve' })).toBeGreaterThanOrEqual(0)
    expect(answer.value('probe_ip_protocol')).toBe(0)
  })

  test('a missing file: the same with an address', async () => {
    const answer = await probeHttp('127.0.0.1:1', { body_file: '/no/such/file', method: 'POST' })
    expect(answer.reason).toBe('not_found')
    expect(answer.series.filter(({ name }) => name === 'probe_http_duration_seconds')).toHaveLength(1)
    expect(answer.value('probe_ip_protocol')).toBe(4)
  })

  test('refused: all phases, status 0, nothing of TLS', async () => {
    const answer = await probeHttp('https://127.0.0.1:1/')
    expect(answer.reason).toBe('connect')
    expect([...answer.names].sort()).toEqual([...always, 'probe_failure_info', 'probe_failure_phase_info'].sort())
    for (const phase of phases) expect(answer.value('probe_http_duration_seconds', { phase })).toBeDefined()
    for (const name of ['status_code', 'content_length', 'version', 'ssl', 'uncompressed_body_length']) {
      expect(answer.value(`probe_http_${name}`)).toBe(0)
    }
  })
})

describe('status', () => {
  test.each([
    [200, [], undefined],
    [299, [], undefined],
    [300, [], 'status'],
    [404, [], 'status'],
    [404, [404], undefined],
    [200, [404], 'status'],
    [204, ['2xx'], undefined],
    [404, [200, '403-405'], undefined],
    [406, [200, '403-405'], 'status'],
    [401, [], 'auth'],
    [407, [], 'auth'],
    [401, [401], undefined],
    [304, ['3xx'], undefined],
    [500, [], 'status'],
  ] as const)('%i with valid_status_codes %j: %s', async (status, valid, reason) => {
    await using server = await serve((_request, response) => response.writeHead(status).end())
    const answer = await probeHttp(server.host, { valid_status_codes: valid })
    expect([answer.value('probe_http_status_code'), answer.reason]).toEqual([status, reason])
    expect(answer.value('probe_success')).toBe(reason === undefined ? 1 : 0)
  })

  test.each([
    [204, {}, undefined],
    [401, {}, undefined],
    [500, {}, undefined],
    [500, { fail_if_body_matches_regexp: ['broken'] }, 'content'],
    [500, { fail_if_header_not_matches: [{ header: 'X', regexp: 'a' }] }, 'content'],
  ])('accept_any_response: %i, %j', async (status, rules, reason) => {
    await using server = await serve((_request, response) => response.writeHead(status).end('broken'))
    const answer = await probeHttp(server.host, { accept_any_response: true, ...rules })
    expect([answer.value('probe_http_status_code'), answer.reason]).toEqual([status, reason])
  })

  test('the body is read whatever the status', async () => {
    await using server = await serve((_request, response) => response.writeHead(500).end('broken'))
    const answer = await probeHttp(server.host, { fail_if_body_matches_regexp: ['broken'] })
    expect(answer.reason).toBe('status')
    expect(answer.value('probe_http_uncompressed_body_length')).toBe(6)
    expect(answer.value('probe_failed_due_to_regex')).toBe(0)
  })
})

test.each([
  ['with a length', ['12345'], 5, 5],
  ['in chunks', ['12', '345'], -1, 5],
  ['none', [], 0, 0],
])('content length: %s', async (_name, parts, announced, read) => {
  await using server = await serve((_request, response) => {
    for (const part of parts.slice(0, -1)) response.write(part)
    response.end(parts.at(-1))
  })
  const answer = await probeHttp(server.host)
  expect(answer.value('probe_http_content_length')).toBe(announced)
  expect(answer.value('probe_http_uncompressed_body_length')).toBe(read)
})

test('HEAD has the length of what GET would send, and no body', async () => {
  await using server = await serve((_request, response) => response.writeHead(200, { 'content-length': 77 }).end())
  const answer = await probeHttp(server.host, { method: 'head', compression: 'gzip' })
  expect(server.asked[0]?.method).toBe('HEAD')
  expect(answer.value('probe_success')).toBe(1)
  expect(answer.value('probe_http_content_length')).toBe(77)
  expect(answer.value('probe_http_uncompressed_body_length')).toBe(0)
})

describe('what is sent', () => {
  const sent = async (options: Record<string, unknown>, target = '/path?q=a+b', query: Record<string, string> = {}) => {
    await using server = await serve(fine)
    const answer = await probeHttp(server.host + target, options, { query })
    expect(answer.reason).toBeUndefined()
    return { ...server.asked[0], host: server.host }
  }

  test('a plain GET: Host, User-Agent, Connection, and nothing more', async () => {
    const { method, url, rawHeaders, host } = await sent({})
    expect([method, url]).toEqual(['GET', '/path?q=a+b'])
    expect(rawHeaders).toEqual(['Host', host, 'User-Agent', `sonde/${version}`, 'Connection', 'close'])
  })

  test('path and query as they were written', async () => {
    const written = "/a/../b/%2e%2e//?q='x'&?"
    expect((await sent({}, written)).url).toBe(written)
  })

  test('headers of the module', async () => {
    const { headers } = await sent({
      headers: { 'User-Agent': 'mine', 'x-Test': 'münchen', Accept: '*/*', 'content-length': '99' },
    })
    expect(headers).toMatchObject({ 'user-agent': 'mine', accept: '*/*' })
    expect(Buffer.from(String(headers?.['x-test']), 'latin1').toString()).toBe('münchen')
    expect(headers).not.toHaveProperty('content-length')
  })

  test('an empty User-Agent sends none', async () => {
    expect((await sent({ headers: { 'user-agent': '' } })).headers).not.toHaveProperty('user-agent')
  })

  test.each([
    ['hostname', {}, { hostname: 'www.example.org' }, 'www.example.org'],
    ['a header of the module', { headers: { hOsT: 'www.example.org:81' } }, {}, 'www.example.org:81'],
  ])('Host from %s', async (_name, options, query, expected) => {
    expect((await sent(options, '/', query)).headers?.host).toBe(expected)
  })

  test('a body, with its length', async () => {
    const { body, headers } = await sent({ method: 'POST', body: '{"a": "ü"}' })
    expect(body).toBe('{"a": "ü"}')
    expect(headers?.['content-length']).toBe('11')
    expect(headers).not.toHaveProperty('transfer-encoding')
  })

  test.each([
    ['Content-Length', '3', '2'],
    ['Transfer-Encoding', 'chunked', undefined],
    ['HTTP2-Settings', 'AAMAAABk', undefined],
  ])('%s is not for the module to set', async (name, value, expected) => {
    const { headers, body } = await sent({ method: 'POST', body: 'ok', headers: { [name]: value } })
    expect([headers?.[name.toLowerCase()], body]).toEqual([expected, 'ok'])
  })

  test.each([
    ['POST', '0'],
    ['PROPFIND', '0'],
    ['DELETE', undefined],
  ])('%s without a body', async (method, length) => {
    const { headers, body } = await sent({ method })
    expect([headers?.['content-length'], headers?.['transfer-encoding'], body]).toEqual([length, undefined, ''])
  })

  test('http_headers: all values, secrets among them, each a line of its own', async () => {
    const { rawHeaders } = await sent({ http_headers: { 'X-A': { values: ['1', '2'], secrets: ['3'] } } })
    expect(rawHeaders?.filter((_, index) => rawHeaders[index - 1] === 'X-A')).toEqual(['1', '2', '3'])
  })
})

describe('cookies of the module', () => {
  test('http_headers: one line with those of headers', async () => {
    await using server = await serve(fine)
    const http_headers = { cookie: { values: ['a=1', 'b=2; c=3'], secrets: ['d=4'] } }
    await probeHttp(server.host, { headers: { Cookie: 'm=9' }, http_headers })
    expect(server.asked[0]?.headers.cookie).toBe('m=9; a=1; b=2; c=3; d=4')
  })
})

describe('credentials', () => {
  const authorization = async (options: Record<string, unknown>) => {
    await using server = await serve(fine)
    const answer = await probeHttp(server.host, options)
    expect(answer.log).not.toMatch(/hunter|aHVudGVy/)
    return { sent: server.asked[0]?.headers.authorization, answer }
  }

  test.each([
    ['basic_auth', { basic_auth: { username: 'me', password: 'hunter2:ü' } }, `Basic ${btoa('me:hunter2:Ã¼')}`],
    ['basic_auth without a password', { basic_auth: { username: 'me' } }, `Basic ${btoa('me:')}`],
    ['authorization', { authorization: { credentials: 'hunter2' } }, 'Bearer hunter2'],
    ['another scheme', { authorization: { type: 'ApiKey', credentials: 'hunter2' } }, 'ApiKey hunter2'],
    ['bearer_token', { bearer_token: 'hunter2' }, 'Bearer hunter2'],
    ['a header of the module', { bearer_token: 'hunter2', headers: { Authorization: 'mine' } }, 'mine'],
  ])('%s', async (_name, options, expected) => {
    expect((await authorization(options)).sent).toBe(expected)
  })

  test('from files, read again when they change', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sonde-'))
    const file = join(folder, 'token')
    await writeFile(file, '  hunter2\n')
    await using server = await serve(fine)
    const yaml = `modules: {m: {prober: http, http: {bearer_token_file: ${file}, http_headers: {X: {files: [${file}]}}}}}`
    await using sonde = await startSonde(yaml)
    const ask = async () => {
      const text = await (await sonde.get(`/probe?module=m&target=${server.host}`)).text()
      return [/reason="(\w+)"/.exec(text)?.[1], server.asked.at(-1)?.headers.authorization]
    }
    expect(await ask()).toEqual([undefined, 'Bearer hunter2'])
    expect(server.asked.at(-1)?.headers.x).toBe('hunter2')
    await writeFile(file, 'hunter three')
    expect(await ask()).toEqual([undefined, 'Bearer hunter three'])
    await writeFile(file, 'two\nlines')
    expect((await ask())[0]).toBe('denied')
    await rm(folder, { recursive: true })
    expect((await ask())[0]).toBe('not_found')
    expect(server.asked).toHaveLength(2)
  })

  test.each([
    ['missing', '/no/such/file', 'not_found'],
    ['a folder', tmpdir(), 'denied'],
    ['a device without an end', '/dev/zero', 'denied'],
  ])('a file that is %s', async (_name, path, reason) => {
    const { sent, answer } = await authorization({ basic_auth: { username: 'me', password_file: path } })
    expect([sent, answer.reason]).toEqual([undefined, reason])
  })
})

describe('header checks', () => {
  const cookies: Handler = (_request, response) =>
    response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], 'X-Empty': '', 'X-Text': 'Grüße' }).end('fine')
  const check = (header: string, regexp: string, allow_missing = false) => [{ header, regexp, allow_missing }]

  test.each([
    ['matches: one value does', { fail_if_header_matches: check('set-COOKIE', '^b=') }, false],
    ['matches: none does', { fail_if_header_matches: check('Set-Cookie', '^c=') }, true],
    ['matches: missing', { fail_if_header_matches: check('X-None', 'a') }, false],
    ['matches: missing and allowed', { fail_if_header_matches: check('X-None', 'a', true) }, true],
    ['matches: empty is present', { fail_if_header_matches: check('X-Empty', '^$') }, false],
    ['not_matches: one value does', { fail_if_header_not_matches: check('Set-Cookie', '^b=') }, true],
    ['not_matches: none does', { fail_if_header_not_matches: check('Set-Cookie', '^c=') }, false],
    ['not_matches: missing', { fail_if_header_not_matches: check('X-None', '.*') }, false],
    ['not_matches: missing and allowed', { fail_if_header_not_matches: check('X-None', 'a', true) }, true],
    ['not_matches: empty is present', { fail_if_header_not_matches: check('X-Empty', '^$') }, true],
    ['two rules, one fails', { fail_if_header_not_matches: [...check('X-Empty', '^$'), ...check('a', 'b')] }, false],
  ])('%s', async (_name, options, isFine) => {
    await using server = await serve(cookies)
    const answer = await probeHttp(server.host, options)
    expect([answer.value('probe_success'), answer.reason]).toEqual(isFine ? [1, undefined] : [0, 'content'])
    expect(answer.value('probe_failed_due_to_regex')).toBe(isFine ? 0 : 1)
    expect(answer.value('probe_http_uncompressed_body_length')).toBe(4)
  })
})

describe('versions and TLS', () => {
  test.each([
    [['HTTP/1.1'], undefined],
    [['HTTP/1.0', 'HTTP/2'], 'protocol'],
    [['HTTP/1.1', 'HTTP/2.0'], undefined],
  ])('valid_http_versions %j: %s', async (versions, reason) => {
    await using server = await serve(fine)
    expect((await probeHttp(server.host, { valid_http_versions: versions })).reason).toBe(reason)
  })

  test('fail_if_not_ssl fails only what is fine otherwise; fail_if_ssl does not mind plain answers', async () => {
    await using server = await serve(fine)
    expect((await probeHttp(server.host, { fail_if_not_ssl: true })).reason).toBe('tls')
    expect((await probeHttp(server.host, { fail_if_ssl: true })).reason).toBeUndefined()
    const both = await probeHttp(server.host, { fail_if_not_ssl: true, valid_status_codes: [500] })
    expect(both.reason).toBe('status')
    expect(both.log).not.toContain('did not come over TLS')
  })
})

test.each([
  ['ftp://example.org/', 'malformed target: expected an http or https URL'],
  ['http://user:hunter2@example.org/', 'malformed target: user name and password belong into the module'],
])('a target that is the caller’s mistake: %s', async (target, text) => {
  const answer = await probeHttp(target)
  expect([answer.status, answer.text.trim()]).toEqual([400, text])
})

test('a Host that differs from the parameter is the caller’s mistake', async () => {
  const answer = await probeHttp('127.0.0.1:1', { headers: { Host: 'a' } }, { query: { hostname: 'b' } })
  expect(answer.status).toBe(400)
  expect(answer.text).toContain("by the parameter 'hostname'")
})

test('a target that the policy refuses', async () => {
  expect((await probeHttp('http://169.254.169.254/latest/meta-data')).status).toBe(403)
})

test('the log tells what was done and decided', async () => {
  await using server = await serve(fine)
  const { log } = await probeHttp(`${server.host}/x?token=hunter2`, { fail_if_body_matches_regexp: ['i'] })
  for (const text of ['requesting', 'connected', 'got an answer', 'the body matches i', 'status=200']) {
    expect(log).toContain(text)
  }
  expect(log.replaceAll(`target=${server.host}/x?token=hunter2`, '').replaceAll(/target="[^"]*"/g, '')).not.toContain(
    'hunter2',
  )
})
