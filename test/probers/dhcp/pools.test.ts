import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leaseTypes } from '../../../src/probers/dhcp/leases.ts'
import { addressText, fromWords, parseAddress, toWords } from '../../../src/probers/dhcp/pools/address.ts'
import { findOverlaps, withoutOverlaps } from '../../../src/probers/dhcp/pools/overlaps.ts'
import { createPool, type Pool } from '../../../src/probers/dhcp/pools/pool.ts'
import { createPoolMap } from '../../../src/probers/dhcp/pools/pool-map.ts'
import {
  BadRange,
  countAddresses,
  parseAddresses,
  parseNetwork,
  parseRange,
  type Range,
  rangeText,
  without,
} from '../../../src/probers/dhcp/pools/range.ts'

const addressCode = leaseTypes.indexOf('address')
const naCode = leaseTypes.indexOf('na')
const prefixCode = leaseTypes.indexOf('pd')

/** A small model: the addresses of ranges, one by one. */
const members = (ranges: readonly Range[]) =>
  new Set(
    ranges.flatMap(({ first, last }) => Array.from({ length: Number(last - first) + 1 }, (_, i) => first + BigInt(i))),
  )

const base = 0xfd00n << 112n
const smallRange = fc
  .tuple(fc.bigInt(0n, 60n), fc.bigInt(0n, 12n))
  .map(([first, more]) => ({ first: base + first, last: base + first + more }))

describe('addresses', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['255.255.255.255', '255.255.255.255'],
    ['FD00:0:0:1:0:0:0:1', 'fd00:0:0:1::1'],
    ['1:0:0:2:0:0:3:4', '1::2:0:0:3:4'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:db8::192.0.2.1', '2001:db8::c000:201'],
  ])('%s is %s', (text, canonical) => {
    const address = parseAddress(text)!
    expect(addressText(address.family, address.value)).toBe(canonical)
  })

  test.each(['', '10.0.0', '10.0.0.256', '10.0.0.01', 'fd00', 'fd00::1::2', 'fd00::/64', ' 10.0.0.1', 'ａ'])(
    '%j is none',
    text => {
      expect(parseAddress(text)).toBeUndefined()
    },
  )

  test('there and back, as text and as words', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, (1n << 128n) - 1n), fc.nat(0xffff), (value, mask) => {
        // Half of the groups are zeros, as runs of them are what is difficult.
        const sparse = Array.from({ length: 8 }, (_, i) => (mask >> i) & 1).reduce(
          (sum, keep, i) => (keep ? sum | (value & (0xffffn << BigInt(16 * i))) : sum),
          0n,
        )
        expect(parseAddress(addressText('ipv6', sparse))).toEqual({ family: 'ipv6', value: sparse })
        expect(fromWords(toWords('ipv6', sparse))).toBe(sparse)
        const ipv4 = value & 0xffff_ffffn
        expect(parseAddress(addressText('ipv4', ipv4))).toEqual({ family: 'ipv4', value: ipv4 })
        expect(fromWords(toWords('ipv4', ipv4))).toBe(ipv4)
      }),
    )
  })
})

describe('ranges', () => {
  test.each([
    ['10.0.0.10-10.0.0.99', 90n],
    ['10.0.0.10 - 10.0.0.10', 1n],
    ['fd00::-fd00::ffff:ffff:ffff:ffff', 1n << 64n],
  ])('%s', (text, size) => {
    expect(countAddresses([parseRange(text)])).toBe(size)
  })

  test.each([
    ['10.0.0.0/24', '10.0.0.0-10.0.0.255'],
    ['0.0.0.0/0', '0.0.0.0-255.255.255.255'],
    ['10.0.0.1/32', '10.0.0.1-10.0.0.1'],
    ['2001:db8:8000::/40', '2001:db8:8000::-2001:db8:80ff:ffff:ffff:ffff:ffff:ffff'],
  ])('%s', (text, range) => {
    expect(rangeText(parseNetwork(text))).toBe(range)
  })

  test.each([
    ['10.0.0.9-10.0.0.8', 'reversed range: 10.0.0.9 comes after 10.0.0.8'],
    ['10.0.0.9-fd00::1', 'expected two addresses of one family'],
    ['10.0.0.9-', 'expected a range such as 10.0.0.10-10.0.0.99'],
    ['10.0.0.1-10.0.0.2-10.0.0.3', 'expected a range such as 10.0.0.10-10.0.0.99'],
    ['10.0.0.1/24', 'bits beyond the prefix, expected 10.0.0.0/24'],
    ['10.0.0.0/33', 'expected a prefix length from 0 to 32'],
    ['10.0.0.0/24/1', 'expected a network such as 10.0.0.0/24 or 2001:db8::/64'],
    ['10.0.0.0/', 'expected a network such as 10.0.0.0/24 or 2001:db8::/64'],
    ['office', 'expected an address, a range or a network'],
  ])('%s is none: %s', (text, message) => {
    expect(() => parseAddresses(text)).toThrow(new BadRange(message))
  })

  test('what is left without a hole', () => {
    fc.assert(
      fc.property(smallRange, fc.array(smallRange, { maxLength: 6 }), (range, holes) => {
        const left = holes.reduce<readonly Range[]>(without, [range])
        const model = [...members([range])].filter(member => !members(holes).has(member))
        expect([...members(left)].sort()).toEqual(model.sort())
        expect(countAddresses(left)).toBe(BigInt(model.length))
      }),
    )
  })

  test('any text is a range or a fault of one class', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[\da-f:./ -]{0,40}$/))
    fc.assert(
      fc.property(text, written => {
        try {
          const { first, last } = parseAddresses(written)
          expect(first <= last).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(BadRange)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

const pool = (name: string, { first, last }: Range, delegatedLength?: number): Pool =>
  createPool({ family: 'ipv6', first, last }, { name, delegatedLength })

describe('pools', () => {
  test('an IPv6 pool is not enumerated', () => {
    const { size } = pool('all', { first: 0n, last: (1n << 128n) - 1n })
    expect(Number(size)).toBe(2 ** 128)
  })

  test('the size of a pool of prefixes', () => {
    expect(pool('pd', parseNetwork('2001:db8:8000::/40'), 56).size).toBe(65_536n)
    expect(() => pool('pd', parseNetwork('2001:db8:8000::/60'), 56)).toThrow('expected whole prefixes')
  })

  test('the pool of an address, among all families and kinds', () => {
    const map = createPoolMap([
      createPool(parseRange('10.0.0.10-10.0.0.19'), { name: 'a' }),
      createPool(parseNetwork('192.168.0.0/16'), { name: 'b' }),
      pool('c', parseNetwork('fd00::/64')),
      pool('d', parseNetwork('fd00::/56'), 64),
    ])
    const find = (address: string, typeCode: number) => {
      const { family, value } = parseAddress(address)!
      return map.finder(family, typeCode)?.(toWords(family, value), 0)
    }
    expect(['10.0.0.9', '10.0.0.10', '10.0.0.19', '10.0.0.20'].map(text => find(text, addressCode))).toEqual([
      -1, 0, 0, -1,
    ])
    expect(['192.167.255.255', '192.168.255.255'].map(text => find(text, addressCode))).toEqual([-1, 1])
    expect(['fd00::1', 'fd00:0:0:1::'].map(text => find(text, naCode))).toEqual([2, -1])
    expect(['fd00::', 'fd00:0:0:1::'].map(text => find(text, prefixCode))).toEqual([3, 3])
    expect(createPoolMap([]).finder('ipv4', addressCode)).toBeUndefined()
  })

  test('finding, overlaps and what is left of them, against a model', () => {
    fc.assert(
      fc.property(fc.array(smallRange, { maxLength: 12 }), ranges => {
        const pools = ranges.map((range, i) => pool(String(i), range))
        const overlaps = findOverlaps(pools)
        const expected = ranges.flatMap((range, i) => {
          const earlier = ranges.findIndex(
            (other, j) => j < i && other.first <= range.last && range.first <= other.last,
          )
          return earlier === -1 ? [] : [{ pool: i, earlier }]
        })
        expect(overlaps).toEqual(expected)

        const apart = withoutOverlaps(pools, overlaps)
        expect(apart.reduce((sum, { size }) => sum + size, 0n)).toBe(BigInt(members(ranges).size))
        const find = createPoolMap(apart).finder('ipv6', naCode)
        for (let address = base; address < base + 80n; address++) {
          const first = ranges.findIndex(range => range.first <= address && address <= range.last)
          const found = find?.(toWords('ipv6', address), 0) ?? -1
          expect(found === -1 ? '-1' : apart[found]!.name).toBe(String(first))
        }
      }),
    )
  })
})
