import { describe, expect, test } from 'vitest'
import { durationSeconds, sizeBytes } from '../../../../src/probers/api/extract/amount.ts'
import { dateSeconds } from '../../../../src/probers/api/extract/instant.ts'
import { isWithin, parseRange } from '../../../../src/probers/api/extract/range.ts'
import { readNumber } from '../../../../src/probers/api/extract/read-number.ts'
import { toText } from '../../../../src/probers/api/extract/text.ts'
import type { Parse } from '../../../../src/probers/api/options/value.ts'
import { evaluate, nowMs } from './evaluate.ts'

describe('a number is read from', () => {
  test.each<readonly [found: unknown, parse: Parse, number: number | undefined]>([
    [0, 'number', 0],
    [-0.5, 'number', -0.5],
    [true, 'number', 1],
    [false, 'number', 0],
    ['42', 'number', 42],
    [' 42\n', 'number', 42],
    ['-1.5e3', 'number', -1500],
    ['.5', 'number', 0.5],
    ['+7', 'number', 7],
    ['true', 'number', 1],
    ['False', 'number', 0],
    ['', 'number', undefined],
    ['NaN', 'number', undefined],
    ['nan', 'number', undefined],
    ['Infinity', 'number', undefined],
    ['+Inf', 'number', undefined],
    ['1e999', 'number', undefined],
    [Number.POSITIVE_INFINITY, 'number', undefined],
    [Number.NaN, 'number', undefined],
    ['0x10', 'number', undefined],
    ['1,5', 'number', undefined],
    ['1_000', 'number', undefined],
    ['12 apples', 'number', undefined],
    ['9007199254740993', 'number', 9007199254740992],
    [2 ** 64, 'number', 18446744073709552000],
    ['1'.repeat(300), 'number', undefined],
    [{ a: 1 }, 'number', undefined],
    [[1], 'number', undefined],
    [{}, 'number', undefined],
    [null, 'number', undefined],
    ['__proto__', 'bool', undefined],
    ['constructor', 'bool', undefined],
    ['yes', 'bool', 1],
    ['OFF', 'bool', 0],
    ['1', 'bool', 1],
    [2, 'bool', 1],
    [0, 'bool', 0],
    ['maybe', 'bool', undefined],
    ['2', 'bool', undefined],
    ['2026-01-01T00:00:00Z', 'timestamp', 1767225600],
    [1767225600, 'timestamp', 1767225600],
    ['1767225600', 'timestamp', 1767225600],
    [1767225600000, 'timestamp', 1767225600],
    ['soon', 'timestamp', undefined],
    [1657568506, 'unix', 1657568506],
    ['1657568506.5', 'unix', 1657568506.5],
    ['2026-01-01T00:00:00Z', 'unix', undefined],
    [1657568506000, 'unix_ms', 1657568506],
    ['2026-01-01T00:00:00Z', 'age', 86400],
    [nowMs / 1000 - 60, 'age', 60],
    [nowMs - 60_000, 'age', 60],
    ['2026-01-03T00:00:00Z', 'age', -86400],
    ['1h30m', 'duration', 5400],
    [90, 'duration', 90],
    ['90', 'duration', 90],
    ['10 KiB', 'bytes', 10240],
    [512, 'bytes', 512],
    [[], 'bytes', undefined],
  ])('%j as %s: %s', (found, parse, number) => {
    expect(readNumber(found, parse, nowMs)).toBe(number)
  })
})

describe('a date', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['1970-01-01T01:00:00+01:00', 0],
    ['1969-12-31T19:00:00-0500', 0],
    ['1970-01-01 00:00:00', 0],
    ['1970-01-01', 0],
    ['19700101T000000Z', 0],
    ['1970-01-01T00:00', 0],
    ['1970-01-01T00:00:00,25+00', 0.25],
    ['1970-01-01T00:00:00.123456789Z', 0.123456789],
    ['1970-01-01t00:00:00z', 0],
    ['1970-01-01 00:00:00 +0000', 0],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 10],
    ['2024-02-29T00:00:00Z', 1709164800],
    ['2023-02-29T00:00:00Z', undefined],
    ['1970-13-01', undefined],
    ['1970-01-01T25:00:00Z', undefined],
    ['1970-01-01T00:61:00Z', undefined],
    ['1970-01-01T00:00:00+24:00', undefined],
    ['1970-01-01T24:00:00Z', 86400],
    ['1970-01-01T24:00:01Z', undefined],
    ['01.01.1970', undefined],
    ['yesterday', undefined],
    ['', undefined],
  ])('%s', (text, seconds) => {
    expect(dateSeconds(text)).toBe(seconds)
  })
})

describe('a duration', () => {
  test.each([
    ['PT1H30M', 5400],
    ['P1DT2H', 93600],
    ['P2W', 1209600],
    ['-PT5S', -5],
    ['PT0.5S', 0.5],
    ['P', undefined],
    ['P1M', undefined],
    ['1.02:30:00', 95400],
    ['1 day, 2:30:00', 95400],
    ['3 days, 0:00:01.5', 259201.5],
    ['26:30:00', 95400],
    ['-1.02:30:00', -95400],
    ['-1 day, 21:30:00', -9000],
    ['12:60', undefined],
    ['1:00:60', undefined],
    ['2:30', 9000],
    ['1d 2h', 93600],
    ['500ms', 0.5],
    ['5 apples', undefined],
    ['', undefined],
  ])('%s', (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds)
  })
})

describe('a size', () => {
  test.each([
    ['512', 512],
    ['10 kB', 10_000],
    ['10KiB', 10_240],
    ['1.5 MB', 1_500_000],
    ['1G', 1e9],
    ['1Gi', 2 ** 30],
    ['2 bytes', 2],
    ['1 byte', 1],
    ['MB', undefined],
    ['1.2.3MB', undefined],
    ['10 Mbps', undefined],
  ])('%s', (text, bytes) => {
    expect(sizeBytes(text)).toBe(bytes)
  })
})

describe('ranges of Nagios plugins', () => {
  test.each<readonly [range: string, good: readonly number[], bad: readonly number[]]>([
    ['10', [0, 5, 10], [-1, 11]],
    ['10:', [10, 1e9], [9]],
    ['~:10', [-1e9, 10], [11]],
    ['10:20', [10, 20], [9, 21]],
    ['@10:20', [9, 21], [10, 15, 20]],
    ['-5:5', [-5, 0, 5], [-6, 6]],
    ['@5', [-1, 6], [0, 5]],
    ['1.5', [1.5], [1.6]],
  ])('%s', (text, good, bad) => {
    const range = parseRange(text)
    if (range === undefined) throw new Error('no range')
    expect(good.filter(number => !isWithin(range, number))).toEqual([])
    expect(bad.filter(number => isWithin(range, number))).toEqual([])
  })

  test.each(['', '@', 'x', '20:10', '1:2:3', '10:x', '~'])('%s is none', text => {
    expect(parseRange(text)).toBeUndefined()
  })
})

test.each<readonly [value: unknown, text: string]>([
  ['text', 'text'],
  [1655371, '1655371'],
  [1e20, '100000000000000000000'],
  [1e21, '1e+21'],
  [0.1, '0.1'],
  [1e-7, '0.0000001'],
  [-1.25e-10, '-0.000000000125'],
  [-0, '0'],
  [true, 'true'],
  [null, ''],
  [undefined, ''],
  [{ a: [1, 'x', null, true, { b: {} }] }, '{"a":[1,"x",null,true,{"b":{}}]}'],
  [[], '[]'],
])('%j as text: %s', (value, text) => {
  expect(toText(value)).toBe(text)
})

test('what is long or deep is not looked at to its end', () => {
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  expect(toText(deep).length).toBeLessThan(2100)
  expect(toText(Array.from({ length: 1_000_000 }, () => 'xxxxxxxxxx')).length).toBeLessThan(1100)
  expect(toText('x'.repeat(5000)).length).toBe(1025)
})

const one = async (options: string, body: unknown) => {
  const { lines, faults, failures } = await evaluate(`{metrics: [{name: m, ${options}}]}`, JSON.stringify(body))
  return [...lines, ...faults, ...failures]
}

describe('a metric of one document', () => {
  const cases: readonly (readonly [options: string, body: unknown, ...result: string[]])[] = [
    // Where a value comes from
    ['value: 3', {}, 'm 3'],
    ['value: true', {}, 'm 1'],
    ['value: 1.50', {}, 'm 1.5'],
    ['value: {path: $.a, scale: 1e-3, default: 1.0, map: {x: 2.50}}', { a: 'x' }, 'm 2.5'],
    ['value: {path: $.a, scale: 1e-3}', { a: 5 }, 'm 0.005'],
    ['value: $.a', { a: 1 }, 'm 1'],
    ['value: $.a', { a: null }, 'm missing 1'],
    ['value: $.a', {}, 'm missing 1'],
    ['value: $.a', { a: 'x' }, 'm not_a_number 1'],
    ['value: $.a', { a: {} }, 'm not_a_number 1'],
    ['value: {first_of: [$.a, $.b]}', { b: 2 }, 'm 2'],
    ['value: {first_of: [$.a, $.b]}', { a: null, b: 2 }, 'm 2'],
    ['value: {first_of: [$.a, $.b]}', { a: 1, b: 2 }, 'm 1'],
    ['value: {meta: size}', {}, 'm 2'],
    ['value: {meta: status_code}', {}, 'm missing 1'],
    // Reading it
    ['value: {path: $.a, default: 7}', {}, 'm 7'],
    ['value: {path: $.a, default: 7}', { a: null }, 'm 7'],
    ['value: {path: $.a, default: 7}', { a: 'x' }, 'm not_a_number 1'],
    ['value: {path: $.a, map: {UP: 1, DOWN: 0}}', { a: 'UP' }, 'm 1'],
    ['value: {path: $.a, map: {UP: 1, DOWN: false}}', { a: 'DOWN' }, 'm 0'],
    ['value: {path: $.a, map: {UP: 1}}', { a: 'up' }, 'm not_a_number 1'],
    ['value: {path: $.a, map: {UP: 1}, default: -1}', { a: 'up' }, 'm -1'],
    ['value: {path: $.a, map: {UP: 1}}', { a: 5 }, 'm 5'],
    ['value: {path: $.a, map: {"5": 1}}', { a: 5 }, 'm 1'],
    ['value: {path: $.a, map: {UP: 1}}', { a: '__proto__' }, 'm not_a_number 1'],
    ['value: {path: $.a, scale: 0.001}', { a: 90500 }, 'm 90.5'],
    ['value: {path: $.a, scale: 0.1}', { a: 3 }, 'm 0.3'],
    ['value: {path: $.a, scale: 1e300}', { a: 1e300 }, 'm not_a_number 1'],
    ['value: {path: "$.a[*]", agg: sum}', { a: [1.7e308, 1.7e308] }, 'm not_a_number 1'],
    ['value: {path: $.a, scale: 1000}', { a: 1.5 }, 'm 1500'],
    ['value: {path: $.a, scale: 2, default: 7, map: {x: 5}}', { a: 'x' }, 'm 5'],
    ["value: {path: $.a, regex: '([\\d.]+) Mbps', scale: 1000000}", { a: '95.5 Mbps' }, 'm 95500000'],
    ["value: {path: $.a, regex: '\\d+'}", { a: 'load 12 of 20' }, 'm 12'],
    ["value: {path: $.a, regex: '\\d+'}", { a: 'none' }, 'm not_a_number 1'],
    ["value: {path: $.a, regex: '[a-z]+', map: {up: 1}}", { a: '-- up --' }, 'm 1'],
    // Several
    ["value: '$.a[*]'", { a: [4, 5] }, 'm 4'],
    ['value: {path: "$.a[*]", agg: count}', { a: [4, 'x', {}] }, 'm 3'],
    ['value: {path: "$.a[*]", agg: count}', {}, 'm 0'],
    ['value: {path: "$.a[*]", agg: sum}', { a: [4, '5', null] }, 'm 9'],
    ['value: {path: "$.a[*]", agg: min}', { a: [4, 5] }, 'm 4'],
    ['value: {path: "$.a[*]", agg: max}', { a: [4, 5] }, 'm 5'],
    ['value: {path: "$.a[*]", agg: avg}', { a: [4, 5] }, 'm 4.5'],
    ['value: {path: "$.a[*]", agg: sum}', { a: [4, 'x'] }, 'm not_a_number 1'],
    ['value: {path: "$.a[*]", agg: sum}', { a: [] }, 'm missing 1'],
    ['value: {path: "$.a[*]", agg: max, scale: 2}', { a: [4, 5] }, 'm 10'],
    // What is missing
    ['value: $.a, on_missing: zero', {}, 'm 0', 'm missing 1'],
    ['value: $.a, on_missing: nan', {}, 'm NaN', 'm missing 1'],
    ['value: $.a, on_missing: fail', {}, 'm missing 1', 'metric m: a value is missing'],
    ['value: $.a, on_missing: zero', { a: 'x' }, 'm not_a_number 1'],
    ['value: $.a, on_missing: nan', { a: 'x' }, 'm NaN', 'm not_a_number 1'],
    ['value: $.a, on_missing: fail', { a: 'x' }, 'm not_a_number 1', 'metric m: a value is missing'],
    // Items
    ['items: "$[*]", value: .', [1, 2], 'm 1', 'm duplicate 1'],
    ['items: "$[*]", value: ., labels: {i: "{key}"}', [1, 'x', null], 'm{i="0"} 1', 'm not_a_number 1', 'm missing 1'],
    ['items: "$.none[*]", value: .', {}],
    [
      'items: "$[*]", value: ., labels: {i: "{key}"}, max_items: 2',
      [1, 2, 3, 4],
      'm{i="0"} 1',
      'm{i="1"} 2',
      'm limit 2',
    ],
    ['items: "$[*]", value: ., on_duplicate: last', [1, 2], 'm 2', 'm duplicate 1'],
    ['items: "$[*]", value: ., on_duplicate: sum', [1, 2], 'm 3'],
    [
      'items: "$[*]", value: ., on_duplicate: fail',
      [1, 2],
      'm 1',
      'm duplicate 1',
      'metric m: several series have the same labels',
    ],
    [
      "items: ['$.a[*]', '.b[*]'], value: .v, labels: {a: '{^.n}', k: '{^key}'}",
      {
        a: [
          { n: 'x', b: [{ v: 1 }] },
          { n: 'y', b: [{ v: 2 }] },
        ],
      },
      'm{a="x",k="0"} 1',
      'm{a="y",k="1"} 2',
    ],
    [
      "items: {path: $.*, key_regex: 'q(?<n>\\d+)'}, value: ., labels: {n: '{n}'}",
      { q1: 1, q22: 2, xq3: 3 },
      'm{n="1"} 1',
      'm{n="22"} 2',
    ],
    [
      "zip: {n: '$.n[*]', v: '$.v[*]'}, value: '{v}', labels: {n: '{n}'}",
      { n: ['a', 'b'], v: [1] },
      'm{n="a"} 1',
      'm missing 1',
    ],
    [
      "items: $.*, zip: {n: '.n[*]', v: '.v[*]'}, value: '{v}', labels: {n: '{n}', k: '{^key}'}",
      { x: { n: ['a'], v: [1] } },
      'm{k="x",n="a"} 1',
    ],
    // Several values
    ['values: {a: $.a, b: 2}', { a: 1 }, 'm_a 1', 'm_b 2'],
    ['values: {a: $.a, b: $.b}, pivot: p, labels: {x: y}', { a: 1, b: 2 }, 'm{p="a",x="y"} 1', 'm{p="b",x="y"} 2'],
    // States
    ['type: stateset, states: [a, b], value: $.s', { s: 'a' }, 'm{m="a"} 1', 'm{m="b"} 0'],
    ['type: stateset, states: [a, b], value: $.s', { s: 'c' }, 'm{m="a"} 0', 'm{m="b"} 0', 'm unknown_state 1'],
    ['type: stateset, states: [a, b], value: $.s', {}, 'm missing 1'],
    ['type: stateset, states: [a, b], value: $.s, on_missing: zero', {}, 'm{m="a"} 0', 'm{m="b"} 0', 'm missing 1'],
    ['type: stateset, states: [a, b], value: $.s, on_missing: fail', {}, 'm missing 1', 'metric m: a value is missing'],
    ['type: stateset, states: [a, b], value: {path: $.s, default: b}', {}, 'm{m="a"} 0', 'm{m="b"} 1'],
    ['type: stateset, states: [a, b], value: {path: $.s, map: {"1": a, "2": b}}', { s: 2 }, 'm{m="a"} 0', 'm{m="b"} 1'],
    [
      'type: stateset, states: [a, b], value: {path: $.s, map: {x: a}, default: b}',
      { s: 'y' },
      'm{m="a"} 0',
      'm{m="b"} 1',
    ],
    ["type: stateset, states: [a], value: {path: $.s, regex: '^(.)'}", { s: 'abc' }, 'm{m="a"} 1'],
    ["type: stateset, states: [a], value: {path: $.s, regex: '^x'}", { s: 'abc' }, 'm{m="a"} 0', 'm unknown_state 1'],
    ["type: stateset, states: ['true', 'false'], value: $.s", { s: true }, 'm{m="false"} 0', 'm{m="true"} 1'],
    // Info
    ["type: info, labels: {v: '{$.v}'}", { v: '1.2' }, 'm{v="1.2"} 1'],
    // Timestamps
    ['value: 1, timestamp: {path: $.t, parse: unix}', { t: 1657568506 }, 'm 1 1657568506000'],
    ['value: 1, timestamp: {path: $.t, parse: unix_ms}', { t: '1657568506001' }, 'm 1 1657568506001'],
    ['value: 1, timestamp: {path: $.t}', { t: '2026-01-01T00:00:00.5Z' }, 'm 1 1767225600500'],
    ['value: 1, timestamp: {path: $.t}', {}, 'm missing 1'],
    ['value: 1, timestamp: {path: $.t, parse: unix}', { t: 1e18 }, 'm not_a_number 1'],
    ['value: 1, timestamp: {path: $.t}', { t: 'x' }, 'm not_a_number 1'],
  ]
  test.each(cases.map(([options, body, ...result]) => [options, body, result] as const))(
    '%s of %j',
    async (...given) => {
      const [options, body, result] = given
      expect(await one(options, body)).toEqual(result)
    },
  )
})

describe('a label', () => {
  test.each<readonly [label: string, found: unknown, text: string]>([
    ['plain', 1, 'plain'],
    ['8080', 1, '8080'],
    ["'a{$.x}b{$.x}'", 'y', 'ayby'],
    ["'{$.x}'", 1655371, '1655371'],
    ["'{$.x}'", null, ''],
    ["'{$.y}'", 1, ''],
    ["'{$.x}'", { a: [1] }, '{"a":[1]}'],
    ["'{$.x}'", true, 'true'],
    ["'{$.x}'", 'a\nb\u0000c', 'a\ufffdb\ufffdc'],
    ["'{$.x}'", 'ä"\\', 'ä"\\'],
    ["'{$.x}'", '\ud800', '\ufffd'],
    ['{path: $.x, lower: true}', 'UDP', 'udp'],
    ['{path: $.y, default: none}', 1, 'none'],
    ['{path: $.x, default: none}', null, 'none'],
    ['{path: $.x, map: {a: b}}', 'a', 'b'],
    ['{path: $.x, map: {a: b}}', 'c', 'c'],
    ['{path: $.x, map: {a: b}, default: d}', 'c', 'd'],
    ['{path: $.x, map: {a: b}, lower: true}', 'A', 'b'],
    ['{path: $.x, map: {a: b}}', 'constructor', 'constructor'],
    ["{path: $.x, regex: '^v(.*)$'}", 'v1.2', '1.2'],
    ["{path: $.x, regex: '^v(.*)$', default: none}", '1.2', 'none'],
    ["{path: $.x, regex: '\\d+'}", 'a12', '12'],
  ])('%s of %j', async (label, found, text) => {
    const { samples } = await evaluate(
      `{metrics: [{name: m, value: 1, labels: {l: ${label}}}]}`,
      JSON.stringify({ x: found }),
    )
    expect(samples.map(({ labels }) => labels.l)).toEqual([text])
  })

  test('is cut at 1 kB', async () => {
    const { samples } = await evaluate(
      "{metrics: [{name: m, value: 1, labels: {l: '{$.x}'}}]}",
      JSON.stringify({ x: 'y'.repeat(5000) }),
    )
    expect(samples[0]?.labels.l).toBe('y'.repeat(1024))
  })
})

describe('lookups', () => {
  const section = `
requests: {a: {}, b: {}}
lookups: {l: {from: b, items: '$[*]', key: .k, value: .v}}
metrics: [{name: m, from: a, items: '$[*]', value: 1, labels: {id: '{.}', l: {path: ., lookup: l, lower: true, default: none}}}]`

  test('resolve after all answers are there; the first of two rows counts', async () => {
    const b = JSON.stringify([
      { k: 'x', v: 1 },
      { k: 'x', v: 2 },
      { k: null, v: 3 },
      { v: 4 },
      { k: 'y', v: null },
      { k: 7, v: 'seven' },
    ])
    const { lines } = await evaluate(section, { a: '["X", "y", 7]', b })
    expect(lines).toEqual(['m{id="7",l="seven"} 1', 'm{id="X",l="1"} 1', 'm{id="y",l="none"} 1'])
  })

  test.each([['{"a":'], ['{}'], ['[]']])('the table is empty for %s', async b => {
    expect((await evaluate(section, { a: '["x"]', b })).lines).toEqual(['m{id="x",l="none"} 1'])
  })
})
