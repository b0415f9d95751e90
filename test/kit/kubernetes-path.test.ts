import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KubernetesPathError, parseKubernetesTemplate } from '../../src/kit/kubernetes-path.ts'

const pathOf = (template: string) => {
  const [part, ...more] = parseKubernetesTemplate(template)
  if (part === undefined || !('path' in part) || more.length > 0) throw new Error('expected one path')
  return part.path
}

describe('what json_exporter writes in its examples and tests, as RFC 9535', () => {
  test.each([
    ['{ .counter }', '.counter'],
    ['{.counter}', '.counter'],
    ['{$.counter}', '.counter'],
    ['{@.counter}', '.counter'],
    ['{ .location }', '.location'],
    ['{ .timestamp }', '.timestamp'],
    ['{ .missing_key }', '.missing_key'],
    ['{$}', '.'],
    ['{@}', '.'],
    ['{.}', '.'],
    ['{[*]}', '.[*]'],
    ['{ [*] }', '.[*]'],
    ['{.[*]}', '.[*]'],
    ['{.values[*]}', '.values[*]'],
    ['{ .values[?(@.state == "ACTIVE")] }', '.values[?@.state == "ACTIVE"]'],
    ['{.values[?(@.state=="INACTIVE")].count}', '.values[?@.state == "INACTIVE"].count'],
    ['{ .some_boolean }', '.some_boolean'],
    ['{ .id }', '.id'],
    ['{ .noun }', '.noun'],
    ['{ .predator }', '.predator'],
    ['{ .population }', '.population'],
    ['{.items[0].name}', '.items[0].name'],
    ['{.items[-1:].name}', '.items[-1:].name'],
    ['{.items[0:3]}', '.items[0:3]'],
    ['{..name}', '..name'],
    ['{.a.b.c}', '.a.b.c'],
  ])('%s is %s', (template, path) => expect(pathOf(template)).toBe(path))
})

describe('the rest of the dialect', () => {
  test.each([
    ['{.min-x}', ".['min-x']"],
    ['{.a.min-x.y}', ".a['min-x'].y"],
    ['{.metadata.labels.app\\.kubernetes\\.io/name}', ".metadata.labels['app.kubernetes.io/name']"],
    ["{.labels['a\\.b']}", ".labels['a.b']"],
    ["{.labels['a.b']}", '.labels.a.b'],
    ["{['key']}", '.key'],
    ["{.it's}", '.["it\'s"]'],
    ['{.9lives}', ".['9lives']"],
    ['{.größe}', '.größe'],
    ['{.*}', '.*'],
    ['{.a.*.b}', '.a.*.b'],
    ['{..*}', '..*'],
    ['{..[0]}', '..[0]'],
    ['{.a..b-c}', ".a..['b-c']"],
    ["{.a['x','y']}", ".a['x','y']"],
    ['{.a[0,2]}', '.a[0,2]'],
    ['{.a[ 0 , -1 ]}', '.a[0,-1]'],
    ['{.a[0:4:2]}', '.a[0:4:2]'],
    ['{.a[?(@.b)]}', '.a[?@.b]'],
    ['{.a[?(@.b > 5)]}', '.a[?@.b > 5]'],
    ['{.a[?(@.b >= -1.5)].c}', '.a[?@.b >= -1.5].c'],
    ['{.a[?(@.b != true)]}', '.a[?@.b != true]'],
    ["{.a[?(@.b == 'it)]}')]}", '.a[?@.b == "it)]}"]'],
    ["{.a[?(@.b-c.d == 'x')]}", '.a[?@[\'b-c\'].d == "x"]'],
    ['{.a[?(.b==.c)]}', '.a[?@.b == @.c]'],
    ['{.a[?(@.b=="say \\"x\\"")]}', '.a[?@.b == "say \\"x\\""]'],
    ['{ .a .b }', '.a.b'],
  ])('%s is %s', (template, path) => expect(pathOf(template)).toBe(path))

  test('text around paths', () => {
    expect(parseKubernetesTemplate('planet-{ .location }/{.x}!')).toEqual([
      { text: 'planet-' },
      { path: '.location' },
      { text: '/' },
      { path: '.x' },
      { text: '!' },
    ])
    expect(parseKubernetesTemplate('beta')).toEqual([{ text: 'beta' }])
    expect(parseKubernetesTemplate('')).toEqual([])
  })
})

describe('what it refuses, with a hint', () => {
  test.each<[string, string, number]>([
    ['{range .items[*]}{.name}{end}', '{range} is not supported: make series of a list with items', 7],
    ['{"text"}', 'text in quotes is not supported', 8],
    ['{__name__}', 'expected a path such as {.a.b}', 10],
    ['{.a', 'expected }', 4],
    ['{.a[0}', 'expected a path such as {.a.b}', 4],
    ['{.a[x]}', 'expected an index, a slice or a key in single quotes between brackets: x', 7],
    ['{.a[]}', 'expected an index, a slice or a key in single quotes between brackets: ', 6],
    ['{.a[?(@.b =~ "x")]}', '=~ is not supported: write match() or search() of RFC 9535, without braces', 19],
    ['{.a[?(@.b === 1)]}', 'unknown operator ===', 18],
    ['{.a[?(@.b == x)]}', 'expected a path, a text in quotes or a number: x', 17],
    ['{.a[?(@.b == 1]}', 'expected )] at the end of a filter', 17],
  ])('%s: %s', (template, message, column) => {
    expect(() => parseKubernetesTemplate(template)).toThrow(expect.objectContaining({ message, column }))
  })

  test('whatever the text is, there are parts or a KubernetesPathError', () => {
    const text = fc
      .array(
        fc.constantFrom(
          '{',
          '}',
          '.',
          '..',
          '[',
          ']',
          '?(',
          ')',
          '"',
          "'",
          '\\',
          '@',
          '$',
          'a',
          '*',
          '0',
          ':',
          ',',
          '==',
          ' ',
        ),
      )
      .map(parts => parts.join(''))
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), template => {
        try {
          expect(parseKubernetesTemplate(template)).toBeInstanceOf(Array)
        } catch (error) {
          expect(error).toBeInstanceOf(KubernetesPathError)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
