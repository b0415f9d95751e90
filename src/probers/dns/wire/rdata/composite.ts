import type { Cursor } from '../cursor.ts'
import { nameText } from '../name.ts'
import { ipv4, ipv6 } from './address.ts'
import { badRdata, type Field } from './field.ts'
import { base64, hexLower } from './print.ts'

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

const printGateway = ([head, print]: Gateway) => `${head} ${print()}`

/** Precedence, gateway type, algorithm and gateway of IPSECKEY (RFC 4025, 2.1). */
export const ipsecGateway: Field<Gateway> = {
  read(cursor) {
    const [precedence, type, algorithm] = [cursor.u8(), cursor.u8(), cursor.u8()]
    return [`${precedence} ${type} ${algorithm}`, gateway(type, cursor)]
  },
  print: printGateway,
}

/** AMTRELAY (RFC 8777, 4.2): precedence, discovery bit, type, relay. */
export const relay: Field<Gateway> = {
  read(cursor) {
    const precedence = cursor.u8()
    const octet = cursor.u8()
    return [`${precedence} ${octet >> 7} ${octet & 0x7f}`, gateway(octet & 0x7f, cursor)]
  },
  print: printGateway,
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
}

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

/** The address prefixes of APL (RFC 3123, 4): trailing zero octets are left out of the message. */
export const prefixes: Field<readonly Prefix[]> = {
  read(cursor) {
    const found: Prefix[] = []
    while (!cursor.isAtEnd) found.push(prefix(cursor))
    return found
  },
  print: found => found.map(printPrefix).join(' '),
}
