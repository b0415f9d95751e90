import type { Cursor } from '../cursor.ts'
import { nameText } from '../name.ts'
import { ipv4, ipv6 } from './address.ts'
import { badRdata, type Field, fullName, lowerName, numberOctets, u8 } from './field.ts'
import { base64 as base64Form, hexLower as hexForm, ipv4Form, ipv6Form } from './forms.ts'
import { base64, hexLower } from './print.ts'
import { expected, type Words } from './words.ts'

type Gateway = readonly [head: string, print: () => string]

/** A gateway as IPSECKEY and AMTRELAY hold it: none, an address or a name. */
function gateway(type: number, cursor: Cursor): () => string {
  switch (type) {
    case 0:
      return () => '.'
    case 1: {
      const address = cursor.take(4)
      return () => ipv4(address)
    }
    case 2: {
      const address = cursor.take(16)
      return () => ipv6(address)
    }
    case 3: {
      const name = cursor.name()
      return () => nameText(name)
    }
    default:
      throw badRdata()
  }
}

function parseGateway(type: number, words: Words): Buffer {
  const word = words.next('a gateway')
  switch (type) {
    case 0:
      if (word !== '.') throw expected("'.'", word)
      return Buffer.alloc(0)
    case 1:
      return ipv4Form.parse(word)
    case 2:
      return ipv6Form.parse(word)
    case 3:
      return fullName(word)
    default:
      throw expected('a gateway type from 0 to 3', String(type))
  }
}

const printGateway = ([head, print]: Gateway) => `${head} ${print()}`

/** Precedence, gateway type, algorithm and gateway of IPSECKEY (RFC 4025, 2.1). */
export const ipsecGateway: Field<Gateway> = {
  read(cursor) {
    const [precedence, type, algorithm] = [cursor.u8(), cursor.u8(), cursor.u8()]
    return [`${precedence} ${type} ${algorithm}`, gateway(type, cursor)]
  },
  print: printGateway,
  canonical: value => printGateway(value).toLowerCase(),
  parse(words) {
    const head = Buffer.concat([u8.parse(words), u8.parse(words), u8.parse(words)])
    return Buffer.concat([head, parseGateway(head.readUInt8(1), words)])
  },
}

/** AMTRELAY (RFC 8777, 4.2): precedence, discovery bit, type, relay. */
export const relay: Field<Gateway> = {
  read(cursor) {
    const precedence = cursor.u8()
    const octet = cursor.u8()
    return [`${precedence} ${octet >> 7} ${octet & 0x7f}`, gateway(octet & 0x7f, cursor)]
  },
  print: printGateway,
  canonical: value => printGateway(value).toLowerCase(),
  parse(words) {
    const precedence = u8.parse(words)
    const discovery = words.next('0 or 1')
    if (discovery !== '0' && discovery !== '1') throw expected('0 or 1', discovery)
    const type = u8.parse(words).readUInt8()
    const octet = (Number(discovery) << 7) | (type & 0x7f)
    return Buffer.concat([precedence, Buffer.from([octet]), parseGateway(type, words)])
  },
}

/** Algorithm, identity tag and key of HIP (RFC 8005, 5), whose lengths stand before them. */
export const hostIdentity: Field<readonly [algorithm: number, tag: Buffer, key: Buffer]> = {
  read(cursor) {
    const tagBytes = cursor.u8()
    const algorithm = cursor.u8()
    const keyBytes = cursor.u16()
    return [algorithm, cursor.take(tagBytes), cursor.take(keyBytes)]
  },
  print: ([algorithm, tag, key]) => `${algorithm} ${hexLower(tag)} ${base64(key)}`,
  parse(words) {
    const algorithm = u8.parse(words)
    const tag = hexForm.parse(words.next('a host identity tag'))
    const key = base64Form.parse(words.next('a key'))
    if (tag.length > 255) throw new Error('expected a host identity tag of at most 255 octets')
    return Buffer.concat([numberOctets(tag.length, 1), algorithm, numberOctets(key.length, 2), tag, key])
  },
}

/** Names up to the end, uncompressed as RFC 8005 wants them: two octets must not become a name of 255, over and over. */
export const plainNames: Field<readonly Buffer[]> = {
  read(cursor) {
    const found: Buffer[] = []
    while (!cursor.isAtEnd) {
      const before = cursor.remaining
      const name = cursor.name()
      if (name.length !== before - cursor.remaining) throw badRdata()
      found.push(name)
    }
    return found
  },
  print: found => (found.length === 0 ? undefined : found.map(nameText).join(' ')),
  canonical: found => (found.length === 0 ? undefined : found.map(lowerName).join(' ')),
  parse: words => Buffer.concat(words.rest().map(fullName)),
}
