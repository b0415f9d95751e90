import { isIPv4, isIPv6 } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDigits, parseIpv4, parseIpv6 } from '../../../src/probers/dhcp/formats/text.ts'

// Octets around the range must not matter.
const framed = (text: string) => Buffer.from(`1:.${text}.:1`, 'latin1')

const ipv4 = (text: string) => parseIpv4(framed(text), 3, 3 + text.length)

function ipv6(text: string): string | undefined {
  const words = new Uint32Array(4)
  if (!parseIpv6(framed(text), 3, 3 + text.length, words)) return undefined
  return [...words].map(word => word.toString(16).padStart(8, '0')).join('')
}

const fromChars = (...parts: string[]) =>
  fc.array(fc.constantFrom(...parts), { maxLength: 14 }).map(text => text.join(''))

test('reads the dotted quads that node:net takes for one, and no other text', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fromChars('1', '0', '255', '256', '.', '..', 'a', '9', ' ')), text => {
      const value = isIPv4(text) ? text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) : -1
      expect(ipv4(text)).toBe(value)
    }),
    { numRuns: 2000 },
  )
  expect([ipv4('255.255.255.255'), ipv4('0.0.0.0'), ipv4('010.0.0.1'), ipv4('')]).toEqual([0xffff_ffff, 0, -1, -1])
})

/** Through the URL parser, which writes the shortest form. */
function fullForm(text: string): string {
  const short = new URL(`http://[${text}]`).hostname.slice(1, -1)
  const [head = [], tail = []] = short.split('::').map(side => side.split(':').filter(Boolean))
  const zeros = Array<string>(8 - head.length - tail.length).fill('0')
  return [...head, ...zeros, ...tail].map(group => group.padStart(4, '0')).join('')
}

test('reads the IPv6 addresses that node:net takes for one, and no other text', () => {
  const parts = ['::', ':', '1', 'f', 'fd00', 'FFFF', '12345', 'g', '1.2.3.4', '.', '%eth0']
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), fromChars(...parts)), text => {
      const expected = isIPv6(text) && !text.includes('%') ? fullForm(text) : undefined
      expect(ipv6(text)).toBe(expected)
    }),
    { numRuns: 3000 },
  )
})

test('reads digits', () => {
  const digits = (text: string) => parseDigits(framed(text), 3, 3 + text.length)
  expect(['0', '007', '999999999999999', '', '-1', '1.5', '1e3', ' 1', '1234567890123456'].map(digits)).toEqual([
    0, 7, 999999999999999, -1, -1, -1, -1, -1, -1,
  ])
})
