import { describe, expect, test } from 'vitest'
import { ProbeFailure } from '../../src/kit/failure.ts'
import { gauge } from '../../src/kit/metrics.ts'
import { secret, z } from '../../src/kit/options.ts'
import { defineProber } from '../../src/kit/prober.ts'
import { echo, scripted, scripts } from '../support/probers.ts'
import { startSonde } from '../support/sonde.ts'

const phases = gauge('probe_phased_duration_seconds', 'Time by phase.', ['phase'])

const phased = defineProber({
  name: 'phased',
  options: z.strictObject({ password: secret() }),
  metrics: [phases],
  accept: ({ target }) => target,
  async probe(ctx, target) {
    for (const phase of ['transfer', 'connect', 'resolve']) ctx.metrics.set(phases, 0.25, { phase })
    ctx.log.debug('looked at', { target })
    if (target.startsWith('bad')) throw new ProbeFailure('content', 'lacks "<b>"')
  },
})

const yaml = `modules:
  http_2xx: {prober: echo}
  '<i>': {prober: echo}
  phased: {prober: phased, phased: {password: hunter2}}
  scripted: {prober: scripted}
`
const start = (options = {}) => startSonde(yaml, { probers: [echo, phased, scripted], ...options })

const load = async (sonde: Awaited<ReturnType<typeof start>>, query: Record<string, string>) => {
  const response = await sonde.get(`/ui/probe?${new URLSearchParams(query)}`)
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe('/ui/probe', () => {
  test('the verdict with its reason comes first, then the picture, the log, the metrics, the configuration', async () => {
    await using sonde = await start()
    const { status, text } = await load(sonde, { module: 'phased', target: 'bad' })
    expect(status).toBe(200)
    expect(text).toMatch(
      /<h2 class="failure">Failure: content<\/h2>\n<p>lacks &quot;&lt;b&gt;&quot;<\/p>[\s\S]*<svg [\s\S]*<h2>Log<\/h2>\n<pre>0\.\d{6}s level=DEBUG [\s\S]*<h2>Metrics<\/h2>\n<pre># HELP [\s\S]*probe_success 0\n[\s\S]*<summary>Configuration of phased<\/summary><pre>prober: phased/,
    )
    expect((await load(sonde, { module: 'phased', target: 'fine' })).text).toContain('<h2 class="success">Success</h2>')
  })

  test('the picture: a bar for each phase, one after another, in the order in which they happen', async () => {
    await using sonde = await start()
    const { text } = await load(sonde, { module: 'phased', target: 'x' })
    const names = [...text.matchAll(/<text x="0" y="\d+">(\w+)<\/text>/g)].map(match => match[1])
    expect(names).toEqual(['queue', 'resolve', 'connect', 'transfer'])
    const bars = [...text.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)"/g)].map(match =>
      match.slice(1).map(Number),
    )
    for (const [index, [x = 0]] of bars.entries()) {
      const [before = 0, width = 0] = bars[index - 1] ?? [x, 0]
      if (index > 1) expect(x).toBeCloseTo(before + width, 0)
    }
    expect((await load(sonde, { target: 'x' })).text).not.toContain('<svg')
  })

  test('nothing of the target, the answer or the configuration is HTML, and nothing of it is a secret', async () => {
    await using sonde = await start()
    const { text, headers } = await load(sonde, { module: 'phased', target: `bad"'><script>alert(1)</script>` })
    expect(text).toContain('value="bad&quot;&#39;&gt;&lt;script&gt;')
    expect(text).not.toMatch(/<script|hunter2| style=| on\w+=/)
    expect(text).toContain('password: &lt;secret&gt;')
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'self'; [^*]*$/)
    expect(headers.get('content-security-policy')).not.toMatch(/script|unsafe/)
    expect((await load(sonde, { module: '<i>', target: 'x' })).text).toContain('<option selected>&lt;i&gt;</option>')
  })

  test('tells how to do the same in a shell and in Prometheus, quoted', async () => {
    await using sonde = await start()
    const { text } = await load(sonde, { module: 'phased', target: `it's "x"` })
    const shown = text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&')
    expect(shown).toContain(`curl -sS '${sonde.url}/probe?module=phased&target=it%27s+%22x%22&debug=true'`)
    expect(shown).toContain(`sonde probe --module 'phased' -- 'it'\\''s "x"'`)
    expect(shown).toContain(`- targets: ["it's \\"x\\""]\n  labels: {module: "phased"}`)
  })

  test('behind a proxy it names the address that --web.external-url gives', async () => {
    await using sonde = await start({ web: { externalUrl: 'https://mon.example/sonde/', routePrefix: '' } })
    expect((await load(sonde, { target: 'x' })).text).toContain('https://mon.example/sonde/probe?')
  })

  test('it is a probe like any other: counted, kept, refused', async () => {
    await using sonde = await start()
    expect((await load(sonde, { module: 'nope', target: 'x' })).status).toBe(400)
    await load(sonde, { target: 'seen' })
    expect(await (await sonde.get('/logs')).text()).toMatch(/^id=1 \S+ module=http_2xx target=seen result=success /)
    expect(await (await sonde.get('/metrics')).text()).toContain('sonde_probes_total{module="http_2xx"} 1')
    scripts.set('bug', () => {
      throw new Error('secret')
    })
    const bug = await load(sonde, { module: 'scripted', target: 'bug' })
    expect([bug.status, bug.text]).toEqual([500, 'internal error\n'])
    const crossSite = await sonde.get('/ui/probe?target=x', { headers: { 'sec-fetch-site': 'cross-site' } })
    expect(crossSite.status).toBe(403)
    expect((await sonde.get('/ui/probe?target=x', { method: 'POST' })).status).toBe(405)
  })

  test('works without history', async () => {
    await using sonde = await start({ historyLimit: 0 })
    expect((await load(sonde, { module: 'phased', target: 'x' })).text).toContain('looked at')
  })

  test('the landing page leads there, modules grouped by prober', async () => {
    await using sonde = await start()
    const page = await (await sonde.get('/')).text()
    expect(page).toContain('<form action="ui/probe" method="get">')
    expect(page).toMatch(/<optgroup label="echo"><option>&lt;i&gt;<\/option><option>http_2xx<\/option><\/optgroup>/)
  })
})
