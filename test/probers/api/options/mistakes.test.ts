import { describe, expect, test } from 'vitest'
import { metricWarnings } from '../../../../src/probers/api/options/metric-rules.ts'
import { bind, mistakes } from '../extract/evaluate.ts'

const metric = (options: string) => `{metrics: [{name: m, ${options}}]}`
const check = (options: string) => `{checks: [{name: c, ${options}}]}`
const requests = 'requests: {a: {}, b: {}}'

describe('what is refused, and where', () => {
  test.each<readonly [yaml: string, ...mistakes: string[]]>([
    // Values
    [metric(''), 'metrics.0: expected value or values'],
    [metric('value: $.a, values: {b: $.b}'), 'metrics.0.values: excludes value'],
    [metric('values: {}'), 'metrics.0.values: expected a value'],
    [metric('value: $.a, pivot: p'), 'metrics.0.pivot: needs values'],
    [metric('value: {path: $.a, meta: size}'), 'metrics.0.value.meta: excludes path'],
    [metric('value: {parse: unix}'), 'metrics.0.value: expected path, first_of or meta'],
    [
      metric('value: {meta: sizes}'),
      'metrics.0.value.meta: expected status_code, duration, size, tls_not_after or header:NAME',
    ],
    [
      metric('value: {path: $.a, map: {UP: up}, default: none}'),
      'metrics.0.value.map.UP: expected a number',
      'metrics.0.value.default: expected a number',
    ],
    [metric('values: {a: {path: $.a, map: {UP: up}}}'), 'metrics.0.values.a.map.UP: expected a number'],
    [
      metric('value: {path: $.a, agg: count, map: {a: 1}, parse: bool}'),
      'metrics.0.value.map: has no meaning for a count',
      'metrics.0.value.parse: has no meaning for a count',
    ],
    [metric("value: {path: $.a, regex: '('}"), 'metrics.0.value.regex: bad regular expression: missing closing ): `(`'],
    [metric('value: ""'), 'metrics.0.value: expected a query'],
    [metric('value: {path: $.a, scale: 0.0}'), 'metrics.0.value.scale: expected another factor than 0'],
    [metric('values: {"": 1}'), 'metrics.0.values.: expected a name'],
    [
      '{format: text, metrics: [{name: m, value: $.a}]}',
      'metrics.0.value: bad query, at column 1: $ is the end of the text here, after which nothing comes: a JSONPath needs format: json',
    ],
    // Types
    [metric('value: $.a, states: [x]'), 'metrics.0.states: needs type: stateset'],
    [metric('type: stateset, value: $.a'), 'metrics.0: a stateset needs states'],
    [metric('type: stateset, states: [a, a], value: $.a'), 'metrics.0.states: a state stands twice'],
    [
      metric('type: stateset, states: [a], values: {x: $.a}'),
      'metrics.0: a stateset needs value',
      'metrics.0.values: has no meaning for a stateset',
    ],
    [
      metric('type: stateset, states: [a], value: {path: $.a, scale: 2, agg: sum, parse: bool}'),
      'metrics.0.value.parse: has no meaning for a state',
      'metrics.0.value.scale: has no meaning for a state',
      'metrics.0.value.agg: has no meaning for a state',
    ],
    [
      metric('type: stateset, states: [a], value: $.a, labels: {m: x}'),
      'metrics.0.labels.m: the states make this label',
    ],
    [
      metric('type: info, value: $.a, on_missing: zero'),
      'metrics.0.value: an info has no value but 1',
      'metrics.0.on_missing: an info has no value but 1',
    ],
    [metric('type: histogram, value: $.a'), 'metrics.0.type: expected one of gauge, counter, untyped, stateset, info'],
    // Labels
    [
      metric('value: 1, labels: {le: x, quantile: y}'),
      'metrics.0.labels.le: the label le belongs to histograms and summaries',
      'metrics.0.labels.quantile: the label quantile belongs to histograms and summaries',
    ],
    [metric('values: {a: 1}, pivot: le'), 'metrics.0.pivot: the label le belongs to histograms and summaries'],
    [metric('values: {a: 1}, pivot: a-b'), 'metrics.0.pivot: expected a label name'],
    [metric('values: {a: 1}, pivot: p, labels: {p: x}'), 'metrics.0.labels.p: pivot makes this label'],
    [
      metric('value: 1, labels: {a: {path: $.a, lookup: l}}'),
      'metrics.0.labels.a.lookup: there is no such entry under lookups: l',
    ],
    // Names
    [
      `{metrics: [{name: a-b, value: 1}]}`,
      "metrics.0.name: expected a metric name, such as app_requests: 'a-b' is none",
    ],
    [
      `{metrics: [{name: probe_success, value: 1}]}`,
      "metrics.0.name: names that begin with probe_ are sonde's own: probe_success",
    ],
    [metric('values: {a-b: 1}'), "metrics.0.values.a-b: expected a metric name, such as app_requests: 'm_a-b' is none"],
    [
      '{metrics: [{name: m, value: 1}, {name: m, value: 2, type: gauge}]}',
      'metrics.1.name: the metric m has another type already: untyped',
    ],
    [
      '{metrics: [{name: m, value: 1, labels: {a: x}}, {name: m, value: 2}]}',
      'metrics.1.name: the metric m has other labels already: a, not none',
    ],
    [
      '{metrics: [{name: m, value: 1, help: a}, {name: m, value: 2, help: b}]}',
      'metrics.1.name: the metric m has another help text already',
    ],
    [
      '{metrics: [{name: m, values: {a: 1}}, {name: m_a, value: 2, type: gauge}]}',
      'metrics.1.name: the metric m_a has another type already: untyped',
    ],
    [
      metric('values: {a: {path: $.a, type: gauge}, b: {path: $.b, type: counter}}, pivot: p'),
      'metrics.0.values.b: the metric m has another type already: gauge',
    ],
    // Variants
    [
      metric('first_of: [{value: 1, labels: {a: x}}, {value: 2}]'),
      'metrics.0.name: the metric m has other labels already: a, not none',
    ],
    [
      metric('first_of: [{labels: {a: x}}, {value: 2, labels: {a: y}}]'),
      'metrics.0.first_of.0: expected value or values',
    ],
    [
      `{${requests}, metrics: [{name: m, first_of: [{from: a, value: 1}, {from: c, value: 2}]}]}`,
      'metrics.0.first_of.1.from: there is no such entry under requests: c',
    ],
    [
      metric('value: $.a, labels: {a: x}, first_of: [{value: 1, labels: {a: y}}, {values: {c: 2}, labels: {a: z}}]'),
      'metrics.0.value: has no meaning where every variant has its own',
      'metrics.0.labels.a: has no meaning where every variant has its own',
    ],
    [
      `{${requests}, metrics: [{name: m, from: a, value: 1, first_of: [{from: a}, {from: b, value: 2}]}]}`,
      'metrics.0.from: has no meaning where every variant has its own',
    ],
    // Items
    [metric('zip: {}, value: 1'), 'metrics.0.zip: expected a list'],
    [metric('items: {key_regex: a}, value: 1'), 'metrics.0.items: expected path or regex'],
    [metric('items: {path: $.a, regex: b}, value: 1'), 'metrics.0.items.regex: excludes path'],
    [metric('items: {regex: b, key_regex: c}, value: 1'), 'metrics.0.items.key_regex: needs path'],
    [metric('zip: {a-b: $.a}, value: 1'), 'metrics.0.zip.a-b: expected a name of letters, digits and _'],
    [
      metric("items: {path: $.a, key_regex: '('}, value: 1"),
      'metrics.0.items.key_regex: bad regular expression: missing closing ): `(`',
    ],
    [
      metric("items: [$.a, {regex: '['}], value: 1"),
      'metrics.0.items.1.regex: bad regular expression: missing closing ]: `[`',
    ],
    // Requests that are named
    [metric('from: x, value: 1'), 'metrics.0.from: there is no such entry under requests: x'],
    [
      '{lookups: {l: {from: x, items: $.a, key: .a, value: .b}}}',
      'lookups.l.from: there is no such entry under requests: x',
    ],
    [check('from: x, path: $.a, exists: true'), 'checks.0.from: there is no such entry under requests: x'],
    // Checks
    [check('equals: 1'), 'checks.0: expected path or meta'],
    [check('path: $.a, meta: size, equals: 1'), 'checks.0.meta: excludes path'],
    [check('path: $.a'), 'checks.0: expected one of equals, in, not_in, regex, min, max, range, exists, count'],
    [check('path: $.a, exists: false, equals: 1'), 'checks.0.exists: nothing else can be checked of nothing'],
    [
      check('path: $.a, quantifier: any, count: {min: 1}'),
      'checks.0.quantifier: needs one of equals, in, not_in, regex, min, max, range',
    ],
    [check('path: $.a, parse: age, equals: x'), 'checks.0.parse: there is no number to compare with'],
    [check('path: $.a, min: 2, max: 1'), 'checks.0.min: min is above max'],
    [check('path: $.a, min: 1.50, max: 1.20'), 'checks.0.min: min is above max'],
    [check('path: $.a, parse: age, min: 2h, max: 90m'), 'checks.0.min: min is above max'],
    [check('path: $.a, count: {}'), 'checks.0.count: expected min or max'],
    [check('path: $.a, count: {min: 2, max: 1}'), 'checks.0.count.min: min is above max'],
    [check('path: $.a, max: 5s'), 'checks.0.max: expected a number'],
    [
      check('path: $.a, parse: age, max: soon'),
      'checks.0.max: expected a number of seconds or a duration such as 500ms, 5s or 1m',
    ],
    [check("path: $.a, range: '20:10'"), 'checks.0.range: expected a range such as 10, 10:, ~:10, 10:20 or @10:20'],
    [check("path: $.a, regex: '['"), 'checks.0.regex: bad regular expression: missing closing ]: `[`'],
    [
      '{checks: [{name: c, path: $.a, exists: true}, {name: c, path: $.b, exists: true}]}',
      'checks.1.name: there is a check of this name already',
    ],
    [
      '{requests: {a: {checks: [{path: $.a}]}}}',
      'requests.a.checks.0: expected one of equals, in, not_in, regex, min, max, range, exists, count',
    ],
  ])('%s', (yaml, ...expected) => {
    expect(mistakes(yaml)).toEqual(expected)
  })
})

describe('queries are compiled at load', () => {
  test.each([
    [metric("value: '$.a['"), 'metrics.0.value'],
    [metric("value: {path: '$.a['}"), 'metrics.0.value.path'],
    [metric("value: {first_of: [$.a, '$.b[']}"), 'metrics.0.value.first_of.1'],
    [metric("values: {a: '$.a['}"), 'metrics.0.values.a'],
    [metric("items: ['$.a[*]', '.b['], value: ."), 'metrics.0.items.1'],
    [metric("zip: {a: '$.a['}, value: '{a}'"), 'metrics.0.zip.a'],
    [metric("value: 1, labels: {a: 'x {$.a[} y'}"), 'metrics.0.labels.a'],
    [metric("value: 1, labels: {a: {path: '$.a['}}"), 'metrics.0.labels.a.path'],
    [metric("value: 1, timestamp: {path: '$.a['}"), 'metrics.0.timestamp.path'],
    [metric("first_of: [{value: '$.a['}]"), 'metrics.0.first_of.0.value'],
    ["{requests: {main: {}}, lookups: {l: {from: main, items: '$.a[', key: .a, value: .b}}}", 'lookups.l.items'],
    ["{requests: {main: {}}, lookups: {l: {from: main, items: '$.a[*]', key: '.a[', value: .b}}}", 'lookups.l.key'],
    ["{requests: {main: {extract: {a: '$.a['}}}}", 'requests.main.extract.a'],
    [check("path: '$.a[', exists: true"), 'checks.0.path'],
    [check("path: $.a, exists: true, message: 'x {$.a[}'"), 'checks.0.message'],
    ["{requests: {main: {checks: [{path: '$.a[', exists: true}]}}}", 'requests.main.checks.0.path'],
    ['{format: xml, metrics: [{name: m, value: "a["}]}', 'metrics.0.value'],
    ['{format: auto, metrics: [{name: m, value: "("}]}', 'metrics.0.value'],
  ])('%s', (yaml, path) => {
    const found = mistakes(yaml)
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/: bad query, at column \d+: /)
    expect(found[0]).toContain(`${path}: `)
  })
})

test.each([
  [metric('value: 1, labels: {job: x, a: y}'), ['metrics: the label job of m becomes exported_job in Prometheus']],
  ['{metrics: [{name: up, value: 1}]}', ['metrics: Prometheus has a metric up of its own for every target']],
  [metric('values: {a: 1}, pivot: module'), ['metrics: the label module of m becomes exported_module in Prometheus']],
  [metric('type: counter, value: 1'), ['metrics: the name of a counter ends in _total: m']],
  [
    metric('values: {a: {path: $.a, type: counter}, b_total: {path: $.b, type: counter}}'),
    ['metrics: the name of a counter ends in _total: m_a'],
  ],
  [metric('type: counter, values: {a: 1}, pivot: p'), ['metrics: the name of a counter ends in _total: m']],
  [metric('value: 1'), []],
])('an operator is told: %s', (yaml, warnings) => {
  expect(metricWarnings(bind(yaml).extraction.families)).toEqual(warnings)
})

test('several entries add to one metric when they agree on what it is', () => {
  const { extraction } = bind(
    '{metrics: [{name: m, value: 1, labels: {a: x, b: y}}, {name: m, value: 2, help: Of both., labels: {b: x}, first_of: [{labels: {a: y}}]}]}',
  )
  expect(extraction.families).toEqual([{ name: 'm', type: 'untyped', help: 'Of both.', labels: ['a', 'b'] }])
})
