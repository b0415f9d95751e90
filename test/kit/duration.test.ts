import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../src/kit/duration.ts'

test.each([
  ['5s', 5000],
  ['1m30s', 90_000],
  ['500ms', 500],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['5.s', 5000],
  ['100us', 0.1],
  ['100µs', 0.1],
  ['1h1m1s1ms', 3_661_001],
  ['1d', 86_400_000],
  ['2w', 1_209_600_000],
  ['-2s', -2000],
  ['+2s', 2000],
  ['0', 0],
  ['-0', -0],
])('%s is %s ms', (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 6)
})

test.each(['', '5', '5 s', 's', '1y', '1M', '.s', '5S', '1s2', '--1s', '1e3s', '∞', '5s\n'])(
  '%j is no duration',
  text => {
    expect(parseDuration(text)).toBeUndefined()
  },
)

test.each([
  [0, '0s'],
  [500, '500ms'],
  [5000, '5s'],
  [90_000, '1m30s'],
  [5_400_000, '1h30m'],
  [86_400_000, '24h'],
  [1500, '1.5s'],
  [60_001, '1m0.001s'],
  [-2000, '-2s'],
])('%s ms is written %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text)
})

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), ms => {
      expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 3)
    }),
  )
})
