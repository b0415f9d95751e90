import { createHash } from 'node:crypto'
import { algorithmCode, algorithmName } from '../wire/iana.ts'
import { type Name, nameText } from '../wire/name.ts'
import { parseName } from '../wire/parse-name.ts'
import { isSupported } from './algorithms.ts'
import { keyTag, readZoneKey, type ZoneKey } from './key.ts'
import { lowerName } from './names.ts'

/** A record that is trusted because the configuration has it, or because a zone above vouches for it. */
export interface Anchor {
  /** In lower case. */
  readonly zone: Name
  readonly matches: (key: ZoneKey) => boolean
}

const digests: ReadonlyMap<number, { readonly hash: string; readonly bytes: number }> = new Map([
  [1, { hash: 'sha1', bytes: 20 }],
  [2, { hash: 'sha256', bytes: 32 }],
  [4, { hash: 'sha384', bytes: 48 }],
])

/**
 * An anchor from the RDATA of a DS record (RFC 4034, 5.1.4: a digest of owner and key); undefined when its algorithm or
 * its digest is not supported.
 */
export function dsAnchor(zone: Name, rdata: Buffer): Anchor | undefined {
  if (rdata.length < 4) return undefined
  const [tag, algorithm, type, digest] = [
    rdata.readUInt16BE(0),
    rdata.readUInt8(2),
    rdata.readUInt8(3),
    rdata.subarray(4),
  ]
  const kind = digests.get(type)
  if (kind === undefined || digest.length !== kind.bytes || !isSupported(algorithm)) return undefined
  return {
    zone,
    matches: key =>
      key.tag === tag &&
      key.algorithm === algorithm &&
      createHash(kind.hash).update(zone).update(key.rdata).digest().equals(digest),
  }
}

const bad = (why: string) => new Error(`expected a DS or DNSKEY record: ${why}`)

function number(text: string | undefined, maximum: number, what: string): number {
  const value = /^\d{1,5}$/.test(text ?? '') ? Number(text) : Number.NaN
  if (!(value <= maximum)) throw bad(`'${text ?? ''}' is no ${what}`)
  return value
}

function algorithm(text = ''): number {
  const code = /^\d+$/.test(text) ? number(text, 255, 'algorithm') : algorithmCode(text)
  if (code === undefined) throw bad(`'${text}' is no algorithm`)
  if (!isSupported(code)) throw bad(`algorithm ${algorithmName(code)} is not supported`)
  return code
}

function octetsOf(text: string, encoding: 'hex' | 'base64'): Buffer {
  const octets = Buffer.from(text, encoding)
  const again = octets.toString(encoding)
  if (octets.length === 0 || again !== (encoding === 'hex' ? text.toLowerCase() : text)) throw bad(`broken ${encoding}`)
  return octets
}

function parseDs(zone: Name, [tagText, algorithmText, typeText, ...hex]: readonly string[]): Anchor {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(number(tagText, 0xffff, 'key tag'))
  head.writeUInt8(algorithm(algorithmText), 2)
  const type = number(typeText, 255, 'digest type')
  const kind = digests.get(type)
  if (kind === undefined) throw bad(`digest type ${type} is not supported, only ${[...digests.keys()].join(', ')}`)
  head.writeUInt8(type, 3)
  const digest = octetsOf(hex.join(''), 'hex')
  const anchor = dsAnchor(zone, Buffer.concat([head, digest]))
  if (anchor === undefined) throw bad(`a digest of type ${type} has ${kind.bytes} octets, not ${digest.length}`)
  return anchor
}

function parseKey(zone: Name, [flagsText, protocolText, algorithmText, ...base64]: readonly string[]): Anchor {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(number(flagsText, 0xffff, 'number of flags'))
  head.writeUInt8(number(protocolText, 255, 'protocol'), 2)
  head.writeUInt8(algorithm(algorithmText), 3)
  const rdata = Buffer.concat([head, octetsOf(base64.join(''), 'base64')])
  const key = readZoneKey(rdata)
  if (key === undefined) throw bad('it needs the zone bit (256), not the revoke bit (128), and protocol 3')
  if (key.verifier() === undefined) throw bad(`key ${keyTag(rdata)} is broken`)
  return { zone, matches: other => other.rdata.equals(rdata) }
}

/**
 * Reads a DS or DNSKEY record in master-file form, such as `example.org. 3600 IN DS 12345 13 2 0A1B…`; TTL and class may
 * be left out, parentheses and comments are understood. Throws an Error that says what is wrong.
 */
export function parseAnchor(text: string): Anchor {
  const [owner, ...words] = text
    .replace(/;.*/g, '')
    .split(/[\s()]+/)
    .filter(word => word !== '')
  if (owner === undefined) throw bad('it is empty')
  const zone = lowerName(parseName(owner))
  while (/^(\d+[smhdw]?|IN)$/i.test(words[0] ?? '')) words.shift()
  const type = words.shift()?.toUpperCase()
  if (type === 'DS') return parseDs(zone, words)
  if (type === 'DNSKEY') return parseKey(zone, words)
  throw bad(`${type === undefined ? 'it has no type' : `its type is ${type}`} after the name ${nameText(zone)}`)
}
