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

interface Digest {
  readonly tag: number
  readonly algorithm: number
  readonly type: number
  readonly digest: Buffer
}

function readDs(rdata: Buffer): Digest | undefined {
  if (rdata.length < 4) return undefined
  const [tag, algorithm, type] = [rdata.readUInt16BE(0), rdata.readUInt8(2), rdata.readUInt8(3)]
  return { tag, algorithm, type, digest: rdata.subarray(4) }
}

/** Why a DS record can be no anchor; undefined when it can. */
function faultOf({ algorithm, type, digest }: Digest): string | undefined {
  if (!isSupported(algorithm)) return `algorithm ${algorithmName(algorithm)} is not supported`
  const kind = digests.get(type)
  if (kind === undefined) return `digest type ${type} is not supported, only ${[...digests.keys()].join(', ')}`
  if (digest.length !== kind.bytes) return `a digest of type ${type} has ${kind.bytes} octets, not ${digest.length}`
  return undefined
}

/**
 * An anchor from the RDATA of a DS record (RFC 4034, 5.1.4: a digest of owner and key); undefined when it is not
 * supported, or broken.
 */
export function dsAnchor(zone: Name, rdata: Buffer): Anchor | undefined {
  const read = readDs(rdata)
  if (read === undefined || faultOf(read) !== undefined) return undefined
  const { tag, algorithm, type, digest } = read
  const hash = digests.get(type)?.hash ?? ''
  return {
    zone,
    matches: key =>
      key.tag === tag &&
      key.algorithm === algorithm &&
      createHash(hash).update(zone).update(key.rdata).digest().equals(digest),
  }
}

function digestAnchor(zone: Name, rdata: Buffer): Anchor {
  const anchor = dsAnchor(zone, rdata)
  if (anchor !== undefined) return anchor
  const read = readDs(rdata)
  throw bad((read && faultOf(read)) ?? 'it is too short')
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
    ? digestAnchor(zone, parseData(ds, data).rdata)
    : keyAnchor(zone, parseData(dnskey, data).rdata)
}
