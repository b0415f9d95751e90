import { once } from 'node:events'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { readAnswer } from '../support/probe.ts'
import { echo, keeper, slow } from '../support/probers.ts'
import { startSonde } from '../support/sonde.ts'

const probers = [echo, slow, keeper]
const yaml = `modules:
  http_2xx: {prober: echo}
  '<b>&"': {prober: echo}
  keeper: {prober: keeper, timeout: 1m30s, keeper: {password: hunter2}}
`

describe('endpoints', () => {
  test.each([
    ['/-/healthy', 200, 'Healthy\n'],
    ['/-/ready', 200, 'Ready\n'],
    ['/nope', 404, 'not found\n'],
    ['/probe/', 404, 'not found\n'],
    ['/PROBE', 404, 'not found\n'],
    ['/%', 404, 'not found\n'],
  ])('GET %s: %s', async (path, status, text) => {
    await using sonde = await startSonde(yaml, { probers })
    const response = await sonde.get(path)
    expect([response.status, await response.text()]).toEqual([status, text])
    expect(response.headers.get('x-powered-by')).toBeNull()
    expect(response.headers.get('etag')).toBeNull()
  })

  test.each([
    ['GET http://a:99999999/probe?target=x HTTP/1.1', 200],
    ['GET http://:80/probe?target=x HTTP/1.1', 200],
    ['GET http://[/probe?target=x HTTP/1.1', 404],
    ['GET //x/probe?target=x HTTP/1.1', 404],
    ['GET /probe?target=%ff&%=% HTTP/1.1', 200],
    ['GET * HTTP/1.1', 404],
  ])('an odd request target, %s: %i and no page of Express', async (line, status) => {
    await using sonde = await startSonde(yaml, { probers })
    const socket = connect(Number(new URL(sonde.url).port), '127.0.0.1')
    socket.write(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`)
    const text = Buffer.concat(await socket.toArray()).toString()
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(text).not.toContain('<')
  })

  test.each(['/', '/metrics', '/config', '/-/healthy', '/-/ready'])('%s takes GET and HEAD only', async path => {
    await using sonde = await startSonde(yaml, { probers })
    const refused = await sonde.get(path, { method: 'POST' })
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    const head = await sonde.get(path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('/config is YAML with defaults filled in and secrets hidden', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const text = await (await sonde.get('/config')).text()
    expect(text).toContain('keeper:\n    prober: keeper\n    timeout: 1m30s\n    keeper:\n      password: <secret>\n')
    expect(text).toContain('allow: []')
    expect(text).not.toContain('hunter2')
  })

  test('a secret is in no answer and no log', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const answers = ['/config', '/probe?module=keeper&target=x&debug=true', '/', '/metrics'].map(async path =>
      (await sonde.get(path)).text(),
    )
    expect((await Promise.all(answers)).join('') + sonde.lines.join('')).not.toContain('hunter2')
  })

  test('the page escapes what the configuration holds and allows no script', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const response = await sonde.get('/')
    const page = await response.text()
    expect(page).toContain('<option>&lt;b&gt;&amp;&quot;</option>')
    expect(page).not.toContain('<b>')
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  })
})

describe('/metrics', () => {
  test('every known series starts at 0', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const own = await readAnswer(await sonde.get('/metrics'))
    expect(own.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(own.value('sonde_probes_total', { module: '<b>&"' })).toBe(0)
    expect(own.value('sonde_probe_failures_total', { module: 'keeper', reason: 'too_large' })).toBe(0)
    expect(own.value('sonde_module_unknown_total')).toBe(0)
    expect(own.value('sonde_targets_rejected_total', { reason: 'path' })).toBe(0)
    expect(own.value('sonde_config_last_reload_successful')).toBe(1)
    expect(own.value('sonde_config_last_reload_success_timestamp_seconds')).toBeGreaterThan(1.7e9)
    expect(own.series.find(({ name }) => name === 'sonde_build_info')?.labels.nodeversion).toBe(process.version)
    expect(own.value('sonde_probe_duration_seconds_count', { module: 'keeper' })).toBe(0)
    expect(own.value('sonde_probe_duration_seconds_bucket', { module: 'keeper', le: '+Inf' })).toBe(0)
    expect(own.names).toContain('sonde_event_loop_delay_seconds_bucket')
    expect(own.names).toContain('process_cpu_seconds_total')
  })

  test('the README tells of each', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const own = await (await sonde.get('/metrics')).text()
    const names = [...own.matchAll(/^# TYPE (sonde_\w+) /gm)].map(match => match[1] ?? '')
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    expect(names.length).toBeGreaterThan(12)
    expect(names.filter(name => !readme.includes(`\`${name}`))).toEqual([])
  })

  test('nothing of it on /probe, nothing of /probe on it', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const probe = await readAnswer(await sonde.get('/probe?target=x'))
    const own = await readAnswer(await sonde.get('/metrics'))
    expect([...probe.names].filter(name => !name.startsWith('probe_'))).toEqual([])
    expect([...own.names].filter(name => name.startsWith('probe_'))).toEqual([])
    expect(own.value('sonde_probes_total', { module: 'http_2xx' })).toBe(1)
    expect(own.value('sonde_probe_duration_seconds_count', { module: 'http_2xx' })).toBe(1)
    expect(own.value('sonde_probe_duration_seconds_bucket', { module: 'http_2xx', le: '30' })).toBe(1)
    expect(own.value('sonde_probe_duration_seconds_sum', { module: 'http_2xx' })).toBeGreaterThan(0)
  })
})

describe('reload', () => {
  test('a good file takes effect; series of modules that are gone go', async () => {
    await using sonde = await startSonde(yaml, { probers })
    await writeFile(sonde.configFile, 'modules: {fresh: {prober: echo}}')
    expect((await sonde.get('/-/reload', { method: 'POST' })).status).toBe(200)
    expect(await (await sonde.get('/')).text()).toMatch(/Configuration of 20\S+Z, 1 modules.<\/p>/)
    expect((await sonde.get('/probe?target=x&module=fresh')).status).toBe(200)
    expect((await sonde.get('/probe?target=x')).status).toBe(400)
    const own = await readAnswer(await sonde.get('/metrics'))
    expect(own.series.filter(({ name }) => name === 'sonde_probes_total').map(({ labels }) => labels.module)).toEqual([
      'fresh',
    ])
  })

  test('a bad file changes nothing, says so, and names every mistake', async () => {
    await using sonde = await startSonde(yaml, { probers })
    await writeFile(sonde.configFile, 'modules: {fresh: {prober: ecko}, b: {prober: echo, timeout: 1}}')
    const response = await sonde.get('/-/reload', { method: 'POST' })
    expect(response.status).toBe(500)
    const text = await response.text()
    expect(text).toContain('did you mean echo?')
    expect(text).toContain('expected a duration')
    expect(text.trim().split('\n')).toHaveLength(1)
    const own = await readAnswer(await sonde.get('/metrics'))
    expect(own.value('sonde_config_last_reload_successful')).toBe(0)
    expect(await (await sonde.get('/')).text()).toMatch(
      /Configuration of 20\S+Z, 3 modules. <span class="failure">It could/,
    )
    expect((await sonde.get('/probe?target=x')).status).toBe(200)
  })

  test('GET is 405 with Allow: POST', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const response = await sonde.get('/-/reload')
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  })

  test('probes in flight keep their snapshot', async () => {
    await using sonde = await startSonde('modules: {m: {prober: slow, timeout: 5s, slow: {takes: 300ms}}}', { probers })
    const running = sonde.get('/probe?target=x&module=m')
    await expect
      .poll(async () => (await readAnswer(await sonde.get('/metrics'))).value('sonde_probes_in_flight'))
      .toBe(1)
    await writeFile(sonde.configFile, 'modules: {other: {prober: echo}}')
    await sonde.get('/-/reload', { method: 'POST' })
    const answer = await readAnswer(await running)
    expect([answer.status, answer.value('probe_success'), answer.value('probe_timeout_seconds')]).toEqual([200, 1, 5])
  })

  test('reloads run one after another: the newest file wins', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const reloads = []
    for (let index = 0; index < 20; index++) {
      await writeFile(`${sonde.configFile}.new`, `modules: {m${index}: {prober: echo}}`)
      await rename(`${sonde.configFile}.new`, sonde.configFile)
      reloads.push(sonde.exporter.reload())
    }
    await Promise.all(reloads)
    expect(await readFile(sonde.configFile, 'utf8')).toContain('m19')
    expect((await sonde.get('/probe?target=x&module=m19')).status).toBe(200)
  })
})

describe('drain', () => {
  const slowly =
    'modules: {m: {prober: slow, slow: {takes: 300ms}}, hangs: {prober: slow, slow: {takes: 1h, stubborn: true}}}'
  const inFlight = async (sonde: Awaited<ReturnType<typeof startSonde>>, count: number) =>
    expect.poll(async () => (await readAnswer(await sonde.get('/metrics'))).value('sonde_probes_in_flight')).toBe(count)

  test('running probes finish, then every connection is closed', async () => {
    await using sonde = await startSonde(slowly, { probers })
    const socket = connect(Number(new URL(sonde.url).port), '127.0.0.1')
    let received = ''
    socket.on('data', data => {
      received += String(data)
    })
    socket.write('GET /probe?target=x&module=m HTTP/1.1\r\nHost: x\r\n\r\n')
    await inFlight(sonde, 1)
    const drained = sonde.drain(5000)
    await once(socket, 'close')
    await drained
    expect(received).toContain('HTTP/1.1 200 OK')
    expect(received).toContain('Connection: close')
    expect(received).toContain('probe_success 1')
    await expect(sonde.get('/-/healthy')).rejects.toThrow()
  })

  test('an idle keep-alive connection does not hold it up', async () => {
    await using sonde = await startSonde(slowly, { probers })
    const socket = connect(Number(new URL(sonde.url).port), '127.0.0.1')
    socket.write('GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n')
    await once(socket, 'data')
    const started = performance.now()
    await sonde.drain(5000)
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test.each([
    ['nothing', ''],
    ['half a header', 'GET /-/ready HTTP/1.1\r\nHos'],
  ])('a connection that sent %s does not hold it up', async (_what, sent) => {
    await using sonde = await startSonde(slowly, { probers })
    const socket = connect(Number(new URL(sonde.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(sent)
    await (await sonde.get('/-/ready')).text()
    const started = performance.now()
    await sonde.drain(10_000)
    expect(performance.now() - started).toBeLessThan(2500)
    socket.destroy()
  })

  test('what still runs after the grace period is aborted: 503, not a verdict on the target', async () => {
    await using sonde = await startSonde(slowly, { probers })
    const running = sonde.get('/probe?target=x&module=hangs')
    await inFlight(sonde, 1)
    await sonde.drain(50)
    expect((await running).status).toBe(503)
  })
})
