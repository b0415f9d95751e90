import { createHash } from 'node:crypto'
import { algorithmName, typeOf } from '../wire/iana.ts'
import type { Name } from '../wire/name.ts'
import { parseData } from '../wire/parse-data.ts'
import { parseName } from '../wire/parse-name.ts'
import { isSupported } from './algorithms.ts'
import { readZoneKey, type ZoneKey } from './key.ts'
import { lowerName } from './names.ts'

/** A record that is trusted because the configuration has it, or because a zone above vouches for it. */
export interface Anchor {
  /** In lower case. */
  readonly zone: Name
  readonly matches: (key: ZoneKey) => boolean
}

const [ds, dnskey] = [typeOf('DS'), typeOf('DNSKEY')]

const digests: ReadonlyMap<number, { readonly hash: string; readonly bytes: number }> = new Map([
  [1, { hash: 'sha1', bytes: 20 }],
  [2, { hash: 'sha256', bytes: 32 }],
  [4, { hash: 'sha384', bytes: 48 }],
])

const bad = (why: string) => new Error(`expected a DS or DNSKEY record: ${why}`)

/**
 * An anchor from the RDATA of a DS record (RFC 4034, 5.1.4: a digest of owner and key). Throws an Error when it is not
 * supported, or broken.
 */
export function dsAnchor(zone: Name, rdata: Buffer): Anchor {
  const [tag, algorithm, type, digest] = [
    rdata.readUInt16BE(0),
    rdata.readUInt8(2),
    rdata.readUInt8(3),
    rdata.subarray(4),
  ]
  if (!isSupported(algorithm)) throw bad(`algorithm ${algorithmName(algorithm)} is not supported`)
  const kind = digests.get(type)
  if (kind === undefined) throw bad(`digest type ${type} is not supported, only ${[...digests.keys()].join(', ')}`)
  if (digest.length !== kind.bytes) throw bad(`a digest of type ${type} has ${kind.bytes} octets, not ${digest.length}`)
  return {
    zone,
    matches: key =>
      key.tag === tag &&
      key.algorithm === algorithm &&
      createHash(kind.hash).update(zone).update(key.rdata).digest().equals(digest),
  }
}

function keyAnchor(zone: Name, rdata: Buffer): Anchor {
  const key = readZoneKey(rdata)
  if (key === undefined) throw bad('a key needs the zone bit (256), not the revoke bit (128), and protocol 3')
  if (!isSupported(key.algorithm)) throw bad(`algorithm ${algorithmName(key.algorithm)} is not supported`)
  if (key.verifier() === undefined) throw bad(`key ${key.tag} is broken`)
  return { zone, matches: other => other.rdata.equals(rdata) }
}

const beforeData = /^\s*(\S+)\s+(?:(?:\d+[smhdw]?|IN)\s+)*(DS|DNSKEY)\s(.*)$/is

/**
 * Reads a DS or DNSKEY record in master-file form, such as `example.org. 3600 IN DS 12345 13 2 0A1B…`; TTL and class may
 * be left out. Throws an Error that says what is wrong.
 */
export function parseAnchor(text: string): Anchor {
  const [, owner, type = '', data = ''] = beforeData.exec(text) ?? []
  if (owner === undefined) throw bad(`a name, its type and its data, not '${text}'`)
  const zone = lowerName(parseName(owner))
  return type.toUpperCase() === 'DS'
    ? dsAnchor(zone, parseData(ds, data).rdata)
    : keyAnchor(zone, parseData(dnskey, data).rdata)
}
