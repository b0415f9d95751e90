import { isIPv4, isIPv6 } from 'node:net'
import { octetsOf } from '../../../../kit/net/address.ts'
import { ipv4, ipv6 } from './address.ts'
import * as print from './print.ts'
import { expected, stringOctets } from './words.ts'

/** A text form of octets, both ways. `parse` throws an Error that says what it expected. */
export interface Form {
  print(octets: Buffer): string
  parse(text: string): Buffer
}

function parseHex(text: string): Buffer {
  if (!/^(?:[\da-f]{2})*$/i.test(text)) throw expected('hexadecimal digits in pairs', text)
  return Buffer.from(text, 'hex')
}

function parseBase64(text: string): Buffer {
  const octets = Buffer.from(text, 'base64')
  const unpadded = text.replace(/={1,2}$/, '')
  if (octets.toString('base64').replace(/=+$/, '') !== unpadded) throw expected('base64', text)
  return octets
}

function parseBase32Hex(text: string): Buffer {
  const octets: number[] = []
  let bits = 0
  let held = 0
  for (const digit of text.toUpperCase()) {
    const value = print.base32Digits.indexOf(digit)
    if (value < 0) throw expected('base32hex', text)
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    octets.push((held >> bits) & 0xff)
  }
  const parsed = Buffer.from(octets)
  if (print.base32Hex(parsed) !== text.toUpperCase()) throw expected('base32hex', text)
  return parsed
}

/** Groups of hexadecimal digits with `separator` between them; leading zeros may be left out. */
function parseGroups(text: string, separator: string, digits: number): Buffer {
  const groups = text.split(separator)
  if (groups.some(group => !/^[\da-f]+$/i.test(group) || group.length > digits)) {
    throw expected(`groups of ${digits} hexadecimal digits with '${separator}' between them`, text)
  }
  return Buffer.from(groups.map(group => group.padStart(digits, '0')).join(''), 'hex')
}

export const hexLower: Form = { print: print.hexLower, parse: parseHex }
export const hexUpper: Form = { print: print.hexUpper, parse: parseHex }
export const hexInPieces: Form = { print: print.hexInPieces, parse: parseHex }
export const base64: Form = { print: print.base64, parse: parseBase64 }
export const base32Hex: Form = { print: print.base32Hex, parse: parseBase32Hex }
export const salt: Form = { print: print.salt, parse: text => parseHex(text === '-' ? '' : text) }
export const dashed: Form = { print: print.dashed, parse: text => parseGroups(text, '-', 2) }
export const quadsLower: Form = {
  print: id => print.quads(print.hexLower(id)),
  parse: text => parseGroups(text, ':', 4),
}
export const quadsUpper: Form = { print: id => print.quads(print.hexUpper(id)), parse: quadsLower.parse }
export const bare: Form = { print: print.bare, parse: stringOctets }
export const quoted: Form = { print: print.quoted, parse: stringOctets }

export const ipv4Form: Form = {
  print: ipv4,
  parse(text) {
    if (!isIPv4(text)) throw expected('an IPv4 address', text)
    return Buffer.from(octetsOf(text, 4))
  },
}

export const ipv6Form: Form = {
  print: ipv6,
  parse(text) {
    if (!isIPv6(text) || text.includes('%')) throw expected('an IPv6 address', text)
    return Buffer.from(octetsOf(text, 6))
  },
}
