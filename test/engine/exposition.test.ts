import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { render } from '../../src/engine/exposition.ts'
import { ProbeMetrics } from '../../src/engine/probe-metrics.ts'
import { ProbeFailure } from '../../src/kit/failure.ts'
import { gauge } from '../../src/kit/metrics.ts'
import { parseExposition } from '../support/exposition.ts'

const pair = gauge('probe_pair', 'Two labels.', ['b', 'a'])
const plain = gauge('probe_plain', 'A "help" with \\ and\nnewline.')

async function textOf(write: (metrics: ProbeMetrics) => void): Promise<string> {
  const metrics = new ProbeMetrics()
  write(metrics)
  return render(metrics.seal())
}

describe('render', () => {
  test('families and labels by name, HELP and TYPE once, values as numbers', async () => {
    const text = await textOf(metrics => {
      metrics.set(plain, true)
      metrics.set(pair, 2, { b: 'x', a: 'z' })
      metrics.set(pair, 1.5e300, { b: 'w', a: 'z' })
      metrics.set(pair, 3, { b: 'x', a: 'z' })
    })
    expect(text).toBe(
      '# HELP probe_pair Two labels.\n# TYPE probe_pair gauge\nprobe_pair{a="z",b="w"} 1.5e+300\nprobe_pair{a="z",b="x"} 3\n' +
        '# HELP probe_plain A "help" with \\\\ and\\nnewline.\n# TYPE probe_plain gauge\nprobe_plain 1\n',
    )
  })

  test('label sets that look alike when joined stay two series', async () => {
    const text = await textOf(metrics => {
      metrics.set(pair, 1, { a: '1,b:2', b: '3' })
      metrics.set(pair, 2, { a: '1', b: '2,b:3' })
    })
    expect(parseExposition(text)).toHaveLength(2)
  })

  test('whatever the label values are, they come back through a parser', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' })), { selector: String }),
        async values => {
          const wanted = values.map(([a, b]) => [a, b.toWellFormed()] as const)
          const text = await textOf(metrics => {
            for (const [a, b] of wanted) metrics.set(pair, 1, { a, b })
          })
          const seen = parseExposition(text).map(({ labels }) => JSON.stringify([labels.a, labels.b]))
          expect(new Set(seen)).toEqual(new Set(wanted.map(labels => JSON.stringify(labels))))
        },
      ),
    )
  })

  test.each([
    [Number.NaN, 'Nan'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [4_294_967_295, '4294967295'],
  ])('%s is printed %s', async (value, text) => {
    expect(await textOf(metrics => metrics.set(plain, value))).toContain(`probe_plain ${text}\n`)
  })
})

describe('what the library cannot print', () => {
  const dated = { ...gauge('app_dated', 'Says "when"\\\nit was.', ['b', 'a']), type: 'counter' as const }

  test('a family with sample timestamps looks like any other, and comes last', async () => {
    const write = (metrics: ProbeMetrics) => {
      metrics.setAt(dated, 1_657_568_506_000, 2, { b: 'x\n"y"\\', a: 'z' })
      metrics.set(dated, Number.POSITIVE_INFINITY, { b: 'w', a: 'z' })
      metrics.set(plain, 1)
    }
    const text = await textOf(write)
    expect(text).toBe(
      '# HELP probe_plain A "help" with \\\\ and\\nnewline.\n# TYPE probe_plain gauge\nprobe_plain 1\n' +
        '# HELP app_dated Says "when"\\\\\\nit was.\n# TYPE app_dated counter\n' +
        'app_dated{a="z",b="w"} +Inf\napp_dated{a="z",b="x\\n\\"y\\"\\\\"} 2 1657568506000\n',
    )
    expect(parseExposition(text).map(({ atMs }) => atMs)).toEqual([undefined, undefined, 1_657_568_506_000])
  })

  test('it differs from what the library prints in the timestamp alone', async () => {
    const values = [0, -1.5, 1e21, 5e-324, Number.NEGATIVE_INFINITY, Number.MAX_SAFE_INTEGER]
    const lines = async (write: (metrics: ProbeMetrics, value: number) => void) =>
      (await textOf(metrics => void values.map(value => write(metrics, value)))).split('\n')
    const labels = (value: number) => ({ a: String(value), b: 'é\\"\n' })
    const [own, library] = await Promise.all([
      lines((metrics, value) => metrics.setAt(pair, 5, value, labels(value))),
      lines((metrics, value) => metrics.set(pair, value, labels(value))),
    ])
    expect(own.map(line => (line.startsWith('#') ? line : line.replace(/ 5$/, '')))).toEqual(library)
  })

  test('a family of very many series looks like any other, and others have their turn meanwhile', async () => {
    const lines = async (count: number) => {
      const text = await textOf(metrics => {
        for (let n = 0; n < count; n++) metrics.set(pair, n / 4, { a: `${n}`.padStart(5, '0'), b: 'é\\"\n' })
      })
      return text.split('\n')
    }
    let turns = 0
    let isOn = true
    const count = () => {
      turns++
      if (isOn) setImmediate(count)
    }
    setImmediate(count)
    const many = await lines(20_000)
    isOn = false
    expect(many).toHaveLength(20_003)
    expect(many.slice(0, 900)).toEqual((await lines(1000)).slice(0, 900))
    expect(turns).toBeGreaterThan(0)
  })

  test.each(['constructor', 'toString', 'valueOf'])('a metric called %s', async name => {
    const text = await textOf(metrics => metrics.set(gauge(name, 'Whatever a module calls it.'), 1))
    expect(parseExposition(text)).toEqual([{ name, labels: {}, value: 1 }])
  })

  test('without any metric there is no line', async () => {
    expect(await render([])).toBe('')
  })
})

describe('ProbeMetrics', () => {
  test.each([
    ['a missing label', (metrics: ProbeMetrics) => metrics.set(pair, 1, { a: 'x' })],
    ['an unknown label', (metrics: ProbeMetrics) => metrics.set(plain, 1, { a: 'x' })],
    ['undefined as a label', (metrics: ProbeMetrics) => metrics.set(pair, 1, { a: 'x', b: undefined } as never)],
    ['a bad name', (metrics: ProbeMetrics) => metrics.set(gauge('probe:x', 'x'), 1)],
    [
      'a bad label name',
      (metrics: ProbeMetrics) => metrics.set(gauge('probe_x', 'x', ['__name__']), 1, { __name__: 'x' }),
    ],
    [
      'two definitions of one name',
      (metrics: ProbeMetrics) => {
        metrics.set(plain, 1)
        metrics.set(gauge('probe_plain', 'Another.'), 1)
      },
    ],
  ])('%s throws', (_name, write) => {
    expect(() => write(new ProbeMetrics())).toThrow(Error)
  })

  test('too many series are a failed probe, not a full memory', () => {
    const metrics = new ProbeMetrics()
    expect(() => {
      for (let index = 0; index < 30_000; index++) metrics.set(pair, 1, { a: String(index), b: '' })
    }).toThrow(ProbeFailure)
  })

  test('after the seal nothing changes', () => {
    const metrics = new ProbeMetrics()
    metrics.set(plain, 1)
    const families = metrics.seal()
    metrics.set(plain, 2)
    metrics.set(pair, 1, { a: '', b: '' })
    expect(families).toHaveLength(1)
    expect(families[0]?.samples[0]?.value).toBe(1)
  })
})
