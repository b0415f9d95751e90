import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createLogger } from '../../src/engine/logger.ts'
import { createHistory } from '../../src/http/history/history.ts'
import { sourceOf } from '../../src/http/history/source.ts'
import { ProbeFailure } from '../../src/kit/failure.ts'
import { gauge } from '../../src/kit/metrics.ts'
import { collectGarbage } from '../support/garbage.ts'
import { echo, keeper, scripted, scripts } from '../support/probers.ts'
import { type SondeOptions, startSonde } from '../support/sonde.ts'

const yaml = `modules:
  http_2xx: {prober: echo}
  scripted: {prober: scripted}
  keeper: {prober: keeper, keeper: {password: hunter2}}
`

scripts.set('bad', () => {
  throw new ProbeFailure('content', 'not what was expected')
})

const start = (options: SondeOptions = {}) => startSonde(yaml, { probers: [echo, scripted, keeper], ...options })
type Sonde = Awaited<ReturnType<typeof start>>

const ask = async (sonde: Sonde, path: string, headers: Record<string, string> = {}) => {
  const response = await sonde.get(path, { headers: { connection: 'close', ...headers } })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

const probeAll = async (sonde: Sonde, ...queries: readonly string[]) => {
  for (const query of queries) await ask(sonde, `/probe?${query}`)
}

const listed = async (sonde: Sonde, query = '') =>
  JSON.parse((await ask(sonde, `/logs?format=json${query}`)).text).probes as readonly {
    readonly id: number
    readonly target: string
    readonly source: string
  }[]

const targets = async (sonde: Sonde, query = '') => (await listed(sonde, query)).map(({ target }) => target).join(' ')

describe('/logs', () => {
  test('lists what was probed, newest first, as text and as JSON', async () => {
    await using sonde = await start()
    await probeAll(sonde, 'target=one', 'module=scripted&target=bad', 'module=nope&target=x', 'target=')
    const { text, type } = await ask(sonde, '/logs')
    expect(type).toBe('text/plain; charset=utf-8')
    expect(text).toMatch(
      /^id=2 time=20\S+Z module=scripted target=bad result=failure reason=content source=cli error="not what was expected" duration_seconds=\S+\nid=1 time=\S+ module=http_2xx target=one result=success source=cli duration_seconds=\S+\n$/,
    )
    const json = await ask(sonde, '/logs?format=json')
    expect(json.type).toBe('application/json; charset=utf-8')
    expect(JSON.parse(json.text)).toMatchObject({
      version: 1,
      probes: [
        { id: 2, module: 'scripted', result: 'failure', reason: 'content', error: 'not what was expected' },
        { id: 1, module: 'http_2xx', result: 'success', durationSeconds: expect.any(Number) },
      ],
    })
  })

  test('filters', async () => {
    await using sonde = await start()
    await probeAll(sonde, 'target=a1', 'target=a2', 'module=scripted&target=bad', 'module=keeper&target=a1')
    await ask(sonde, '/probe?target=b', { 'user-agent': 'Prometheus/2.42.0' })
    for (const [query, expected] of [
      ['&module=http_2xx', 'b a2 a1'],
      ['&result=failure', 'bad'],
      ['&result=success&module=keeper', 'a1'],
      ['&source=prometheus', 'b'],
      ['&limit=2', 'b a1'],
      ['&limit=9&target=a', 'a1 bad a2 a1'],
      ['&limit=9&target=a1&module=http_2xx', 'a1'],
      ['&limit=9&target=c', ''],
    ] as const) {
      expect([query, await targets(sonde, query)]).toEqual([query, expected])
    }
  })

  test.each([
    ['/logs?id=x', 400, 'malformed id: expected a number'],
    ['/logs?id=1&target=x', 400, 'expected id or target, not both'],
    ['/logs?result=maybe', 400, 'malformed result: expected success or failure'],
    ['/logs?source=robot', 400, 'malformed source: expected prometheus or browser or cli'],
    ['/logs?limit=-1', 400, 'malformed limit: expected a number'],
    ['/logs?format=xml', 400, 'malformed format parameter: expected json'],
    ['/?result=maybe', 400, 'malformed result: expected success or failure'],
    ['/logs?id=7&limit=1', 404, 'no such probe in the history'],
    ['/logs?id=7', 404, 'no such probe in the history'],
    ['/logs?target=x', 404, 'no such probe in the history'],
    ['/logs?target=x&module=http_2xx', 404, 'no such probe in the history'],
  ])('%s: %i', async (path, status, line) => {
    await using sonde = await start()
    expect(await ask(sonde, path)).toMatchObject({ status, text: `${line}\n` })
  })

  test('by id: the text that debug=true gives, made only now', async () => {
    await using sonde = await start()
    await probeAll(sonde, 'target=x')
    const { text } = await ask(sonde, '/logs?id=1')
    expect(text).toMatch(
      /^Logs for the probe:\n\d\.\d{6}s level=DEBUG msg="beginning probe" prober=echo [\s\S]*msg="probe succeeded"[\s\S]*\n\n\nMetrics that would have been returned:\n# HELP [\s\S]*probe_success 1\n[\s\S]*\n\n\nModule configuration:\nprober: echo\necho:\n {2}allow: \[\]\n$/,
    )
  })

  test('by target: the newest, of a module or of any, and with a verdict if asked', async () => {
    let round = 0
    scripts.set('turns', ctx => {
      ctx.log.info(`round ${++round}`)
      if (round < 3) throw new ProbeFailure('content', 'not yet')
    })
    await using sonde = await start()
    await probeAll(sonde, ...Array(4).fill('module=scripted&target=turns'), 'target=turns')
    const newest = async (query: string) => (await ask(sonde, `/logs?target=turns${query}`)).text
    expect(await newest('&module=scripted')).toContain('round 4')
    expect(await newest('&module=scripted&result=failure')).toContain('round 2')
    expect(await newest('')).toContain('prober=echo')
    expect(await newest('&module=keeper')).toBe('no such probe in the history\n')
  })

  test('JSON of one probe: the shape of /probe?format=json, with when, who and how', async () => {
    await using sonde = await start()
    await probeAll(sonde, 'module=scripted&target=bad')
    const { version, success, results } = JSON.parse((await ask(sonde, '/logs?id=1&format=json')).text)
    expect([version, success, results.length]).toEqual([1, false, 1])
    expect(results[0]).toMatchObject({
      id: 1,
      time: expect.stringMatching(/^20.*Z$/),
      source: 'cli',
      module: 'scripted',
      target: 'bad',
      success: false,
      error: { reason: 'content', message: 'not what was expected' },
      config: expect.stringContaining('prober: scripted'),
    })
    expect(results[0].logs.at(-1)).toMatchObject({ level: 'info', message: 'probe failed' })
    expect(results[0].metrics).toContainEqual({ name: 'probe_success', labels: {}, value: 0 })
  })

  test('its metrics are those that were answered', async () => {
    const odd = gauge('probe_odd', 'Odd values.', ['text'])
    scripts.set('odd', ctx => {
      ctx.metrics.set(odd, Number.POSITIVE_INFINITY, { text: 'a"b\\n\\,c="d\n}' })
      ctx.metrics.set(odd, Number.NaN, { text: '' })
      ctx.metrics.setAt(odd, 1_700_000_000_000, 1e21, { text: 'then' })
    })
    await using sonde = await start()
    const answer = JSON.parse((await ask(sonde, '/probe?module=scripted&target=odd&format=json')).text)
    const past = JSON.parse((await ask(sonde, '/logs?id=1&format=json')).text)
    const sorted = ({ results }: typeof past) =>
      results[0].metrics.map((sample: object) => JSON.stringify(sample)).sort()
    expect(sorted(past)).toEqual(sorted(answer))
    expect(sorted(past).length).toBeGreaterThan(5)
  })

  test('a reload does not change the past', async () => {
    await using sonde = await start()
    await probeAll(sonde, 'module=scripted&target=bad')
    await sonde.exporter.reload()
    expect((await ask(sonde, '/logs?id=1')).text).toContain('prober: scripted')
  })
})

describe('what is kept', () => {
  test('a target that is asked often evicts nothing of the others; successes evict no failures', async () => {
    await using sonde = await start({ historyLimit: 4 })
    await probeAll(sonde, 'module=scripted&target=bad', 'target=rare', ...Array(20).fill('target=often'))
    expect(await targets(sonde)).toBe('often often often rare bad')
    await probeAll(sonde, ...Array(20).fill('module=scripted&target=none'))
    expect(await targets(sonde, '&result=failure')).toBe('none none none bad')
  })

  test('targets that differ in what is hidden are kept apart', async () => {
    await using sonde = await start({ historyLimit: 2 })
    await probeAll(sonde, 'target=h/?q=1', 'target=h/?q=2')
    const [first, second] = await Promise.all(
      [1, 2].map(async id => (await ask(sonde, `/logs?target=h/?q=${id}&module=http_2xx`)).text),
    )
    expect([first, second]).toEqual([expect.stringContaining('text="h/?q=1"'), expect.stringContaining('h/?q=2')])
  })

  test('64 kB of log of each, the rest is counted', async () => {
    scripts.set('tells', ctx => {
      for (let line = 0; line < 900; line++) ctx.log.debug('line', { number: line, text: 'x'.repeat(1000) })
    })
    await using sonde = await start()
    await probeAll(sonde, 'module=scripted&target=tells')
    const { text } = await ask(sonde, '/logs?id=1')
    expect(text.length).toBeLessThan(66_000)
    expect(text).toMatch(/\n\(\d{3} more lines\)\n/)
  })

  test('16 MB in all', () => {
    const history = createHistory(10_000, Date.now)
    const fields = { text: 'x'.repeat(30_000) }
    const result = { success: true, reason: undefined, message: undefined }
    for (let probe = 0; probe < 1000; probe++) {
      history.add({
        module: { name: 'm' } as never,
        target: String(probe),
        rawTarget: String(probe),
        source: 'cli',
        timeoutMs: 1,
        result: { ...result, success: probe % 2 === 0, durationMs: 1, queuedMs: 0 },
        metrics: '',
        log: { entries: [{ offsetMs: 1, level: 'info', message: '', fields }], omitted: 0 },
      })
    }
    const kept = history.list({ module: '', target: '', result: '', source: '', limit: 10_000 })
    expect(kept.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(16 * 1024 * 1024)
    expect(kept.length).toBeGreaterThan(250)
  })

  test('very many metrics are not kept, and it says so', async () => {
    const numbered = gauge('probe_numbered', 'Very many.', ['number'])
    scripts.set('many', ctx => {
      for (let number = 0; number < 10_000; number++) ctx.metrics.set(numbered, 1, { number: String(number) })
    })
    await using sonde = await start()
    await probeAll(sonde, 'module=scripted&target=many')
    expect((await ask(sonde, '/logs?id=1')).text).toMatch(/\(\d{6} characters of metrics, too many to keep\)/)
  })

  test('what is kept holds on to no body that it is a piece of', async () => {
    const piece = gauge('probe_piece_info', 'A piece.', ['text'])
    scripts.set('pieces', ctx => {
      const body = Buffer.alloc(4_000_000, 'x').toString()
      ctx.metrics.set(piece, 1, { text: body.slice(1, 100) })
      ctx.log.debug('a piece', { text: body.slice(2, 100), lazy: () => body.slice(3, 100) })
      throw new ProbeFailure('content', body.slice(4, 100))
    })
    await using sonde = await start()
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    for (let probe = 0; probe < 50; probe++) await probeAll(sonde, 'module=scripted&target=pieces')
    collectGarbage()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000)
    expect(await listed(sonde)).toHaveLength(50)
  })

  test('a line that is made when it is read is made once, after the probe', async () => {
    let made = 0
    scripts.set('lazy', ctx => ctx.log.debug('made', { text: () => `made ${++made} times` }))
    const quiet = () => createLogger({ level: 'info', format: 'logfmt', write: () => undefined })
    await using sonde = await start({ probeLog: quiet })
    await probeAll(sonde, 'module=scripted&target=lazy')
    for (const _ of [1, 2]) expect((await ask(sonde, '/logs?id=1')).text).toContain('made 1 times')
  })

  test('no secret is in any of it', async () => {
    await using sonde = await start()
    await probeAll(
      sonde,
      'module=keeper&target=x',
      `module=keeper&target=${encodeURIComponent('http://user:s3cret@h/?token=abc')}`,
    )
    const pages = ['/', '/logs', '/logs?format=json', '/logs?id=2', '/logs?id=2&format=json', '/?target=h/?token=abc']
    const texts = await Promise.all(pages.map(async path => (await ask(sonde, path)).text))
    expect(texts.join('')).toContain('http://***@h/?***')
    expect(texts.slice(0, 5).join('')).not.toMatch(/hunter2|s3cret|abc/)
  })

  test('with a limit of 0 there is none, and nothing is made for it', async () => {
    let made = 0
    scripts.set('lazy', ctx => ctx.log.debug('made', { text: () => `${++made}` }))
    const quiet = () => createLogger({ level: 'info', format: 'logfmt', write: () => undefined })
    await using sonde = await start({ historyLimit: 0, probeLog: quiet })
    await probeAll(sonde, 'module=scripted&target=lazy')
    expect(await ask(sonde, '/logs')).toMatchObject({ status: 404 })
    const page = (await ask(sonde, '/')).text
    expect(page).toContain('No history is kept')
    expect([made, page.includes('lazy')]).toEqual([0, false])
  })

  test('a scraper that hung up leaves no entry', async () => {
    scripts.set('hangs', ctx => sleep(60_000, undefined, { signal: ctx.signal }))
    await using sonde = await start()
    await expect(
      sonde.get('/probe?module=scripted&target=hangs', { signal: AbortSignal.timeout(100) }),
    ).rejects.toThrow()
    expect(await listed(sonde)).toEqual([])
  })
})

describe('the landing page', () => {
  test('shows the last probes, escaped, without script', async () => {
    await using sonde = await start()
    await probeAll(sonde, 'target=<script>alert(1)</script>', 'module=scripted&target=bad')
    const response = await sonde.get('/')
    const page = await response.text()
    expect(page).toContain('<td>&lt;script&gt;alert(1)&lt;/script&gt;</td>')
    expect(page).toContain('<td class="failure">failure: content</td>')
    expect(page).toContain('<a href="logs?id=2">')
    expect(page).not.toContain('<script')
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self';/)
    expect(response.headers.get('content-security-policy')).not.toMatch(/script|unsafe/)
    expect((await ask(sonde, '/ui/style.css')).type).toBe('text/css; charset=utf-8')
  })

  test('shows how the last 20 probes of each target went, whatever of them is kept', async () => {
    await using sonde = await start({ historyLimit: 2 })
    await probeAll(sonde, 'target=kept', ...Array(23).fill('module=scripted&target=bad'), 'target=kept')
    const page = (await ask(sonde, '/')).text
    const pulses = page.slice(page.indexOf('The last 20 of each target'))
    expect(pulses).toMatch(
      /kept<\/td>[\s\S]*2 of the last 2 succeeded[\s\S]*bad<\/td>[\s\S]*0 of the last 20 succeeded/,
    )
    expect(pulses.match(/class="bad"/g)).toHaveLength(20)
    await probeAll(sonde, 'target=1', 'target=2', 'target=3')
    expect((await ask(sonde, '/')).text).not.toContain('0 of the last 20')
  })

  test('filters, and shows by what', async () => {
    await using sonde = await start()
    await probeAll(sonde, 'target=one', 'target=two', 'module=scripted&target=bad')
    const page = (await ask(sonde, '/?module=http_2xx&target=%22o&result=success')).text
    expect(page).toContain('value="&quot;o"')
    expect(page).toContain('<option selected>success</option>')
    expect(page).not.toContain('<td>one</td>')
    expect((await ask(sonde, '/?module=http_2xx&target=w')).text).toMatch(/<td>two<\/td>(?![\s\S]*<td>one<\/td>)/)
  })
})

test.each([
  ['Prometheus/2.42.0', 'prometheus'],
  ['Prometheus/3.1.0', 'prometheus'],
  ['vm_promscrape', 'prometheus'],
  ['GrafanaAgent/v0.40', 'prometheus'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'browser'],
  ['curl/8.9.1', 'cli'],
  ['sonde/0.1.0', 'cli'],
  ['not Prometheus', 'cli'],
  [undefined, 'cli'],
])('User-Agent %s is %s', (agent, source) => {
  expect(sourceOf(agent)).toBe(source)
})
