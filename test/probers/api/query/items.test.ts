import { describe, expect, test } from 'vitest'
import type { Format } from '../../../../src/probers/api/document/document.ts'
import { compileQuery } from '../../../../src/probers/api/query/compile.ts'
import { compileItems, type ItemsSource } from '../../../../src/probers/api/query/items.ts'
import { QueryError, type Scope } from '../../../../src/probers/api/query/query.ts'
import { compileTemplate } from '../../../../src/probers/api/query/template.ts'
import { document, findIn, outside } from './support.ts'

const bodies: Readonly<Record<Format, string>> = {
  json: `{
    "pkt4-ack-sent": [[5, "now"]], "pkt4-nak-received": [[0]], "subnet[1].assigned-addresses": [[111]],
    "chart": {"labels": ["A", "AAAA", "HTTPS"], "data": [1, 2]},
    "groups": [{"name": "g", "stats": [{"NS": 500}, {"MX": 4}]}],
    "log": "up=1 down=2"
  }`,
  xml: '<map><entry><string>101</string><string>ADT-In</string></entry><entry><string>77</string><string>Lab &amp; Results</string></entry></map>',
  text: '[+]ping ok\n[-]etcd failed: reason\n[+]log ok\n',
}

/** The text of a template at each of the items. */
function texts(format: Format, source: ItemsSource, template: string): readonly string[] {
  const subject = document(bodies[format], format)
  const items = compileItems(source, format)
  const parts = compileTemplate(template, format, items.scope)
  return Array.from(items.each(subject), item =>
    parts.map(part => (typeof part === 'string' ? part : String(part.find(subject, item)[0]?.value))).join(''),
  )
}

test.each<[string, Format, ItemsSource, string, readonly string[]]>([
  [
    'keys that match as a whole, with their groups',
    'json',
    { items: { path: '$.*', key_regex: 'pkt4-(?<op>[a-z-]+)-(?<dir>sent|received)' } },
    '{key}: {op} {dir} {.[0][0]}',
    ['pkt4-ack-sent: ack sent 5', 'pkt4-nak-received: nak received 0'],
  ],
  ['a part of a key is not enough', 'json', { items: { path: '$.*', key_regex: 'pkt4|ack' } }, '{key}', []],
  [
    'keys with brackets in them',
    'json',
    { items: { path: '$.*', key_regex: 'subnet\\[(?<id>\\d+)\\]\\.(?<state>assigned|total)-addresses' } },
    '{id}/{state}',
    ['1/assigned'],
  ],
  [
    'indexes, too, are keys',
    'json',
    { items: { path: '$.chart.labels[*]', key_regex: '[02]' } },
    '{key}={.}',
    ['0=A', '2=HTTPS'],
  ],
  [
    'levels inside each other',
    'json',
    { items: ['$.groups[*]', '.stats[*]', '.*'] },
    '{^^.name}/{^key}/{key}={.}',
    ['g/0/NS=500', 'g/1/MX=4'],
  ],
  [
    'parallel lists, of which one is shorter',
    'json',
    { zip: { type: '$.chart.labels[*]', hits: '.chart.data[*]' } },
    '{key}:{type}={hits}',
    ['0:A=1', '1:AAAA=2', '2:HTTPS=undefined'],
  ],
  [
    'parallel lists in items',
    'json',
    { items: '$.chart', zip: { type: '.labels[*]' } },
    '{^key}/{.data[0]}/{^.data[0]}/{type}',
    ['chart/1/1/A', 'chart/1/1/AAAA', 'chart/1/1/HTTPS'],
  ],
  [
    'matches in a text of JSON',
    'json',
    { items: ['$.log', { regex: '(?<name>\\w+)=(?<value>\\d)' }] },
    '{name}:{value}:{.}:{key}:{^key}',
    ['up:1:up=1:0:log', 'down:2:down=2:1:log'],
  ],
  ['children of XML', 'xml', { items: '/map/entry' }, '{string[1]}={string[2]}', ['101=ADT-In', '77=Lab & Results']],
  [
    'levels of XML',
    'xml',
    { items: ['/map/entry', 'string[2]'] },
    '{../string[1]}/{key}/{^key}/{.}',
    ['101/string/entry/ADT-In', '77/string/entry/Lab & Results'],
  ],
  [
    'parallel lists of XML',
    'xml',
    { zip: { id: '//string[1]', name: '//string[2]' } },
    '{id}={name}',
    ['101=ADT-In', '77=Lab & Results'],
  ],
  [
    'a name of XML before a child, which is ./name',
    'xml',
    { items: '/map/entry', zip: { string: 'string[2]' } },
    '{string}/{./string[1]}',
    ['ADT-In/101', 'Lab & Results/77'],
  ],
  ['names of elements', 'xml', { items: { path: '/map/*', key_regex: '(?<n>e)ntry' } }, '{n}', ['e', 'e']],
  [
    'matches of text',
    'text',
    { items: { regex: '(?m)^\\[(?<sign>[+-])\\](?<check>\\S+)(?: (?<state>failed))?' } },
    '{key}{sign}{check}:{state}',
    ['0+ping:undefined', '1-etcd:failed', '2+log:undefined'],
  ],
  [
    'levels of text',
    'text',
    { items: [{ regex: '.+' }, { regex: '\\w{4,}' }] },
    '{^key}{.}',
    ['0ping', '1etcd', '1failed', '1reason'],
  ],
  ['a query of text', 'text', { items: '\\[-\\](\\w+)' }, '{.}', ['etcd']],
  ['no items: the document', 'json', {}, '{$.chart.data[0]}{.chart.data[1]}', ['12']],
  ['braces and quotes in a part', 'json', {}, 'a{$[\'}\'] }b{$[?@ == "}"]}c}', ['aundefinedbundefinedc}']],
  [
    "Kubernetes' dialect in a part",
    'json',
    { items: '$' },
    '{.groups[?(@.name == "g")].name}-{.chart.min\\.x}',
    ['g-undefined'],
  ],
])('%s', (_, format, source, template, expected) => expect(texts(format, source, template)).toEqual(expected))

test('items are made as they are asked for', () => {
  const subject = document(`[${'{"a":[1,2,3]},'.repeat(50_000)}0]`, 'json')
  let seen = 0
  for (const _ of compileItems({ items: ['$[*]', '.a[*]', { regex: 'x' }] }, 'json').each(subject)) seen++
  for (const _ of compileItems({ items: ['$[*]', '.a[*]'] }, 'json').each(subject)) if (++seen === 1000) break
  expect(seen).toBe(1000)
})

describe('mistakes tell which part', () => {
  test.each<[Format, ItemsSource, string, readonly (string | number)[], number]>([
    ['json', { items: '$[' }, 'unclosed bracketed selection', ['items'], 3],
    ['json', { items: ['$[*]', '^^.a'] }, 'there are not so many items around this', ['items', 1], 1],
    [
      'json',
      { items: [{ path: '$.*', key_regex: '(' }] },
      'bad regular expression: missing closing )',
      ['items', 0, 'key_regex'],
      1,
    ],
    ['json', { items: { path: 'a', key_regex: 'x' } }, 'expected a query', ['items', 'path'], 1],
    ['text', { items: { regex: '(?<a' } }, 'bad regular expression', ['items', 'regex'], 1],
    ['json', { items: '$', zip: { a: '$.a', b: '.x.' } }, 'the query ends too early', ['zip', 'b'], 4],
    ['json', { items: [{ regex: '(?<a>x)' }, { regex: '(?<a>x)' }] }, 'the name a is captured twice', ['items', 1], 1],
    ['json', { zip: { key: '$.a' } }, 'no name can be key', ['zip'], 1],
    ['xml', { items: ['/a', 'b['] }, 'not an XPath', ['items', 1], 2],
  ])('%s %j', (format, source, message, path, column) => {
    const compile = () => compileItems(source, format)
    expect(compile).toThrow(QueryError)
    expect(compile).toThrow(expect.objectContaining({ message: expect.stringContaining(message), path, column }))
  })

  const within: Scope = { names: new Set(['op']), depth: 1 }
  test.each<[string, string, number]>([
    ['planet-{$.a', 'expected }', 12],
    ['ab{nope}', 'no name nope is captured here', 4],
    ['{op}{.a[}', 'unclosed bracketed selection', 9],
    ['{op}{  .a[}', 'unclosed bracketed selection', 11],
    ['{op}-{.a[x]}', "unexpected token 'x' in bracketed selection", 10],
    ['{}', 'expected a query', 2],
    ["{'}'}", 'expected a query', 2],
  ])('in the text %s', (source, message, column) => {
    expect(() => compileTemplate(source, 'json', within)).toThrow(
      expect.objectContaining({ message: expect.stringContaining(message), column }),
    )
  })
})

describe('queries of text', () => {
  const answer = document('version 4.5.2\nversion 5\n', 'text')
  test.each<[string, readonly unknown[]]>([
    ['\\d+\\.\\d+', ['4.5']],
    ['version (\\S+)', ['4.5.2', '5']],
    ['version (?:(\\d)\\n|(\\S+))', ['4.5.2', '5']],
    ['.', ['version 4.5.2\nversion 5\n']],
    ['nope', []],
  ])('%s', (query, expected) => {
    expect(findIn(query, answer).map(({ value }) => value)).toEqual(expected)
  })

  test('an item is searched by itself', () =>
    expect(texts('text', { items: { regex: '.+' } }, '{\\w+}')).toEqual(['ping', 'etcd', 'log']))

  test('costs what its pattern does', () => {
    expect(compileQuery('a{500}', 'text', outside).cost.factor).toBeGreaterThan(500)
    expect(compileItems({ items: { regex: 'a{500}' } }, 'text').costs[0]?.cost.factor).toBeGreaterThan(500)
  })
})
