import fc from 'fast-check'
import { expect, test } from 'vitest'
import { safeText } from '../../src/kit/text.ts'

test.each([
  ['plain', 'plain'],
  ['a\nb\u0000c\u007f', 'a\ufffdb\ufffdc\ufffd'],
  ['\ud800x', '\ufffdx'],
  ['line\u2028separator', 'line\ufffdseparator'],
])('%j becomes %j', (input, expected) => {
  expect(safeText(input)).toBe(expected)
})

test('a cut never splits a character', () => {
  expect(safeText('ab😀', 3)).toBe('ab')
  expect(safeText('ab😀', 4)).toBe('ab😀')
})

test('whatever comes in, what goes out is short, well-formed and without control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.integer({ min: 0, max: 300 }), (input, maxLength) => {
      const output = safeText(input, maxLength)
      expect(output.length).toBeLessThanOrEqual(maxLength)
      expect(output.isWellFormed()).toBe(true)
      expect(output).not.toMatch(/\p{Cc}/u)
    }),
  )
})
