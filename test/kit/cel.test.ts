import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compileCel, parseCelJson } from '../../src/kit/cel.ts'

const json = (value: unknown) => parseCelJson(Buffer.from(JSON.stringify(value)))

/** What the expression gives on this value, or the text of its error. */
function evaluate(source: string, value: unknown): boolean | string {
  try {
    return compileCel(source).test(json(value))
  } catch (error) {
    return (error as Error).message
  }
}

const body = {
  n: 1,
  f: 1.5,
  big: 1e300,
  s: 'abc',
  t: true,
  nul: null,
  l: [1, 2, 3],
  mixed: [1, 'a', null, { k: [1] }],
  m: { a: 1, b: null },
  items: [{ id: 1 }, { id: 2 }],
  emoji: '😀x',
  date: '2024-01-01T00:00:00Z',
  d: '1h',
}

describe('agrees with cel-go', () => {
  test.each([
    // numbers are doubles
    ['body.n == 1', true],
    ['body.n == 1.0', true],
    ['body.n + 1.0 == 2.0', true],
    ['body.n > 0 && body.n < 1.5', true],
    ['-body.n == -1', true],
    ['int(body.n) + 1 == 2', true],
    ['body.big > 1e100', true],
    ['type(body.n) == double', true],
    // other types are unequal, not an error
    ["body.n == 'x'", false],
    ["body.n != 'x'", true],
    ['body.s == null', false],
    ['body.nul == null', true],
    ['body == null', false],
    ["body.l == 'x'", false],
    // lists and maps
    ['body.l == [1, 2, 3]', true],
    ['body.l == [1.0, 2.0, 3.0]', true],
    ['body.l == [1, 2]', false],
    ["body.mixed == [1, 'a', null, {'k': [1]}]", true],
    ["body.m == {'a': 1, 'b': null}", true],
    ["body.m == {'a': 1}", false],
    ['body.l[0] == 1', true],
    ['body.l[body.n] == 2', true],
    ["body['s'] == 'abc'", true],
    ['body.l + [4.0] == [1, 2, 3, 4]', true],
    // in, has, size
    ['1 in body.l', true],
    ['2.0 in body.l', true],
    ["'a' in body.l", false],
    ['body.n in [1, 2]', true],
    ["body.n in ['a', 1]", true],
    ["'b' in body.m", true],
    ['1 in body.m', false],
    ['has(body.m.a)', true],
    ['has(body.m.b)', true],
    ['has(body.missing)', false],
    ['has(body.s.y)', false],
    ['size(body.l) == 3 && body.l.size() == 3', true],
    ['size(body.m) == 2', true],
    ['size(body.emoji) == 2', true],
    // text
    ["body.s.startsWith('a') && body.s.endsWith('c') && body.s.contains('b')", true],
    ["body.s + 'd' == 'abcd'", true],
    ["body.s > 'abb'", true],
    ["body.s.matches('^a.c$')", true],
    ["matches(body.s, 'b')", true],
    ["body.emoji.matches('^.x$')", true],
    // macros
    ['body.l.all(x, x > 0)', true],
    ['body.l.exists(x, x == 2)', true],
    ['body.l.exists_one(x, x > 1)', false],
    ['body.l.map(x, x * 2.0) == [2.0, 4.0, 6.0]', true],
    ['body.l.map(x, x > 1, x) == [2, 3]', true],
    ['body.l.filter(x, x > 1) == [2, 3]', true],
    ["body.m.exists(key, key == 'a')", true],
    ['body.items.all(item, body.l.exists(x, x == item.id))', true],
    ["body.mixed.exists(x, x == 'a')", true],
    ["['abc', 'abd'].all(x, x.matches('^ab'))", true],
    ["body.mixed.filter(x, type(x) == string && x.matches('a')) == ['a']", true],
    // an error that does not matter is none
    ['body.missing == 1 || true', true],
    ['body.missing == 1 && false', false],
    ['body.t ? body.n == 1 : body.missing', true],
    // time
    ["timestamp(body.date) < timestamp('2025-01-01T00:00:00Z')", true],
    ["timestamp(body.date) + duration('1h') == timestamp('2024-01-01T01:00:00Z')", true],
    ["timestamp('2024-01-01T01:00:00Z') - timestamp(body.date) == duration(body.d)", true],
    ['timestamp(body.date).getFullYear() == 2024', true],
    ["duration('90m') > duration(body.d)", true],
  ])('%s', (source, expected) => {
    expect(evaluate(source, body)).toBe(expected)
  })

  test.each([
    ['body.n + 1 == 2', 'no such overload: dyn<double> + int'],
    ['body.n % 2 == 1', 'no such overload'],
    ["body.n < 'a'", 'no such overload'],
    ["'x' in body.s", 'no such overload'],
    ['!body.n', 'no such overload: !double'],
    ['size(body.n) == 1', 'found no matching overload'],
    ["body.n.startsWith('a')", 'found no matching overload'],
    ["body.n.matches('a')", "found no matching overload for 'double.matches(string)'"],
    ['body.missing == 1', 'no such key: missing'],
    ["body['zz'] == 1", 'no such key: zz'],
    ['body.l[5] == 1', 'index out of bounds'],
    ['body.l[-1] == 1', 'index out of bounds'],
    ['has(body.x.y)', 'no such key: x'],
    ['body.n.all(x, true)', 'cannot be range of a comprehension'],
    ["body.l.all(x, x > '0')", 'no such overload'],
    ["duration('1d') == duration('24h')", 'invalid duration string'],
    ["timestamp('x') == timestamp('y')", 'timestamp() requires'],
    ['body.n ? true : false', "ternary condition must be bool, got 'double', at line 1"],
    ['body.n', 'the expression gives no boolean'],
    ['body.nul', 'the expression gives no boolean'],
    ['body', 'the expression gives no boolean'],
  ])('%s is an error', (source, expected) => {
    expect(evaluate(source, body)).toContain(expected)
  })
})

describe('mistakes are found when it is compiled', () => {
  test.each([
    ['', 'unexpected token: EOF, at line 1, column 1'],
    ['  ', 'unexpected token: EOF, at line 1, column 3'],
    ['body.a ==', 'unexpected token: EOF, at line 1, column 10'],
    ["body.a == 'x", "unterminated string, at line 1, column 11: 'x"],
    ['body.a == 1)', "unexpected character: ')', at line 1, column 12: )"],
    ['foo == 1', 'unknown variable: foo, at line 1, column 1: foo'],
    ['body.a == 1 &&\n  foo', 'unknown variable: foo, at line 2, column 3: foo'],
    ['optional.none().hasValue()', 'unknown variable: optional, at line 1, column 1: optional'],
    ['body.a.nope()', "found no matching overload for 'dyn.nope()', at line 1, column 1: body.a.nope()"],
    ["body.a.matches('(')", "bad regular expression: missing closing ): `(`, at line 1, column 16: '('"],
    ["body.a.all(x, x.matches('(?=a)'))", 'bad regular expression: '],
    ["matches(body.a, '(')", 'bad regular expression: '],
    ["1 == 'a'", "no such overload: int == string, at line 1, column 1: 1 == 'a'"],
    ["body.a == 1 && 'x'", "logical operator requires bool operands, got 'string'"],
    ['1 + 1', 'the expression gives int, expected bool'],
    ["'yes'", 'the expression gives string, expected bool'],
    ['body.l.map(x, x)', 'the expression gives list, expected bool'],
    ['bool', 'the expression gives type, expected bool'],
    ['['.repeat(300), 'exceeded maxDepth'],
  ])('%j', (source, expected) => {
    expect(() => compileCel(source)).toThrow(expected)
  })

  test('a fault is told in one line', () => {
    const tell = (source: string) => {
      try {
        compileCel(source)
        return ''
      } catch (error) {
        return (error as Error).message
      }
    }
    fc.assert(fc.property(fc.string(), source => !tell(source).includes('\n')))
  })
})

describe('JSON', () => {
  test.each([
    ['a scalar', '"x"', "body == 'x'"],
    ['spaces around it', ' \r\n\t[1] ', 'body == [1]'],
    ['letters beyond ASCII', '{"a":"ü😀\\u00fc"}', "body.a == 'ü😀ü'"],
    ['the last of a repeated key', '{"a":1,"a":2}', 'body.a == 2'],
    ['a key that is special in JavaScript', '{"__proto__":1}', 'body.__proto__ == 1 && size(body) == 1'],
    ['a prototype that would lend keys', '{"__proto__":{"admin":true}}', '!has(body.admin)'],
    ['a constructor', '{"constructor":{"constructor":1}}', 'body.constructor.constructor == 1'],
    ['a constructor in a list', '[{"constructor":1,"a":2}]', 'body[0].a == 2 && size(body[0]) == 2'],
    ['names of methods', '{}', '!has(body.toString) && !("hasOwnProperty" in body) && !has(body.constructor)'],
    ['maps with and without a constructor', '[{"constructor":1},{"constructor":1}]', 'body[0] == body[1]'],
    ['as many levels as there may be', `${'['.repeat(1000)}${']'.repeat(1000)}`, 'size(body) == 1'],
  ])('%s', (_name, text, source) => {
    expect(compileCel(source).test(parseCelJson(Buffer.from(text)))).toBe(true)
  })

  test.each([
    ['nothing', '', 'not JSON'],
    ['text', 'hello', 'not JSON'],
    ['two values', '{} {}', 'not JSON'],
    ['a BOM, as in Go', '\ufeff{}', 'not JSON'],
    ['NaN', 'NaN', 'not JSON'],
    ['a number beyond a double, as in Go', '{"a":[1e400]}', 'beyond a double'],
    ['too many levels', `${'['.repeat(1001)}${']'.repeat(1001)}`, 'deeper than 1000 levels'],
    ['a million levels', '{"a":'.repeat(1e6), 'not JSON'],
    ['a million levels that close', `${'['.repeat(1e6)}${']'.repeat(1e6)}`, 'deeper than 1000 levels'],
  ])('not: %s', (_name, text, expected) => {
    expect(() => parseCelJson(Buffer.from(text))).toThrow(expected)
  })

  test('any value is equal to itself and has all its keys', () => {
    fc.assert(fc.property(fc.jsonValue({ depthSize: 'medium' }), value => evaluate('body == body', value) === true))
    fc.assert(
      fc.property(
        fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString')), fc.jsonValue()),
        value => evaluate('body.all(key, key in body && body[key] == body[key])', value) === true,
      ),
    )
  })
})

test('what a body says does not flood the log', () => {
  const told = String(evaluate('duration(body) == duration("1h")', 'line\n'.repeat(100_000)))
  expect(told).toMatch(/^invalid duration string: line line /)
  expect(told.length).toBeLessThan(300)
})

test('deep values are compared', () => {
  const deep = (levels: number, end: unknown): unknown => (levels === 0 ? end : [deep(levels - 1, end)])
  expect(evaluate('body[0] == body[1]', [deep(990, 1), deep(990, 1)])).toBe(true)
  expect(evaluate('body[0] == body[1]', [deep(990, 1), deep(990, 2)])).toBe(false)
})

describe('patterns', () => {
  test('take linear time, and no name of ours shows', () => {
    const startedMs = performance.now()
    expect(evaluate("body.matches('^(a|a)*b$')", 'a'.repeat(50_000))).toBe(false)
    expect(performance.now() - startedMs).toBeLessThan(2000)
    expect(() => compileCel('matches(1, 2)')).toThrow("found no matching overload for 'matches(int, int)'")
  })

  test('may come out of the body, if they are short', () => {
    expect(evaluate('body.s.matches(body.p)', { s: 'abc', p: '^a' })).toBe(true)
    expect(evaluate("body.s.matches('^' + body.p)", { s: 'abc', p: 'b' })).toBe(false)
    expect(evaluate('body.s.matches(body.p)', { s: 'abc', p: '(' })).toContain('missing closing )')
    expect(evaluate('body.s.matches(body.p)', { s: 'abc', p: 'a'.repeat(257) })).toContain('longer than 256')
  })
})

test.each([
  ['body.a == 1', 0],
  ['body.l.all(x, x > 0) && body.m.exists(x, x > 0)', 1],
  ['body.l.all(x, body.l.exists(y, x == y))', 2],
  ['body.l.map(x, x).filter(x, x > 0).size() == 1', 2],
  ['body.a.all == 1', 0],
])('%s has loops of depth %i', (source, depth) => {
  expect(compileCel(source).loopDepth).toBe(depth)
})

test.each([
  ['body.a == 1', 1, 1],
  ["body.a.matches('x')", 3, 5],
  ["body.a.matches('x') || matches(body.b, 'x')", 5, 9],
  ["body.l.exists(x, x.matches('(a[ab]{3,30}){3,10}[cd]'))", 300, 1000],
  ['body.a.matches(body.p)', 100_000, 1_000_000],
])('a step of %s costs %i at least and %i at most', (source, least, most) => {
  const { cost } = compileCel(source)
  expect(cost).toBeGreaterThanOrEqual(least)
  expect(cost).toBeLessThanOrEqual(most)
})

test('dumps its source', () => {
  expect(JSON.stringify(compileCel('body.a  ==  1'))).toBe('"body.a  ==  1"')
})
