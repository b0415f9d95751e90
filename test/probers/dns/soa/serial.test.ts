import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { serialDifference, widestGap } from '../../../../src/probers/dns/soa/serial.ts'

const u32 = () => fc.nat(0xffffffff)

describe('differences around the circle', () => {
  test.each([
    [2_026_112_101, 2_026_112_001, 100],
    [2_026_112_001, 2_026_112_101, -100],
    [7, 7, 0],
    [0, 0xffffffff, 1],
    [0xffffffff, 0, -1],
    [5, 0xfffffffb, 10],
    [0x7fffffff, 0, 0x7fffffff],
    [0x80000001, 0, -0x7fffffff],
    [0x80000000, 0, 0x80000000], // undefined in RFC 1982: as far as can be
    [0, 0x80000000, 0x80000000],
  ])('%d - %d = %d', (a, b, expected) => {
    expect(serialDifference(a, b)).toBe(expected)
  })

  test('adding up to half of the circle is being ahead by it', () => {
    fc.assert(
      fc.property(u32(), fc.nat(0x7fffffff), (serial, more) => {
        const later = (serial + more) % 2 ** 32
        expect(serialDifference(later, serial)).toBe(more)
        expect(serialDifference(serial, later) + 0).toBe(0 - more)
      }),
    )
  })
})

describe('the widest gap', () => {
  const of = (...serials: readonly number[]) => widestGap(serials.map(serial => ({ serial })))

  test.each([
    [[], undefined],
    [[3], [3, 3, 0]],
    [
      [3, 3, 3],
      [3, 3, 0],
    ],
    [
      [5, 9, 7],
      [9, 5, 4],
    ],
    [
      [0xfffffffe, 2, 0],
      [2, 0xfffffffe, 4],
    ],
  ])('%j', (serials, expected) => {
    const gap = of(...serials)
    expect(gap && [gap.ahead.serial, gap.behind.serial, gap.lag]).toEqual(expected)
  })

  test('does not depend on the order, and is never negative', () => {
    fc.assert(
      fc.property(fc.array(u32(), { minLength: 1, maxLength: 8 }), serials => {
        expect(of(...serials)?.lag).toBe(of(...serials.toReversed())?.lag)
        expect(of(...serials)?.lag).toBeGreaterThanOrEqual(0)
      }),
    )
  })
})
