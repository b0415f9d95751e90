import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { Denied, ProbeFailure } from '../../src/kit/failure.ts'
import { gauge } from '../../src/kit/metrics.ts'
import { z } from '../../src/kit/options.ts'
import { definePlanned } from '../../src/kit/prober.ts'
import { probe, readAnswer } from '../support/probe.ts'
import { echo, scripted, scripts, slow } from '../support/probers.ts'
import { type SondeOptions, startSonde } from '../support/sonde.ts'

const planned = definePlanned({
  name: 'later',
  options: z.strictObject({}),
  planned: 'the later prober is not built yet',
})
const probers = [echo, slow, scripted, planned]

const yaml = `
modules:
  http_2xx: {prober: echo, echo: {allow: [flavour]}}
  scripted: {prober: scripted}
  later: {prober: later}
  slow: {prober: slow, slow: {takes: 10s}}
  stubborn: {prober: slow, timeout: 500ms, slow: {takes: 1500ms, stubborn: true}}
  brief: {prober: slow, timeout: 150ms, slow: {takes: 10s}}
  again: {prober: scripted, retries: {attempts: 3, delay: 10ms, on: [connect]}}
  again_timeout: {prober: scripted, timeout: 400ms, retries: {attempts: 2, delay: 0s}}
  again_long: {prober: scripted, timeout: 202ms, retries: {attempts: 10, delay: 50ms, on: [connect]}}
  again_paused: {prober: scripted, timeout: 10s, retries: {attempts: 2, delay: 5s, on: [connect]}}
`

const ask = (query: Record<string, string>, options: SondeOptions & { headers?: Record<string, string> } = {}) =>
  probe(yaml, query, { probers, ...options })

describe('status codes', () => {
  test.each([
    [{ module: 'nope', target: 'x' }, {}, 'Unknown module "nope"'],
    [{ module: 'http_2xx' }, {}, 'Target parameter is missing'],
    [{ target: '' }, {}, 'Target parameter is missing'],
    [{ target: 'x' }, { 'x-prometheus-scrape-timeout-seconds': 'NaN' }, 'malformed X-Prometheus'],
    [{ module: 'later', target: 'x' }, {}, "module 'later' cannot run: the later prober is not built yet"],
  ])('400: %j %j', async (query, headers, text) => {
    const answer = await ask(query as Record<string, string>, { headers: headers as Record<string, string> })
    expect(answer.status).toBe(400)
    expect(answer.text).toContain(text)
    expect(answer.text.trim().split('\n')).toHaveLength(1)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  test('an unknown module comes before a bad header, and that before a missing target', async () => {
    const headers = { 'x-prometheus-scrape-timeout-seconds': 'abc' }
    expect((await ask({ module: 'nope' }, { headers })).text).toContain('Unknown module')
    expect((await ask({ module: 'slow' }, { headers })).text).toContain('Scrape-Timeout')
  })

  test('200 with probe_success 1, and the default module', async () => {
    const answer = await ask({ target: 'a b+c%2F"\\\n' })
    expect(answer.status).toBe(200)
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_echo_info', { text: 'a b+c%2F"\\\n' })).toBe(1)
    expect(answer.value('probe_timeout_seconds')).toBe(119.5)
    expect(answer.names).toEqual(
      new Set(['probe_success', 'probe_duration_seconds', 'probe_timeout_seconds', 'probe_echo_info']),
    )
  })

  test('200 with probe_success 0 and the reason when the target is at fault', async () => {
    const size = gauge('probe_echo_info', 'x', ['text'])
    scripts.set('bad', ctx => {
      ctx.metrics.set(size, 7, { text: 'kept' })
      throw new ProbeFailure('content', 'not what was expected')
    })
    const answer = await ask({ module: 'scripted', target: 'bad' })
    expect(answer.status).toBe(200)
    expect(answer.value('probe_success')).toBe(0)
    expect(answer.value('probe_failure_info', { reason: 'content' })).toBe(1)
    expect(answer.value('probe_echo_info')).toBe(7)
    expect(answer.log).toMatch(/level=INFO .*msg="probe failed".*reason=content/)
  })

  test('403 with one word when the policy refuses the target', async () => {
    scripts.set('denied', () => {
      throw new Denied('address')
    })
    const answer = await ask({ module: 'scripted', target: 'denied' })
    expect([answer.status, answer.text]).toEqual([403, 'target refused by policy: address\n'])
  })

  test('a refusal during the probe is a failed probe, and is counted', async () => {
    scripts.set('hop', () => {
      throw new ProbeFailure('denied', 'redirect refused', { cause: new Denied('redirect') })
    })
    await using sonde = await startSonde(yaml, { probers })
    const answer = await readAnswer(await sonde.get('/probe?module=scripted&target=hop'))
    expect([answer.status, answer.reason]).toEqual([200, 'denied'])
    const own = await readAnswer(await sonde.get('/metrics'))
    expect(own.value('sonde_targets_rejected_total', { reason: 'redirect' })).toBe(1)
  })

  test.each([
    [
      'an unknown error',
      () => {
        throw new Error('secret detail\n  at stack')
      },
    ],
    ['an undeclared label', ctx => ctx.metrics.set(gauge('probe_x', 'x', ['a']), 1, { b: '' } as never)],
    ['a bad name', ctx => ctx.metrics.set(gauge('probe-x', 'x'), 1)],
    [
      'something that is no error',
      () => {
        throw 'text'
      },
    ],
  ] as [string, Parameters<typeof scripts.set>[1]][])(
    '500 for our own bug, one line, no stack: %s',
    async (_name, script) => {
      scripts.set('bug', script)
      const answer = await ask({ module: 'scripted', target: 'bug' })
      expect([answer.status, answer.text]).toEqual([500, 'internal error\n'])
      expect(answer.log).toContain('level=ERROR')
    },
  )

  test('more series than the cap are a failed probe with its verdict', async () => {
    const numbered = gauge('probe_numbered', 'Very many.', ['number'])
    scripts.set('many', ctx => {
      for (let number = 0; number < 30_000; number++) ctx.metrics.set(numbered, 1, { number: String(number) })
    })
    const answer = await ask({ module: 'scripted', target: 'many' })
    expect([answer.status, answer.reason, answer.value('probe_success')]).toEqual([200, 'too_large', 0])
  })

  test.each(['EMFILE', 'ENFILE', 'ENOMEM'])('503 when sonde itself runs out: %s', async code => {
    scripts.set('out', () => {
      throw new ProbeFailure('connect', 'wrapped', { cause: Object.assign(new Error(code), { code }) })
    })
    const answer = await ask({ module: 'scripted', target: 'out' })
    expect(answer.status).toBe(503)
    expect(answer.headers.get('retry-after')).toBe('1')
  })

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('405 for %s, with Allow', async method => {
    await using sonde = await startSonde(yaml, { probers })
    const response = await sonde.get('/probe?target=x', { method })
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('HEAD runs the probe and sends no body', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const response = await sonde.get('/probe?target=x', { method: 'HEAD' })
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(100)
  })
})

describe('parameters', () => {
  test('the first of repeated parameters counts', async () => {
    await using sonde = await startSonde(yaml, { probers })
    const answer = await readAnswer(await sonde.get('/probe?target=one&target=two&module=http_2xx&module=nope'))
    expect(answer.value('probe_echo_info', { text: 'one' })).toBe(1)
  })

  test('declared parameters reach the prober, others are ignored with a warning', async () => {
    const answer = await ask({ target: 'x', flavour: 'sweet', colour: 'red' })
    expect(answer.value('probe_echo_info', { text: 'x|sweet' })).toBe(1)
    expect(answer.log).toMatch(/level=WARN .*names=colour count=1/)
    expect(answer.log).not.toContain('flavour')
  })

  test('however many there are, they are one line', async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`p${index}`, '1']))
    const answer = await ask({ target: 'x', ...many })
    expect(answer.log.match(/ignoring parameters/g)).toHaveLength(1)
    expect(answer.log).toContain('count=1000')
  })

  test.each([
    ['http://user:pass@host/x?token=abc', 'http://***@host/x?***'],
    ['http://user:p@ss@host/x', 'http://***@host/x'],
    ['user:pass@host', '***@host'],
    ['http:/user:pass@host/', '***@host/'],
    ['http://host/#token=abc', 'http://host/#***'],
    ['https://host/@name/x', 'https://host/@name/x'],
    ['host:53', 'host:53'],
    [`http://user:${'pass'.repeat(200)}@host/`, 'http://***@host/'],
    ['http://user:\npass@host/', 'http://***@host/'],
  ])('of %s only %s is logged', async (target, shown) => {
    const answer = await ask({ target })
    expect(answer.log).toContain(` target=${shown} `)
    expect(answer.log).not.toMatch(/pass|p@ss|abc/)
  })

  test('a refused request is logged with what it asked for', async () => {
    const answer = await ask({ module: 'nope', target: 'x?key=1' })
    expect(answer.log).toMatch(/level=INFO msg="refused a request" module=nope target=x\?\*\*\* status=400/)
  })
})

describe('the answer', () => {
  test('has exactly the content type Prometheus needs, no ETag, nothing to cache', async () => {
    const { headers } = await ask({ target: 'x' })
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(headers.get('etag')).toBeNull()
    expect(headers.get('x-powered-by')).toBeNull()
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('vary')).toBe('Accept-Encoding')
  })

  test.each([
    ['gzip', true],
    ['deflate, gzip;q=0.5', true],
    ['*', true],
    ['*;q=0, gzip', true],
    ['gzip;q=0', false],
    ['br', false],
    ['', false],
  ])('Accept-Encoding %j: gzip %s', async (accepted, packed) => {
    await using sonde = await startSonde(yaml, { probers })
    const outgoing = request(`${sonde.url}/probe?target=x`, {
      agent: false,
      headers: { 'accept-encoding': accepted },
    }).end()
    const [response] = await once(outgoing, 'response')
    const body = Buffer.concat(await response.toArray())
    expect(response.headers['content-encoding']).toBe(packed ? 'gzip' : undefined)
    expect((packed ? gunzipSync(body) : body).toString()).toContain('probe_success 1\n')
  })

  test('debug=true has three parts: log, metrics, configuration', async () => {
    const answer = await ask({ target: 'x', debug: 'true' })
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(answer.text).toMatch(
      /^Logs for the probe:\n\d\.\d{6}s level=DEBUG msg="beginning probe" prober=echo [\s\S]*\n\n\nMetrics that would have been returned:\n# HELP [\s\S]*probe_success 1\n[\s\S]*\n\n\nModule configuration:\nprober: echo\necho:\n {2}allow:\n {4}- flavour\n$/,
    )
    expect((await ask({ target: 'x', debug: '1' })).names).toContain('probe_success')
  })
})

describe('aids for people and pipelines', () => {
  test('format=json is the verdict, the metrics and the log as JSON', async () => {
    scripts.set('failing', ctx => {
      ctx.metrics.set(gauge('probe_echo_info', 'x', ['text']), Number.NaN, { text: 'a"b' })
      ctx.log.debug('looked', { at: () => 'it', count: 2 })
      throw new ProbeFailure('content', 'not what was expected')
    })
    const answer = await ask({ module: 'scripted', target: 'failing', format: 'json', debug: 'true' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    const { version, success, results } = JSON.parse(answer.text)
    expect([version, success, results.length]).toEqual([1, false, 1])
    expect(results[0]).toMatchObject({
      module: 'scripted',
      target: 'failing',
      success: false,
      timeoutSeconds: 119.5,
      error: { reason: 'content', message: 'not what was expected' },
    })
    expect(results[0].metrics).toContainEqual({ name: 'probe_echo_info', labels: { text: 'a"b' }, value: 'NaN' })
    expect(results[0].metrics).toContainEqual({ name: 'probe_success', labels: {}, value: 0 })
    expect(results[0].logs).toContainEqual({
      offsetSeconds: expect.any(Number),
      level: 'debug',
      message: 'looked',
      fields: { at: 'it', count: 2 },
    })
    expect(answer.log).not.toContain('ignoring parameters')
  })

  test('format=json is compressed for who takes gzip', async () => {
    const { headers } = await ask({ target: 'x', format: 'json' }, { headers: { 'accept-encoding': 'gzip' } })
    expect([headers.get('content-encoding'), headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding'])
  })

  test.each([
    ['bad', {}, 503],
    ['bad', { format: 'json' }, 503],
    ['bad', { debug: 'true' }, 503],
    ['good', {}, 200],
    ['good', { format: 'json' }, 200],
  ])('fail=status: a probe of %s with %j is %i', async (target, query, status) => {
    scripts.set('good', () => undefined)
    scripts.set('bad', () => {
      throw new ProbeFailure('content', 'no')
    })
    const answer = await ask({ module: 'scripted', target, fail: 'status', ...(query as Record<string, string>) })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('retry-after')).toBeNull()
    expect(answer.text).toContain('probe_success')
  })

  test.each([
    [{ format: 'xml' }, 'malformed format parameter: expected json'],
    [{ fail: 'true' }, 'malformed fail parameter: expected status'],
  ])('%j is 400', async (query, line) => {
    const answer = await ask({ target: 'x', ...(query as Record<string, string>) })
    expect([answer.status, answer.text]).toEqual([400, `${line}\n`])
  })
})

describe('time', () => {
  test('the answer comes at the deadline though the prober ignores its signal; its slot stays taken', async () => {
    await using sonde = await startSonde(yaml, { probers, concurrency: 1, queue: 0 })
    const started = performance.now()
    const answer = await readAnswer(await sonde.get('/probe?module=stubborn&target=x'))
    expect(performance.now() - started).toBeLessThan(1400)
    expect([answer.status, answer.reason]).toEqual([200, 'timeout'])
    expect(answer.value('probe_duration_seconds')).toBeLessThan(1.4)
    expect((await sonde.get('/probe?target=x')).status).toBe(503)
    await expect.poll(async () => (await sonde.get('/probe?target=x')).status, { timeout: 5000 }).toBe(200)
  })

  test('a late prober cannot write into another answer', async () => {
    let wrote = false
    scripts.set('late', async ctx => {
      await sleep(350)
      ctx.metrics.set(gauge('probe_late', 'Too late.'), 1)
      wrote = true
    })
    await using sonde = await startSonde(yaml.replace('{prober: scripted}', '{prober: scripted, timeout: 100ms}'), {
      probers,
    })
    const answer = await readAnswer(await sonde.get('/probe?module=scripted&target=late'))
    expect(answer.names).not.toContain('probe_late')
    await expect.poll(() => wrote).toBe(true)
  })

  test('time in the queue counts against the deadline but is not the duration; then it is 503, not probe_success 0', async () => {
    await using sonde = await startSonde(yaml, { probers, concurrency: 1, queue: 5 })
    const first = sonde.get('/probe?module=stubborn&target=x')
    await expect
      .poll(async () => (await readAnswer(await sonde.get('/metrics'))).value('sonde_probes_in_flight'))
      .toBe(1)
    const waited = await readAnswer(await sonde.get('/probe?module=brief&target=x'))
    expect([waited.status, waited.text]).toEqual([503, 'overloaded: the deadline passed while waiting\n'])
    await first
    const own = await readAnswer(await sonde.get('/metrics'))
    expect(own.value('sonde_probes_shed_total')).toBe(1)
    expect(own.value('sonde_probe_failures_total', { module: 'brief', reason: 'timeout' })).toBe(0)
  })

  test('a target that lost its time to the queue is not judged', async () => {
    const text = 'modules: {m: {prober: slow, timeout: 600ms, slow: {takes: 400ms}}}'
    await using sonde = await startSonde(text, { probers, concurrency: 1, queue: 5 })
    const answers = await Promise.all([1, 2].map(async () => readAnswer(await sonde.get('/probe?module=m&target=x'))))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 503])
    expect(answers.find(({ status }) => status === 200)?.value('probe_success')).toBe(1)
  })

  test('a full queue is 503 with Retry-After; a wrong request is still 400', async () => {
    await using sonde = await startSonde(yaml, { probers, concurrency: 1, queue: 0 })
    const first = sonde.get('/probe?module=stubborn&target=x')
    await expect.poll(async () => (await sonde.get('/probe?target=x')).status).toBe(503)
    expect((await sonde.get('/probe?module=nope&target=x')).status).toBe(400)
    expect((await first).status).toBe(200)
  })

  test('a scraper that hangs up aborts its probe', async () => {
    let reason: unknown
    scripts.set('hang', async ctx => {
      await once(ctx.signal, 'abort')
      reason = ctx.signal.reason
    })
    await using sonde = await startSonde(yaml, { probers })
    const socket = connect(Number(new URL(sonde.url).port), '127.0.0.1')
    socket.write('GET /probe?module=scripted&target=hang HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect
      .poll(async () => (await readAnswer(await sonde.get('/metrics'))).value('sonde_probes_in_flight'))
      .toBe(1)
    socket.destroy()
    await expect.poll(() => (reason as Error | undefined)?.name).toBe('ClientGone')
    await expect
      .poll(async () => (await readAnswer(await sonde.get('/metrics'))).value('sonde_probes_in_flight'))
      .toBe(0)
  })
})

describe('retries', () => {
  test('repeats after the listed reasons, tells how often, and drops the metrics of failed attempts', async () => {
    let tries = 0
    scripts.set('flaky', ctx => {
      tries++
      ctx.metrics.set(gauge(`probe_try_${tries}`, 'Which try.'), tries)
      if (tries < 3) throw new ProbeFailure('connect', 'refused')
    })
    const answer = await ask({ module: 'again', target: 'flaky' })
    expect([answer.value('probe_success'), answer.value('probe_attempts')]).toEqual([1, 3])
    expect([...answer.names].filter(name => name.startsWith('probe_try'))).toEqual(['probe_try_3'])
  })

  test('another reason is not repeated', async () => {
    let tries = 0
    scripts.set('wrong', () => {
      tries++
      throw new ProbeFailure('status', 'no')
    })
    const answer = await ask({ module: 'again', target: 'wrong' })
    expect([answer.value('probe_success'), answer.value('probe_attempts'), tries]).toEqual([0, 1, 1])
  })

  test('after a timeout there is time for another try, inside the one deadline', async () => {
    let tries = 0
    scripts.set('lost', async ctx => {
      if (++tries === 1) await once(ctx.signal, 'abort')
    })
    const answer = await ask({ module: 'again_timeout', target: 'lost' })
    expect([answer.value('probe_success'), answer.value('probe_attempts')]).toEqual([1, 2])
    expect(answer.value('probe_duration_seconds')).toBeLessThan(0.4)
  })

  test('all tries time out by the deadline', async () => {
    scripts.set('dead', ctx => once(ctx.signal, 'abort').then(() => undefined))
    const answer = await ask({ module: 'again_timeout', target: 'dead' })
    expect([answer.reason, answer.value('probe_attempts')]).toEqual(['timeout', 2])
    expect(answer.value('probe_duration_seconds')).toBeLessThan(0.6)
  })

  test('a deadline that passes in the pause leaves the verdict of the try before it', async () => {
    scripts.set('refused', () => {
      throw new ProbeFailure('connect', 'refused')
    })
    await using sonde = await startSonde(yaml, { probers })
    const ask = () => sonde.get('/probe?module=again_long&target=refused').then(response => readAnswer(response))
    const answers = await Promise.all(Array.from({ length: 30 }, ask))
    expect(new Set(answers.map(({ status, reason }) => `${status} ${reason}`))).toEqual(new Set(['200 connect']))
  })

  test('a drain in the pause is 503', async () => {
    scripts.set('refused', () => {
      throw new ProbeFailure('connect', 'refused')
    })
    await using sonde = await startSonde(yaml, { probers })
    const paused = sonde.get('/probe?module=again_paused&target=refused')
    await expect.poll(() => sonde.lines.join('')).toContain('trying again')
    await sonde.drain(0)
    expect((await paused).status).toBe(503)
  })

  test('a module without retries has no probe_attempts', async () => {
    expect((await ask({ target: 'x' })).names).not.toContain('probe_attempts')
  })
})
