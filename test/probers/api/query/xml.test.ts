import { describe, expect, test } from 'vitest'
import { compileQuery } from '../../../../src/probers/api/query/compile.ts'
import { QueryError, QueryFault } from '../../../../src/probers/api/query/query.ts'
import { document, findIn, outside } from './support.ts'

const statistics = document(
  `<list><channelStatistics id="a"><received>1200</received><error>3</error></channelStatistics>
   <channelStatistics id="b"><received>9</received><error/></channelStatistics></list>`,
  'xml',
)
const feed = document('<feed xmlns="urn:f" xmlns:x="urn:x"><entry x:n="1">e</entry><x:entry>f</x:entry></feed>', 'xml')

const values = (query: string, subject = statistics) => findIn(query, subject).map(({ value }) => value)

test.each<[string, readonly unknown[]]>([
  ['/list/channelStatistics/received', ['1200', '9']],
  ['/list/channelStatistics/@id', ['a', 'b']],
  ['//received/text()', ['1200', '9']],
  ['count(/list/channelStatistics)', [2]],
  ['number(/list/channelStatistics[1]/received)', [1200]],
  ['number(/list/channelStatistics[2]/error)', [Number.NaN]],
  ['sum(//received)', [1209]],
  ['//channelStatistics[@id="b"]/received', ['9']],
  ['//channelStatistics[received > 100]/@id', ['a']],
  ['//received[../@id = "a"]', ['1200']],
  ['/list/nope', []],
  ['//received = 9', [true]],
  ['not(//nope)', [true]],
  ['string(//channelStatistics[1]/@id)', ['a']],
  ['concat(//channelStatistics[1]/@id, "-x")', ['a-x']],
  ['//received ! string-length(.)', [4, 1]],
  ['for $s in //channelStatistics return concat($s/@id, $s/received)', ['a1200', 'b9']],
  ['if (//nope) then "x" else "y"', ['y']],
  ['xs:integer(//channelStatistics[2]/received) + 1', [10]],
  ['matches(//channelStatistics[1]/@id, "^[a-c]$")', [true]],
  ['xs:date("2026-01-02")', ['2026-01-02T00:00:00.000Z']],
  ['{//channelStatistics[2]/@id}', ['b']],
])('%s', (query, expected) => expect(values(query)).toEqual(expected))

test.each<[string, readonly unknown[]]>([
  ['/feed/entry', ['e']],
  ['/*:feed/*:entry', ['e', 'f']],
  ['/feed/x:entry', ['f']],
  ['/feed/entry/@x:n', ['1']],
])('namespaces as the document has them: %s', (query, expected) => expect(values(query, feed)).toEqual(expected))

test('documents may each bind other namespaces', () => {
  const counts = Array.from({ length: 100 }, (_, index) => {
    const other = document(`<f xmlns="urn:${index}" xmlns:x="urn:x:${index}"><e/><x:e/><x:e/></f>`, 'xml')
    return [values('/f/e', other).length, values('/f/x:e', other).length]
  })
  expect(counts).toEqual(Array.from({ length: 100 }, () => [1, 2]))
})

test('the key of a node is its name', () => {
  expect(findIn('//channelStatistics[1]/(@id|*)', statistics).map(({ key }) => key)).toEqual([
    'id',
    'received',
    'error',
  ])
})

describe('a query that has no answer on this document', () => {
  test.each([
    ['string(//received)', 'the XPath cannot be evaluated: XPTY0004'],
    ['xs:integer(//channelStatistics[1]/@id)', 'the XPath cannot be evaluated: FORG0001'],
    ['//error = 3', 'the XPath cannot be evaluated: FORG0001'],
    ['//y:received', 'the XPath cannot be evaluated: XPST0081'],
  ])('%s', (query, message) => {
    expect(() => values(query)).toThrow(QueryFault)
    expect(() => values(query)).toThrow(message)
  })
})

describe('what is no XPath, or none that sonde evaluates, is an error at load', () => {
  test.each<[string, string, number]>([
    ['', 'not an XPath', 1],
    ['/a[', 'not an XPath', 3],
    ['/a]', 'not an XPath', 3],
    ['/a/', 'not an XPath', 3],
    ['$x', 'the variable x is not in scope', 1],
    ['nope(1)', 'the function nope() is not supported', 1],
    ['count()', 'count', 1],
    ['x:y(1)', 'the function y() is not supported', 1],
    ['doc("file:///etc/passwd")', 'the function doc() is not supported', 1],
    ['count(1 to 1000000000)', 'XPath with rangeSequenceExpr is not supported', 1],
    ['replace(/a, "(a|a)*b", "")', 'the function replace() is not supported', 1],
    ['matches(/a, /b)', 'expected the pattern of matches() in quotes', 1],
    ['tokenize(/a, ",")', 'the function tokenize() is not supported', 1],
    ['let $f := function($x) { $f($x) } return $f(1)', 'XPath with inlineFunctionExpr is not supported', 1],
    ['declare function local:f() { local:f() }; local:f()', 'XPath with prolog is not supported', 1],
    ['map { "a": 1 }', 'XPath with mapConstructor is not supported', 1],
    ['string#1', 'XPath with namedFunctionRef is not supported', 1],
    ['<a/>', 'XPath with elementConstructor is not supported', 1],
    ['delete node /a', 'XPath with deleteExpr is not supported', 1],
  ])('%s', (query, message, column) => {
    expect(() => compileQuery(query, 'xml', outside)).toThrow(QueryError)
    expect(() => compileQuery(query, 'xml', outside)).toThrow(
      expect.objectContaining({ column, message: expect.stringContaining(message) }),
    )
  })
})

test.each<[string, number, boolean]>([
  ['received', 1, false],
  ['@id', 1, false],
  ['a/b[@x = "1"]/c', 1, false],
  ['.//b', 1, false],
  ['../@id', 1, true],
  ['/list/a', 1, true],
  ['//a', 1, true],
  ['//a[@id]', 1, true],
  ['//a[//b]', 2, true],
  ['a[../b]', 2, true],
  ['a/following-sibling::b', 2, true],
  ['a = b', 2, false],
  ['distinct-values(a)', 2, false],
  ['for $x in a, $y in b return 1', 2, false],
  ['some $x in /a, $y in /b satisfies $x is $y', 2, true],
])('the time of %s grows with the power %i of the size', (query, power, absolute) => {
  const { cost, ...compiled } = compileQuery(query, 'xml', outside)
  expect([cost.power, compiled.absolute]).toEqual([power, absolute])
})
