import { describe, expect, test } from 'vitest'
import { DeadlineExceeded } from '../../../../src/kit/failure.ts'
import type { Answer } from '../../../../src/probers/api/extract/answer.ts'
import { readDocument } from '../../../../src/probers/api/extract/read-document.ts'
import { bestOf } from '../../../support/best-of.ts'
import { collectGarbage } from '../../../support/garbage.ts'
import { mainThreadMs, watchLoop } from '../../../support/loop.ts'
import { bigJson, bigXml, jsonSection, xmlSection } from './big.ts'
import { answerOf, bind } from './evaluate.ts'

const never = new AbortController().signal

function prepared(yaml: string, body: Uint8Array) {
  const api = bind(yaml)
  const plan = api.extraction.documents.get('main')
  if (plan === undefined) throw new Error('nothing is planned')
  const answer = (): Answer => answerOf(api, 'main', body.slice())
  const inline = () => plan.compiled.get(answer().format)?.read(answer())
  return { plan, answer, inline }
}

const cases = [
  ['JSON of 10 MB', jsonSection, bigJson(105_000)],
  ['XML of 5 MB', xmlSection, bigXml(13_000)],
] as const

// Threads load the sources by themselves, which takes seconds on a busy machine.
describe.each(cases)('%s', { timeout: 60_000 }, (_title, yaml, body) => {
  test('gives in a thread what it gives without, and is handed over', async () => {
    const { plan, answer, inline } = prepared(yaml, body)
    const given = answer()
    const result = await readDocument(plan, given, never)
    expect(given.octets.length).toBe(0)
    expect(result).toEqual(inline())
    expect(result.entries.map(({ rows }) => rows.length)).toEqual([1, 1, 1000])
    expect(result.entries[2]?.counts.limit).toBeGreaterThan(1000)
  })

  test('holds the main thread at no time for long, so that others are not held up', async () => {
    const { plan, answer } = prepared(yaml, body)
    await bestOf(5, 50, async () => {
      const given = answer()
      collectGarbage() // that of the tests before is not what reading in a thread costs
      const loop = watchLoop(() => mainThreadMs())
      await readDocument(plan, given, never)
      return loop.end()
    })
  })

  test('is given up at the deadline', async () => {
    const { plan, answer } = prepared(yaml, body)
    const controller = new AbortController()
    const given = answer()
    const reading = readDocument(plan, given, controller.signal)
    setTimeout(() => controller.abort(new DeadlineExceeded()), 20)
    const startedMs = performance.now()
    await expect(reading).rejects.toBeInstanceOf(DeadlineExceeded)
    expect(performance.now() - startedMs).toBeLessThan(1000)
  })
})

test('105,000 items take at most half as long again as JSON.parse alone', async () => {
  const { answer, inline } = prepared(jsonSection, cases[0][2])
  const text = new TextDecoder().decode(answer().octets)
  const took = (work: () => unknown) => {
    const beforeMs = mainThreadMs()
    work()
    return mainThreadMs() - beforeMs
  }
  await bestOf(8, 1.5, () => {
    const parsingMs = took(() => JSON.parse(text))
    return took(inline) / parsingMs
  })
})

test('what is small is read at once, and is not handed over', async () => {
  const { plan, answer } = prepared(jsonSection, bigJson(10))
  const given = answer()
  const reading = readDocument(plan, given, never)
  expect(given.octets.length).toBeGreaterThan(0)
  expect((await reading).entries[2]?.rows).toHaveLength(10)
})

test('a part of a larger buffer is copied, and the rest stays', async () => {
  const { plan } = prepared(jsonSection, bigJson(10))
  const body = bigJson(20_000)
  const larger = new Uint8Array(body.length + 10)
  larger.set(body, 5)
  const octets = larger.subarray(5, body.length + 5)
  const result = await readDocument(plan, { octets, format: 'json', meta: {}, nowMs: 0 }, never)
  expect(result.entries[2]?.rows).toHaveLength(1000)
  expect(larger.length).toBe(body.length + 10)
})

test.each([
  [
    'a text',
    "{format: text, metrics: [{name: m, value: {path: '(a*)*c|(.*)*b', agg: count}}]}",
    `${'a'.repeat(30_000)}b`,
  ],
  [
    'keys',
    "{metrics: [{name: m, items: {path: '$.*', key_regex: '(a*)*c|(.*)*b'}, value: .}]}",
    `{"${'a'.repeat(30_000)}b": 1}`,
  ],
])('what costs much goes to a thread, however small it is: %s', async (_what, yaml, text) => {
  const { plan, answer } = prepared(yaml, new TextEncoder().encode(text))
  const given = answer()
  await readDocument(plan, given, never)
  expect(given.octets.length).toBe(0)
})

test.each([
  ['items', '{metrics: [{name: m, items: "$.list[*]", value: .v, labels: {k: "{.k}"}}]}'],
  ['items of XML', '{format: xml, metrics: [{name: m, items: /list/item, value: v, labels: {k: "{@k}"}}]}'],
  ['lists', '{metrics: [{name: m, zip: {k: "$.k[*]", v: "$.v[*]"}, value: "{v}", labels: {k: "{k}"}}]}'],
  ['a lookup', '{lookups: {l: {from: main, items: "$.list[*]", key: .k, value: .v}}}'],
])('a few kilobytes with %s are read at once', async (_what, yaml) => {
  const { plan, answer } = prepared(yaml, new TextEncoder().encode(' '.repeat(5000)))
  const given = answer()
  await readDocument(plan, given, never)
  expect(given.octets.length).toBe(5000)
})

test.each([
  ['{"a": ', 'parse'],
  ['[', 'parse'],
])('a large body that is no JSON, %j, is a fault', async (start, reason) => {
  const { plan, answer } = prepared(jsonSection, new TextEncoder().encode(start + ' '.repeat(2 ** 20)))
  expect((await readDocument(plan, answer(), never)).fault?.reason).toBe(reason)
})

test('a body of a format that the queries are not for', async () => {
  const { plan } = prepared('{format: auto, metrics: [{name: m, value: $.a}]}', new Uint8Array())
  const xml = await readDocument(plan, { octets: new Uint8Array(), format: 'xml', meta: {}, nowMs: 0 }, never)
  expect(xml.fault).toEqual({ reason: 'parse', message: 'the body is xml, which the queries are not for' })
})
