import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { merge } from '../../../../src/probers/api/extract/merge.ts'
import { bind, evaluate } from './evaluate.ts'

const section = (onDuplicate: string, maxSeries = 10_000) => `
max_series: ${maxSeries}
requests: {a: {}, b: {}, c: {required: false}}
lookups: {l: {from: c, items: '$[*]', key: .k, value: .v}}
metrics:
  - {name: m, from: b, items: '$[*]', value: .v, labels: {k: {path: .k, lookup: l, default: none}}, on_duplicate: ${onDuplicate}}
  - {name: m, from: a, items: '$[*]', value: .v, labels: {k: {path: .k, lookup: l, default: none}}, on_duplicate: ${onDuplicate}}
  - {name: n, first_of: [{from: c, items: '$[*]', value: .k}, {from: a, value: '$[0].v'}]}
checks: [{name: x, from: a, path: '$[*]', count: {min: 1}}, {name: y, from: b, path: '$[*]', count: {min: 1}}]`

const rows = fc.array(fc.record({ k: fc.integer({ min: 0, max: 5 }), v: fc.integer({ min: 0, max: 9 }) }), {
  maxLength: 12,
})
const answer = fc.oneof({ weight: 5, arbitrary: rows.map(list => JSON.stringify(list)) }, fc.constant('{'))

const policies = ['first', 'last', 'sum', 'fail'] as const
const sections = Object.fromEntries(policies.map(policy => [policy, bind(section(policy))]))
const few = bind(section('first', 3))

describe('what is merged', () => {
  test.each(policies)('does not depend on the order in which answers came (%s)', async policy => {
    const api = sections[policy]!
    const orders = fc.shuffledSubarray(['a', 'b', 'c'], { minLength: 3 })
    await fc.assert(
      fc.asyncProperty(answer, answer, answer, orders, async (a, b, c, order) => {
        const { results, lines: _, faults: __, ...outcome } = await evaluate(api, { a, b, c })
        const other = new Map(order.flatMap(id => (results.has(id) ? [[id, results.get(id)!] as const] : [])))
        expect(merge(api.extraction, other)).toEqual(outcome)
      }),
      { numRuns: 60 },
    )
  })

  test('never has a series twice, and every row is a series, a duplicate, or counted as beyond the limit', async () => {
    await fc.assert(
      fc.asyncProperty(answer, answer, answer, async (a, b, c) => {
        for (const api of [sections.first!, few]) {
          const { samples, errors } = await evaluate(api, { a, b, c })
          const keys = samples.map(({ def, labels }) => JSON.stringify([def.name, labels]))
          expect(new Set(keys).size).toBe(keys.length)
          expect(samples.length).toBeLessThanOrEqual(api.written.max_series)
          const count = (text: string) => (text === '{' ? 0 : (JSON.parse(text) as unknown[]).length)
          const ofM = samples.filter(({ def }) => def.name === 'm').length
          const counted = errors.filter(({ metric }) => metric === 'm').reduce((sum, error) => sum + error.count, 0)
          expect(ofM + counted).toBe(count(a) + count(b))
        }
      }),
      { numRuns: 60 },
    )
  })

  test('a sum is that of all rows', async () => {
    await fc.assert(
      fc.asyncProperty(rows, rows, async (a, b) => {
        const { samples } = await evaluate(sections.sum!, { a: JSON.stringify(a), b: JSON.stringify(b) })
        const total = samples.filter(({ def }) => def.name === 'm').reduce((sum, { value }) => sum + value, 0)
        expect(total).toBe([...a, ...b].reduce((sum, { v }) => sum + v, 0))
      }),
      { numRuns: 40 },
    )
  })
})

const everything = bind(`
lookups: {l: {from: main, items: $.*, key: ., value: .}}
requests: {main: {extract: {x: $.x}, checks: [{path: $.y, exists: true, severity: warning, message: '{$}'}]}}
metrics:
  - {name: a, value: $.x}
  - {name: b, value: {path: $.x, agg: sum, scale: 0.1}}
  - {name: c, items: $.*, value: {path: ., parse: timestamp}, labels: {k: '{key}', v: '{.}', l: {path: ., lookup: l, lower: true}}}
  - {name: d, items: ['$..*', .*], value: {path: ., parse: bytes, default: 1}, labels: {k: '{key}', ek: '{^key}'}, max_items: 20}
  - {name: e, type: stateset, states: [x, 'true', '1'], value: {path: $.x, map: {y: x}}}
  - {name: f, type: info, labels: {all: '{$}'}}
  - {name: g, zip: {p: $.x.*, q: $.y.*}, value: '{q}', labels: {p: '{p}'}, timestamp: {path: '{q}'}}
  - {name: h, items: $.*, value: {path: ., parse: duration, regex: '[0-9].*', map: {'1': 5}}, on_duplicate: sum}
checks:
  - {name: p, path: $.x, parse: age, max: 1h}
  - {name: q, path: $..*, regex: a, quantifier: any}
  - {name: r, path: $.x, range: '@1:5'}`)

const isSoundText = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that there is none
  text.length <= 1024 && !/[\u0000-\u001f]/.test(text) && text.isWellFormed()

test('whatever JSON an answer is, series are sound and of bounded size', async () => {
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 4, noUnicodeString: false }),
    fc.record({ x: fc.jsonValue(), y: fc.jsonValue() }),
    fc.record({ x: fc.string({ unit: 'binary' }), __proto__: fc.constant(null), y: fc.double() }),
  )
  await fc.assert(
    fc.asyncProperty(value, async given => {
      const { samples, checks, results } = await evaluate(everything, JSON.stringify(given) ?? '')
      expect(() => structuredClone(results)).not.toThrow()
      // Thousands of single expectations would take seconds.
      const unsound = samples.filter(
        ({ def, labels, value, atMs }) =>
          Object.keys(labels).join() !== def.labels.join() ||
          !Number.isFinite(value) ||
          !Number.isSafeInteger(atMs ?? 0) ||
          !Object.values(labels).every(isSoundText),
      )
      expect(unsound).toEqual([])
      expect(checks.map(({ name }) => name)).toEqual(['p', 'q', 'r'])
    }),
    { numRuns: 100 },
  )
})

test('whatever octets an answer has, there is a result', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async octets => {
      const { results } = await evaluate(everything, { main: octets })
      expect(['parse', 'too_large', undefined]).toContain(results.get('main')?.fault?.reason)
    }),
    { numRuns: 300 },
  )
})

describe('limits', () => {
  const list = (count: number) => JSON.stringify(Array.from({ length: count }, (_, index) => index))
  const many = `{metrics: [
    {name: m, items: '$[*]', value: ., labels: {i: '{key}'}, max_items: 100000},
    {name: n, items: '$[*]', value: ., labels: {i: '{key}'}}]}`

  test('10,000 series of a probe at most, in the order of the section', async () => {
    const { samples, faults } = await evaluate(many, list(9500))
    expect(samples).toHaveLength(10_000)
    expect(faults).toEqual(['m limit 0', 'n limit 9000'].slice(1))
    expect(samples.filter(({ def }) => def.name === 'n')).toHaveLength(500)
  })

  test('8 MB of text in their labels, so that no answer grows without bound', async () => {
    const section =
      "{metrics: [{name: m, items: '$.list[*]', value: ., max_items: 10000, labels: {i: '{key}', a: '{$.a}', b: '{$.a}'}}]}"
    const body = JSON.stringify({ a: 'a'.repeat(1024), list: Array.from({ length: 6000 }, () => 1) })
    const { samples, faults } = await evaluate(section, body)
    expect(samples.length).toBeGreaterThan(4000)
    expect(samples.length).toBeLessThan(4096)
    expect(faults).toEqual([`m limit ${6000 - samples.length}`])
  })

  test('of all answers together', async () => {
    const section = `{requests: {a: {}, b: {}}, max_series: 10, metrics: [
      {name: m, from: b, items: '$[*]', value: ., labels: {i: '{key}'}},
      {name: n, from: a, items: '$[*]', value: ., labels: {i: '{key}'}}]}`
    const { samples, faults } = await evaluate(section, { a: list(8), b: list(7) })
    expect(samples.map(({ def }) => def.name).join('')).toBe('mmmmmmmnnn')
    expect(faults).toEqual(['n limit 5'])
  })

  test('what is beyond max_items is counted, up to ten times as many', async () => {
    const section = "{metrics: [{name: m, items: '$[*]', value: ., on_duplicate: sum, max_items: 10}]}"
    expect((await evaluate(section, list(25))).faults).toEqual(['m limit 15'])
    expect((await evaluate(section, list(1000))).faults).toEqual(['m limit 90'])
  })

  test('what is extracted is no longer than the head of a request may be', async () => {
    const section = '{requests: {main: {extract: {t: $.t, u: $.u}}}}'
    const t = 't'.repeat(16_384)
    const { results } = await evaluate(section, JSON.stringify({ t, u: `${t}u` }))
    expect(results.get('main')?.extracted).toEqual({ t })
  })
})
