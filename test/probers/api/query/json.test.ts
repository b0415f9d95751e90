import fc from 'fast-check'
import { JSONPathEnvironment } from 'json-p3'
import { describe, expect, test } from 'vitest'
import { compileQuery } from '../../../../src/probers/api/query/compile.ts'
import { compileItems } from '../../../../src/probers/api/query/items.ts'
import { QueryError, QueryFault } from '../../../../src/probers/api/query/query.ts'
import { document, findIn, findValues, outside } from './support.ts'

const shop = document(
  '{"name":"n","list":[{"id":"a","n":[1,2]},{"id":"b","n":[3]}],"map":{"x":{"v":1},"y":{"v":2}}}',
  'json',
)

/** What a query finds at each of the items, as `items` has them. */
function perItem(items: string | readonly string[], query: string): readonly unknown[] {
  const compiled = compileItems({ items }, 'json')
  const relative = compileQuery(query, 'json', compiled.scope)
  return Array.from(compiled.each(shop), item => relative.find(shop, item).map(({ value }) => value))
}

describe('where a query starts', () => {
  test.each<[string, string | readonly string[], string, readonly unknown[]]>([
    ['$ is the document', '$.list[*]', '$.name', [['n'], ['n']]],
    ['. is the item', '$.list[*]', '.', [[{ id: 'a', n: [1, 2] }], [{ id: 'b', n: [3] }]]],
    ['.a a member of it', '$.list[*]', '.id', [['a'], ['b']]],
    ['.[0] an element of it', '$.list[*].n', '.[0]', [[1], [3]]],
    [".['a'] a member of it", '$.list[*]', ".['id']", [['a'], ['b']]],
    ['.* everything in it', '$.map.*', '.*', [[1], [2]]],
    ['..a anything inside it', '$.list', '..id', [['a', 'b']]],
    ['^ is what is around it', ['$.list[*]', '.n[*]'], '^.id', [['a'], ['a'], ['b']]],
    ['^^ is what is around that', ['$.list[*]', '.n[*]'], '^^.name', [['n'], ['n'], ['n']]],
    ['^ alone', ['$.list[0]', '.n'], '^', [[{ id: 'a', n: [1, 2] }]]],
    ['^[0] an element', ['$.list', '.[0]'], '^[1].id', [['b']]],
    ['{key} is a name or an index', ['$.map.*', '.*'], '{key}', [['v'], ['v']]],
    ['{^key} that of what is around it', ['$.map.*', '.*'], '{^key}', [['x'], ['y']]],
    ['{key} of an element', '$.list[-1:]', '{key}', [[1]]],
    ['{key} of one by a negative index', '$.list[-1]', '{key}', [[1]]],
    ['{key} of . is that of the item', ['$.map.*', '.'], '{key}', [['x'], ['y']]],
    ["Kubernetes' dialect", '{.list[?(@.id == "b")]}', '{ .id }', [['b']]],
    ['its $ is the item', '{.list[*]}', '{$.id}', [['a'], ['b']]],
    ['a name with a hyphen in it', '$', '{.no-such}', [[]]],
    ['$ in a filter of a relative query is the item', '$.list[*]', '.n[?@ == $.n[0]]', [[1], [3]]],
  ])('%s', (_, items, query, expected) => expect(perItem(items, query)).toEqual(expected))

  test('. is the document where there are no items', () => {
    expect(findIn('.name', shop).map(({ value }) => value)).toEqual(['n'])
  })
})

describe('mistakes tell the column', () => {
  test.each<[string, number, string, number]>([
    ['name', 0, 'expected a query that starts with $ (the document), . (the item) or ^ (what is around it)', 1],
    ['', 0, 'expected a query that starts with', 1],
    ['[0]', 0, 'expected a query that starts with', 1],
    ['$.a.', 0, 'the query ends too early', 5],
    ['.a[', 1, 'unclosed bracketed selection', 4],
    ['^^.a[', 2, 'unclosed bracketed selection', 6],
    ['.[x]', 1, "unexpected token 'x' in bracketed selection", 3],
    [
      '.9lives',
      0,
      "unexpected shorthand selector '9'; a name that is not of letters, digits and _ is written ['name']",
      2,
    ],
    ['$.$numberLong', 0, "a name that is not of letters, digits and _ is written ['name']", 3],
    ['^.a', 0, 'there are not so many items around this', 1],
    ['^^.a', 1, 'there are not so many items around this', 1],
    ['{key}', 0, 'there are no items that have a key', 1],
    ['{^key}', 1, 'that many ^ lead beyond the items', 1],
    ['{nope}', 1, 'no name nope is captured here', 1],
    ['{.a}{.b}', 0, 'expected one query in braces and nothing around it', 1],
    ['{range .a[*]}{.b}{end}', 0, '{range} is not supported: make series of a list with items', 7],
    ['$[?match(@.a, "(")]', 0, 'bad regular expression: missing closing )', 16],
    ['$[?@.a =~ "x"]', 0, "unexpected filter selector token '='", 8],
  ])('%s in %i levels', (source, depth, message, column) => {
    const compile = () => compileQuery(source, 'json', { names: new Set(), depth })
    expect(compile).toThrow(QueryError)
    expect(compile).toThrow(expect.objectContaining({ message: expect.stringContaining(message), column }))
  })

  test('nested too deeply', () => {
    const source = `$[?${'('.repeat(20_000)}@.a${')'.repeat(20_000)}]`
    expect(() => compileQuery(source, 'json', outside)).toThrow(new QueryError('nested too deeply'))
  })
})

describe('match and search', () => {
  test.each<[string, unknown, readonly unknown[]]>([
    ["$[?match(@, 'a.c')]", ['abc', 'a\rc', 'a\nc', 'abcd'], ['abc']],
    ["$[?search(@, '[.]')]", ['a.c', 'abc'], ['a.c']],
    ["$[?search(@, '[^].]')]", ['].', 'x'], ['x']],
    ["$[?match(@, '\\\\d+')]", ['12', 'x'], ['12']],
    ["$[?match(@, '(?i)UP')]", ['up', 'down'], ['up']],
    ['$.list[?match(@, $.pattern)]', { pattern: 'a+', list: ['aa', 'ab'] }, ['aa']],
    ['$.list[?match(@, $.pattern)]', { pattern: '(', list: ['('] }, []],
    ['$.list[?match(@, $.pattern)]', { pattern: { testWhole: 1 }, list: ['x'] }, []],
    ['$.list[?search(@, $.pattern)]', { pattern: `x${'a?'.repeat(200)}`, list: ['x'] }, []],
    ['$[?length(@) == 2]', ['😀é', 'abc', [1, 2], { a: 1, b: 2 }, 2], ['😀é', [1, 2], { a: 1, b: 2 }]],
  ])('%s', (query, value, expected) => expect(findValues(query, value)).toEqual(expected))

  test('take linear time', () => {
    expect(findValues("$[?match(@, '(a|a)*b')]", ['a'.repeat(50_000)])).toEqual([])
  })
})

describe('texts are ordered by Unicode scalar values, not by units of UTF-16', () => {
  const texts = ['a', 'ab', '\ue000', '\uffff', '\u{10000}', '\u{10ffff}']

  test.each([
    ["$[?@ > '\uffff']", texts.slice(4)],
    ["$[?@ <= '\uffff']", texts.slice(0, 4)],
    ["$[?'\u{10000}' > @]", texts.slice(0, 4)],
    ['$[?@ >= value($[4])]', texts.slice(4)],
    ['$[?@ < $[1]]', ['a']],
    ['$[?@ > 1]', []],
  ])('%s', (query, expected) => expect(findValues(query, texts)).toEqual(expected))

  test('in a filter of a filter', () => {
    expect(findValues("$[?@[?'\u{10000}' > @]]", [['\uffff'], ['\u{10001}']])).toEqual([['\uffff']])
  })
})

describe('hostile documents', () => {
  const proto = document('{"__proto__":{"a":1},"constructor":{"b":2},"toString":3,"list":[{"__proto__":4}]}', 'json')

  test.each<[string, readonly unknown[]]>([
    ['$.__proto__.a', [1]],
    ['$.constructor.b', [2]],
    ['$.toString', [3]],
    ['$.hasOwnProperty', []],
    ['$.list[*].__proto__', [4]],
    ["$.list[?@['__proto__'] == 4]", [JSON.parse('{"__proto__":4}')]],
    ['$.list.length', []],
    ["$.list['0']", []],
    ['$.list[0].toString', []],
  ])('%s', (query, expected) => expect(findIn(query, proto).map(({ value }) => value)).toEqual(expected))

  test('at the greatest depth', () => {
    const deep = document(`${'{"a":['.repeat(256)}${']}'.repeat(256)}`, 'json')
    expect(findIn('$..a', deep)).toHaveLength(256)
    expect(findIn('$[?count($..a) == 256]', deep)).toHaveLength(1)
  })

  test('what multiplies without end is a fault', () => {
    const wide = document(`[${'[1],'.repeat(2000)}1]`, 'json')
    const many = Array.from({ length: 1100 }, () => '*').join()
    expect(() => findIn(`$[${many}]`, wide)).toThrow(QueryFault)
  })
})

test.each<[string, number, boolean]>([
  ['$.a.b[0]', 0, true],
  ['.a', 0, false],
  ['$.a[*].b', 1, true],
  ['$..a', 1, true],
  ['$..a..b', 2, true],
  ['$.a[?@.b == 1]', 1, true],
  ['$.a[?@..b]', 1, true],
  ['$..a[?@..b]', 2, true],
  ['$.a[?@.b == $.c]', 1, true],
  ['$.a[?count($..b) > 1]', 2, true],
  ['$.a[?count($.b[?count($..c) > 1]) > 1]', 3, true],
])('the time of %s grows with the power %i of the size', (source, power, absolute) => {
  const { cost, ...query } = compileQuery(source, 'json', outside)
  expect([cost.power, query.absolute]).toEqual([power, absolute])
})

test('a pattern adds to the cost, one of the document much', () => {
  const factor = (source: string) => compileQuery(source, 'json', outside).cost.factor
  expect(factor("$[?match(@.a, 'a{500}')]")).toBeGreaterThan(500)
  expect(factor("$[?match(@.a, 'a')]")).toBeLessThan(20)
  expect(factor('$[?match(@.a, $.b)]')).toBeGreaterThan(100_000)
})

describe('properties', () => {
  const name = fc.constantFrom('a', 'b', '__proto__', '0')
  const value = fc.letrec(tie => ({
    node: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      fc.constantFrom(null, true, 0, 1, 'a', ''),
      fc.array(tie('node'), { maxLength: 4 }),
      fc.array(fc.tuple(name, tie('node')), { maxLength: 4 }).map(members => {
        const text = members.map(([key, member]) => `${JSON.stringify(key)}:${JSON.stringify(member)}`)
        return JSON.parse(`{${text.join()}}`)
      }),
    ),
  })).node
  const index = fc.integer({ min: -5, max: 5 })
  const bound = fc.option(index, { nil: '' })
  const operand = fc.constantFrom('@', '@.a', '@.a.b', '@[0]', '$.a', '1', '1.0', '-0', "'a'", "''", 'true', 'null')
  const comparison = fc
    .tuple(operand, fc.constantFrom('==', '!=', '<', '<=', '>', '>='), operand)
    .map(parts => parts.join(' '))
  const selector = fc.oneof(
    name.map(text => `'${text}'`),
    index.map(String),
    fc.constant('*'),
    fc.tuple(bound, bound, fc.option(fc.integer({ min: -2, max: 2 }), { nil: '' })).map(parts => parts.join(':')),
    fc.constantFrom('?@.a', '?@.a == $.a', '?count(@.*) > 1', '?length(@) == 1', '?!@.b', '?@[?@.a]', '?@.a && @.b'),
    comparison.map(test => `?${test}`),
    fc.tuple(comparison, fc.constantFrom('&&', '||'), comparison).map(tests => `?!(${tests.join(' ')})`),
  )
  const path = fc
    .array(fc.tuple(fc.constantFrom('', '', '', '..'), fc.array(selector, { minLength: 1, maxLength: 2 })), {
      maxLength: 4,
    })
    .map(segments => `$${segments.map(([descends, selectors]) => `${descends}[${selectors.join()}]`).join('')}`)

  test('a path leads where json-p3 by itself says', () => {
    const environment = new JSONPathEnvironment()
    fc.assert(
      fc.property(path, value, (source, json) => {
        const found = findIn(source, { format: 'json', value: json })
        const expected = environment.query(source, json as never).nodes
        expect(found.map(({ value, key }) => ({ value, key }))).toEqual(
          expected.map(node => ({ value: node.value, key: node.location.at(-1) })),
        )
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['json', 'xml', 'text'] as const)('whatever a text is, it is a query of %s or a QueryError', format => {
    const pieces = fc
      .array(
        fc.constantFrom(
          '$',
          '.',
          '..',
          '^',
          '[',
          ']',
          '{',
          '}',
          '*',
          '?',
          '@',
          '(',
          ')',
          "'",
          '"',
          'a',
          'key',
          '/',
          '//',
          '::',
          ':',
          ',',
          '1',
          '-',
          '==',
          '&&',
          'count(',
          'match(',
          ' ',
          '\\',
          '|',
          '<',
          '\ud800',
        ),
        { maxLength: 12 },
      )
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string()), source => {
        try {
          expect(compileQuery(source, format, outside).source).toBe(source)
        } catch (error) {
          expect(error).toBeInstanceOf(QueryError)
          expect((error as QueryError).message).not.toBe('')
        }
      }),
      { numRuns: 1000 },
    )
  })
})
