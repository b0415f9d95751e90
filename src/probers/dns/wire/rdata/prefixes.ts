import type { Cursor } from '../cursor.ts'
import { ipv4, ipv6 } from './address.ts'
import { badRdata, type Field } from './field.ts'
import { ipv4Form, ipv6Form } from './forms.ts'
import { expected } from './words.ts'

type Prefix = readonly [family: number, length: number, negated: boolean, part: Buffer]

const familyBytes = new Map([
  [1, 4],
  [2, 16],
])

function prefix(cursor: Cursor): Prefix {
  const family = cursor.u16()
  const length = cursor.u8()
  const octet = cursor.u8()
  const bytes = familyBytes.get(family)
  const part = cursor.take(octet & 0x7f)
  if (bytes === undefined || part.length > bytes || length > bytes * 8) throw badRdata()
  return [family, length, octet >> 7 === 1, part]
}

function printPrefix([family, length, negated, part]: Prefix): string {
  const address = Buffer.concat([part, Buffer.alloc(16)])
  const text = family === 1 ? ipv4(address.subarray(0, 4)) : ipv6(address.subarray(0, 16))
  return `${negated ? '!' : ''}${family}:${text}/${length}`
}

function parsePrefix(word: string): Buffer {
  const [, negation, family = '', address = '', length = ''] = /^(!?)([12]):([^/]+)\/(\d{1,3})$/.exec(word) ?? []
  if (negation === undefined) throw expected('prefixes such as 1:192.0.2.0/24 or !2:2001:db8::/32', word)
  const octets = (family === '1' ? ipv4Form : ipv6Form).parse(address)
  if (Number(length) > octets.length * 8) throw expected(`a length up to ${octets.length * 8}`, length)
  const part = octets.subarray(0, octets.findLastIndex(octet => octet !== 0) + 1)
  const flag = negation === '!' ? 0x80 : 0
  return Buffer.concat([Buffer.from([0, Number(family), Number(length), flag | part.length]), part])
}

/** The address prefixes of APL (RFC 3123, 4): trailing zero octets are left out of the message. */
export const prefixes: Field<readonly Prefix[]> = {
  read(cursor) {
    const found: Prefix[] = []
    while (!cursor.isAtEnd) found.push(prefix(cursor))
    return found
  },
  print: found => found.map(printPrefix).join(' '),
  parse: words => Buffer.concat(words.rest().map(parsePrefix)),
}
