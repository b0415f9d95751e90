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
