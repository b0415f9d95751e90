import { describe, expect, test } from 'vitest'
import { bestOf } from '../../support/best-of.ts'
import { mainThreadMs, watchLoop } from '../../support/loop.ts'
import { probe } from '../../support/probe.ts'
import { serve } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { apiYaml, ask, errorsOf, probeApi } from './support.ts'

const status = { metrics: [{ name: 'app_queue', type: 'gauge', value: '$.queue' }] }

test('what is told of one request', async () => {
  await using server = await serve((_request, response) => response.end('{"queue": 3}'))
  const answer = await probeApi(`http://${server.host}`, status)
  expect(answer.value('app_queue')).toBe(3)
  expect([...answer.names].sort()).toEqual([
    'app_queue',
    'probe_api_request_duration_seconds',
    'probe_api_request_status_code',
    'probe_api_request_success',
    'probe_api_response_bytes',
    'probe_duration_seconds',
    'probe_success',
    'probe_timeout_seconds',
  ])
  const phases = answer.series.flatMap(({ labels }) => labels.phase ?? [])
  expect(phases.sort()).toEqual(['connect', 'processing', 'resolve', 'transfer'])
})

test('the debug text tells each request, each verdict, and what became of the metrics', async () => {
  await using server = await serve((request, response) => {
    if (request.url?.startsWith('/b')) response.writeHead(500).end('out of order')
    else response.end('{"queue": 117, "sid": "0123456789", "items": [1, 1]}')
  })
  const options = {
    requests: {
      a: { path: '/a', query: { token: { env: 'SONDE_TEST_TOKEN' } }, extract: { sid: '$.sid' } },
      b: { path: '/b', required: false },
    },
    metrics: [
      ...status.metrics,
      { name: 'app_items', items: '$.items[*]', value: '.' },
      { name: 'app_lost', value: '$.x' },
    ],
    checks: [
      { name: 'queue', path: '$.queue', max: 100, message: 'the queue holds {$.queue}', severity: 'warning' },
      { name: 'items', path: '$.items', exists: true },
    ],
  }
  process.env.SONDE_TEST_TOKEN = 'a token'
  const { text } = await probeApi(`http://${server.host}`, options, { query: { debug: 'true' } })
  for (const line of [
    /msg=requesting request=a method=GET url=http:\/\/127\.0\.0\.1:\d+\/a\?… /,
    /msg="got an answer" request=b status=500 /,
    /msg="the body begins" request=b text="out of order"/,
    /msg=checked request=a check=queue severity=warning verdict="the queue holds 117"/,
    /msg=checked request=a check=items severity=critical verdict=passed/,
    /msg="read the answer" request=a format=json bytes=52 verdict=accepted extracted="sid \(10 characters\)" series=\d/,
    /msg="request failed" request=b reason=status error="status 500 is not accepted"/,
    /msg="made series" metrics="app_queue 1, app_items 1" missing_or_cut="app_items duplicate 1, app_lost missing 1"/,
  ]) {
    expect(text).toMatch(line)
  }
  expect(text).not.toMatch(/a.token|0123456789/)
})

test('the policy judges every request, and what its redirects lead to', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/api/away') response.writeHead(302, { Location: '/admin' }).end()
    else response.end('{"path": "x/admin"}')
  })
  const target = `http://${server.host}`
  const policy = `targets: {allow: ['http://127.0.0.1:*'], deny: ['http://127.0.0.1:*/admin']}`
  const yaml = (options: object) => `modules: {m: {prober: api, ${policy}, api: ${JSON.stringify(options)}}}`
  const run = (options: object) => probe(yaml(options), { target, module: 'm' })
  expect((await run({ path: '/admin' })).status).toBe(403)
  expect((await run({ requests: { a: { path: '/api' }, b: { path: '/admin' } } })).status).toBe(403)
  expect(server.asked).toEqual([])
  const redirected = await run({ path: '/api/away' })
  expect([redirected.status, redirected.reason, errorsOf(redirected)]).toEqual([200, 'denied', ['main denied']])
  const found = { a: { path: '/api', extract: { p: '$.path' } }, b: { path: '/admin', query: { p: '{{a.p}}' } } }
  const late = await run({ requests: found })
  expect([late.status, late.reason, errorsOf(late)]).toEqual([200, 'denied', ['b denied']])
  expect(server.asked.filter(({ url }) => url.startsWith('/admin'))).toEqual([])
})

describe('secrets stay with the host of the target', () => {
  test.each([
    [307, { json: { password: { env: 'SONDE_TEST_TOKEN' } } }, 'denied', 0],
    [307, { json: { name: 'x' } }, undefined, 1],
    [303, { json: { password: { env: 'SONDE_TEST_TOKEN' } } }, undefined, 1],
  ])('%s with %j: %s', async (code, body, reason, arrived) => {
    process.env.SONDE_TEST_TOKEN = 'a token'
    await using other = await serve((_request, response) => response.end('{}'), undefined, '::1')
    await using server = await serve((_request, response) => {
      response.writeHead(code, { Location: `http://[::1]:${other.port}/` }).end()
    })
    const headers = { 'X-Key': { env: 'SONDE_TEST_TOKEN' } }
    const answer = await probeApi(`http://${server.host}`, { body, headers })
    expect([answer.reason, other.asked.length]).toEqual([reason, arrived])
    expect(JSON.stringify(other.asked)).not.toContain('a token')
  })
})

test('the parameter auth picks other credentials, those of single requests and headers among them', async () => {
  await using server = await serve((_request, response) => response.end('{}'))
  const bearer = (credentials: string) => ({ http_client_config: { authorization: { credentials } } })
  const options = {
    headers: { Authorization: 'Basic own' },
    requests: { a: { path: '/a' }, b: { path: '/b', ...bearer('b'), headers: { Accept: '*/*' } }, c: { path: '/c' } },
  }
  const yaml = `{auths: {other: {bearer_token: t}}, modules: {m: {prober: api, auths: [other], api: ${JSON.stringify(options)}}}}`
  await using sonde = await startSonde(yaml)
  await ask(sonde, `http://${server.host}`)
  expect(server.asked.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Basic own'))
  await ask(sonde, `http://${server.host}`, { auth: 'other' })
  expect(server.asked.slice(3).map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer t'))
})

test('no more than eight requests of a probe are under way', async () => {
  let [now, most] = [0, 0]
  await using server = await serve((_request, response) => {
    most = Math.max(most, ++now)
    setTimeout(() => response.end('{}', () => now--), 100)
  })
  const requests = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`r${index}`, { path: `/${index}` }]))
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  const answer = await probeApi(`http://${server.host}`, { requests })
  process.off('warning', onWarning)
  expect(answer.value('probe_success')).toBe(1)
  expect([server.asked.length, most]).toEqual([20, 8])
  expect(warnings).toEqual([]) // such as of too many listeners
})

test('what an operator should know is said at load', async () => {
  const options = {
    requests: {
      a: { headers: { 'Content-Length': '3', 'X-A': { file: '/no/such/file' } }, valid_status_codes: [200, 742] },
      b: { http_client_config: { basic_auth: { username: 'u', password_file: '/no/such/other' } } },
    },
    metrics: [{ name: 'app_x', value: 1, labels: { instance: 'i', job: 'j', other: 'o' } }],
  }
  await using sonde = await startSonde(apiYaml(options))
  const log = sonde.lines.join('')
  for (const warning of [
    'headers.Content-Length is not sent',
    'requests.a.headers.X-A.file: file /no/such/file is missing',
    '742 is no status code of HTTP',
    'http_client_config.basic_auth.password_file: file /no/such/other is missing',
    'the label instance of app_x becomes exported_instance in Prometheus',
    'the label job of app_x becomes exported_job in Prometheus',
    'set targets.allow',
  ]) {
    expect(log).toContain(warning)
  }
  expect(log).not.toContain('exported_other')
})

test('numbers of a target are not rounded', async () => {
  await using server = await serve((_request, response) => response.end('{"s": 1.5e-12}'))
  const answer = await probeApi(`http://${server.host}`, { metrics: [{ name: 'app_seconds', value: '$.s' }] })
  expect(answer.value('app_seconds')).toBe(1.5e-12)
})

test('series are cut at max_series, and what was cut is told', async () => {
  const body = JSON.stringify(Array.from({ length: 12_000 }, (_, id) => ({ id })))
  await using server = await serve((_request, response) => response.end(body))
  const metrics = [{ name: 'app_item', items: '$[*]', value: '.id', labels: { id: '{.id}' }, max_items: 100_000 }]
  const answer = await probeApi(`http://${server.host}`, { metrics }, { timeout: '10s' })
  expect(answer.value('probe_success')).toBe(1)
  expect(answer.series.filter(({ name }) => name === 'app_item')).toHaveLength(10_000)
  expect(answer.value('probe_api_extract_errors', { metric: 'app_item', reason: 'limit' })).toBe(2000)
})

test('10,000 series hold nobody up: not while they are put together, and not while they are printed', async () => {
  const items = Array.from({ length: 10_000 }, (_, id) => ({ id, name: `server-${id}.example.org`, load: id / 8 }))
  const body = JSON.stringify(items)
  await using server = await serve((_request, response) => response.end(body))
  const labels = { id: '{.id}', name: '{.name}' }
  const metrics = [{ name: 'server_load', items: '$[*]', value: '.load', labels, max_items: 20_000 }]
  await using sonde = await startSonde(apiYaml({ metrics }, '60s'))
  await bestOf(10, 50, async () => {
    const loop = watchLoop(mainThreadMs)
    const response = await sonde.get(`/probe?module=m&target=http://${server.host}`)
    const text = await response.text()
    const longestMs = loop.end()
    expect(text).toContain('server_load{id="9999",name="server-9999.example.org"} 1249.875\n')
    return longestMs
  })
}, 60_000)
