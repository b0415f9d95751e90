import { typeName, typeOf } from '../wire/iana.ts'
import { type Name, nameText } from '../wire/name.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { keyOf, lowerName } from './names.ts'

const rrsig = typeOf('RRSIG')

/** What an RRSIG record says (RFC 4034, 3.1). */
export interface Signature {
  readonly typeCovered: number
  readonly algorithm: number
  /** Labels of the name that was signed, without root and wildcard. */
  readonly labels: number
  readonly originalTtl: number
  /** Seconds in serial arithmetic (RFC 1982). */
  readonly expiration: number
  readonly inception: number
  readonly keyTag: number
  /** The zone that signs, in lower case. */
  readonly signer: Name
  readonly octets: Buffer
  /** Everything that stands before `octets`, as it is signed. */
  readonly head: Buffer
}

/** All records of one name, type and class, and the signatures over them. */
export interface RrSet {
  /** In lower case. */
  readonly name: Name
  readonly type: number
  readonly class: number
  readonly records: readonly ResourceRecord[]
  readonly signatures: readonly Signature[]
}

const fixedBytes = 18

/** Reads a signature; undefined when the record is none or is broken. */
export function readSignature({ type, rdata, values }: ResourceRecord): Signature | undefined {
  if (type !== rrsig || values === undefined) return undefined
  const signer = lowerName(values[7] as Name)
  return {
    typeCovered: rdata.readUInt16BE(0),
    algorithm: rdata.readUInt8(2),
    labels: rdata.readUInt8(3),
    originalTtl: rdata.readUInt32BE(4),
    expiration: rdata.readUInt32BE(8),
    inception: rdata.readUInt32BE(12),
    keyTag: rdata.readUInt16BE(16),
    signer,
    octets: values[8] as Buffer,
    head: Buffer.concat([rdata.subarray(0, fixedBytes), signer]),
  }
}

/** Puts records into RRsets, in order of appearance; a signature over nothing that is there makes an empty one. */
export function rrSetsOf(records: readonly ResourceRecord[]): readonly RrSet[] {
  const sets = new Map<string, RrSet & { records: ResourceRecord[]; signatures: Signature[] }>()
  for (const record of records) {
    const signature = readSignature(record)
    const type = signature?.typeCovered ?? record.type
    const name = lowerName(record.name)
    const key = `${type} ${record.class} ${keyOf(name)}`
    const set = sets.get(key) ?? { name, type, class: record.class, records: [], signatures: [] }
    sets.set(key, set)
    if (signature === undefined) set.records.push(record)
    else set.signatures.push(signature)
  }
  return [...sets.values()]
}

/** How messages name an RRset: `A of www.example.org.` */
export const setText = ({ name, type }: Pick<RrSet, 'name' | 'type'>): string =>
  `${typeName(type)} of ${nameText(name)}`
