import { expect, test } from 'vitest'
import { compilePattern } from '../../src/kit/regexp.ts'

test.each([
  ['x', 2, 5],
  ['^HTTP/1\\.[01]$', 5, 20],
  ['a{1000}', 1000, 1010],
  ['(a[ab]{3,30}){3,10}[cd]', 300, 1000],
])('%s costs at least %i and at most %i', (source, least, most) => {
  const { cost } = compilePattern(source)
  expect(cost).toBeGreaterThanOrEqual(least)
  expect(cost).toBeLessThanOrEqual(most)
})

test('shows as its source', () => {
  expect(JSON.stringify(compilePattern('a+'))).toBe('"a+"')
})

test('the whole text, or any part of it', () => {
  const pattern = compilePattern('a|ab')
  expect([pattern.test('xab'), pattern.testWhole('ab'), pattern.testWhole('abc')]).toEqual([true, true, false])
})

test('occurrences come with their groups, named and not, and those that took no part', () => {
  const pattern = compilePattern(String.raw`(?<sign>[+-])(?P<digit>\d)?(b)`)
  expect([...pattern.names]).toEqual([
    ['sign', 1],
    ['digit', 2],
  ])
  expect([...pattern.occurrences('+b \u{1f600}-3b')]).toEqual([
    { text: '+b', groups: ['+', undefined, 'b'] },
    { text: '-3b', groups: ['-', '3', 'b'] },
  ])
  expect([...compilePattern('x*').occurrences('ab')].map(({ text }) => text)).toEqual(['', '', ''])
})
