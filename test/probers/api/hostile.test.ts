import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { identity } from '../../support/identities.ts'
import { type Handler, serve, serveRaw } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { type ApiOptions, apiYaml, ask, errorsOf, probeApi } from './support.ts'

/** A request that is attacked, and another that is to be left alone. */
const options = {
  requests: { bad: { path: '/bad', required: false }, good: { path: '/good' } },
  metrics: [
    { name: 'app_good', from: 'good', value: '$.n' },
    { name: 'app_bad', from: 'bad', value: '$.n' },
  ],
}

const good = '{"n": 7}'

/** What comes of it when `/bad` is answered like this. */
async function attack(bad: Handler, own: ApiOptions = {}, timeout = '10s') {
  await using server = await serve((request, response, body) => {
    if (request.url?.startsWith('/bad')) bad(request, response, body)
    else response.end(good)
  })
  const answer = await probeApi(`http://${server.host}`, { ...options, ...own }, { timeout })
  return { answer, errors: errorsOf(answer), good: answer.value('app_good'), success: answer.value('probe_success') }
}

const json =
  (body: string | Buffer, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    response.writeHead(200, { 'Content-Type': 'application/json', ...headers }).end(body)

const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20))

describe('one answer is hostile, the other is not', () => {
  test.each<[string, Handler, string]>([
    ['JSON that breaks off', json('{"n": 7'), 'parse'],
    [
      'a body that breaks off',
      (_q, r) => r.writeHead(200, { 'Content-Length': '100' }).write('{"n"', () => setTimeout(() => r.destroy(), 20)),
      'protocol',
    ],
    ['HTML', json('<html><body>502 Bad Gateway</body></html>', { 'Content-Type': 'text/html' }), 'parse'],
    ['nothing', json(''), 'parse'],
    ['a deep nest', json('['.repeat(200_000)), 'too_large'],
    ['octets', json(Buffer.from([0xff, 0xfe, 0x00, 0x80])), 'parse'],
    ['too much', json(Buffer.alloc(11 * 2 ** 20, ' ')), 'too_large'],
    [
      'never ends',
      (_q, r) => {
        r.writeHead(200)
        const more = () => void (r.destroyed || r.write(Buffer.alloc(65_536, ' '), more))
        more()
      },
      'too_large',
    ],
    ['a gzip bomb', json(bomb, { 'Content-Encoding': 'gzip' }), 'too_large'],
    ['gzip that is none', json(good, { 'Content-Encoding': 'gzip' }), 'protocol'],
    ['gzip that breaks off', json(gzipSync(good).subarray(0, 15), { 'Content-Encoding': 'gzip' }), 'protocol'],
    ['a coding that nobody knows', json(good, { 'Content-Encoding': 'gzip, br' }), 'protocol'],
    ['too many redirects', (q, r) => r.writeHead(302, { Location: `${q.url}1` }).end(), 'protocol'],
    [
      'a redirect to the metadata of a cloud',
      (_q, r) => r.writeHead(302, { Location: 'http://169.254.169.254/latest/' }).end(),
      'denied',
    ],
    ['a redirect to no URL', (_q, r) => r.writeHead(302, { Location: 'http://' }).end(), 'protocol'],
    ['a reset', (_q, r) => r.destroy(), 'connect'],
  ])('%s', async (_what, handler, reason) => {
    const { errors, good, success, answer } = await attack(handler)
    expect([errors, good, success]).toEqual([[`bad ${reason}`], 7, 1])
    expect(answer.names).not.toContain('app_bad')
  })

  test.each<[string, Handler]>([
    ['says nothing', () => undefined],
    [
      'drips',
      (_q, r) => {
        r.writeHead(200)
        const timer = setInterval(() => r.write(' '), 20)
        r.on('close', () => clearInterval(timer))
      },
    ],
  ])('%s', async (_what, handler) => {
    const { errors, good, success, answer } = await attack(handler, {}, '2s')
    expect([errors, good, success]).toEqual([['bad timeout'], 7, 1]) // it is optional
    expect(answer.value('probe_api_request_success', { request: 'good' })).toBe(1)
    expect(answer.log).toContain('no answer in time')
    const phases = answer.series.filter(({ labels }) => labels.request === 'bad' && labels.phase !== undefined)
    expect(phases.map(({ labels }) => labels.phase)).toEqual(expect.arrayContaining(['connect', 'processing']))
  })
})

test('at the deadline, what waits for others has timed out, too', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/quick') response.end(good)
  })
  const answer = await probeApi(
    `http://${server.host}`,
    {
      requests: {
        quick: { path: '/quick' },
        login: { path: '/login', extract: { sid: '$.sid' } },
        stats: { path: '/{{login.sid}}' },
      },
      metrics: [{ name: 'app_n', from: 'quick', value: '$.n' }],
      checks: [{ name: 'n', from: 'quick', path: '$.n', equals: 7 }],
    },
    { timeout: '600ms' },
  )
  expect(errorsOf(answer)).toEqual(['login timeout', 'stats timeout'])
  expect(answer.value('app_n')).toBe(7)
  expect(answer.value('probe_api_check_success', { check: 'n' })).toBe(1)
  expect(answer.reason).toBe('timeout')
  expect(answer.log).toContain('request login: no answer in time: processing')
  expect(answer.log).toContain('no answer in time: not begun')
})

test.each([
  ['gzip', gzipSync(good)],
  ['x-gzip', gzipSync(good)],
  ['deflate', deflateSync(good)],
  ['deflate', deflateRawSync(good)],
  ['br', brotliCompressSync(good)],
  ['identity', Buffer.from(good)],
])('a body in %s is decoded', async (coding, octets) => {
  const { answer } = await attack(json(octets, { 'Content-Encoding': coding }))
  expect(answer.value('app_bad')).toBe(7)
  expect(answer.value('probe_api_response_bytes', { request: 'bad' })).toBe(good.length)
})

test('limits count after decoding', async () => {
  const { errors, answer } = await attack(json(gzipSync(' '.repeat(5000) + good), { 'Content-Encoding': 'gzip' }), {
    body_size_limit: 1000,
  })
  expect(errors).toEqual(['bad too_large'])
  expect(answer.value('probe_api_response_bytes', { request: 'bad' })).toBe(1000)
})

test('a target that the policy refuses is a 403, whatever is asked for', async () => {
  for (const target of ['http://169.254.169.254', 'http://[::ffff:169.254.169.254]/x', 'https://[fe80::1]']) {
    expect((await probeApi(target, options)).status).toBe(403)
  }
})

test('a target that is no URL is a 400', async () => {
  for (const target of ['ftp://x', 'http://', 'http://user:pw@x', 'http://x#y', 'http://x\\y']) {
    expect((await probeApi(target, options)).status).toBe(400)
  }
})

test('a name that does not resolve, a port that nobody listens on', async () => {
  const lost = await probeApi('http://no-such-name.invalid', options)
  expect([lost.reason, errorsOf(lost)]).toEqual(['resolve', ['bad resolve', 'good resolve']])
  const closed = await probeApi('http://127.0.0.1:1', options)
  expect([closed.reason, errorsOf(closed)]).toEqual(['connect', ['bad connect', 'good connect']])
  expect(closed.names).not.toContain('probe_api_request_status_code')
  expect(closed.names).not.toContain('probe_api_response_bytes')
})

test('TLS: what is not verified, what is, and the earliest end of a certificate', async () => {
  await using server = await serve((_request, response) => response.end(good), identity('server'))
  const target = `https://${server.host}`
  const refused = await probeApi(target, options)
  expect(refused.reason).toBe('tls')
  expect(refused.value('probe_ssl_earliest_cert_expiry')).toBeGreaterThan(1e9)
  const client = { http_client_config: { tls_config: { insecure_skip_verify: true } } }
  const checks = [{ name: 'cert', from: 'good', meta: 'tls_not_after', min: '1d' }]
  const accepted = await probeApi(target, { ...options, ...client, checks })
  expect([accepted.value('probe_success'), accepted.value('app_good')]).toEqual([1, 7])
  expect(accepted.value('probe_ssl_earliest_cert_expiry')).toBe(refused.value('probe_ssl_earliest_cert_expiry'))
  expect(accepted.value('probe_api_check_success', { check: 'cert' })).toBe(1)
})

test('no connection stays open, also after what is hostile', async () => {
  await using server = await serveRaw(socket => socket.write('HTTP/1.1 200 OK\r\n\r\n{"n":'))
  await using sonde = await startSonde(apiYaml(options, '400ms'))
  const answer = await ask(sonde, `http://${server.host}`)
  expect(errorsOf(answer)).toEqual(['bad timeout', 'good timeout'])
  await expect.poll(() => server.connections.size).toBe(0)
})
