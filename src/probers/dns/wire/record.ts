import type { Cursor } from './cursor.ts'
import { classCode, className, typeName, typeOf } from './iana.ts'
import { Malformed } from './malformed.ts'
import { type Name, nameText } from './name.ts'
import { fieldsOf } from './rdata/codecs.ts'

const anyClass = classCode('ANY')

/** A resource record. */
export interface ResourceRecord {
  readonly name: Name
  readonly type: number
  readonly class: number
  /** Seconds. */
  readonly ttl: number
  readonly rdata: Buffer
  /** One value for each field of the type; undefined when the type is not known or the RDATA does not fit it. */
  readonly values: readonly unknown[] | undefined
}

/**
 * Reads the record at the cursor. An RDATA that does not fit its type leaves `values` undefined and the message whole;
 * a broken name loses the message even inside an RDATA, as names share octets across records.
 */
export function readRecord(cursor: Cursor): ResourceRecord {
  const name = cursor.name()
  const type = cursor.u16()
  const recordClass = cursor.u16()
  const ttl = cursor.u32()
  const length = cursor.u16()
  if (length > cursor.remaining) throw new Malformed('rdata_short')
  const values = readValues(type, cursor, length)
  return { name, type, class: recordClass, ttl, rdata: cursor.take(length), values }
}

/** Reads the next `length` octets as data of a type; undefined when they do not fit it or it is not known. */
export function readValues(type: number, cursor: Cursor, length: number): readonly unknown[] | undefined {
  const fields = fieldsOf.get(type)
  if (fields === undefined) return undefined
  const inside = cursor.peek(length, 'bad_rdata')
  try {
    const values = fields.map(field => field.read(inside))
    return inside.isAtEnd ? values : undefined
  } catch (error) {
    if (error instanceof Malformed && error.reason === 'bad_rdata') return undefined
    throw error
  }
}

/**
 * A record as miekg/dns prints it, which is what blackbox_exporter's patterns are written for: owner, TTL, class, type
 * and RDATA with tabs between them. A type without a form of its own is `CLASS1 TYPE65280 \# 4 deadbeef` (RFC 3597, 5).
 */
export function recordText(record: ResourceRecord): string {
  const { name, type, class: recordClass, ttl } = record
  const kind = fieldsOf.has(type) ? [classText(recordClass), typeName(type)] : [`CLASS${recordClass}`, `TYPE${type}`]
  return [nameText(name), ttl, ...kind, dataText(record)].join('\t')
}

/** What of a record is its data. */
export type RecordData = Pick<ResourceRecord, 'type' | 'rdata' | 'values'>

/** The data of a record alone, as `recordText` has it. */
export const dataText = ({ type, rdata, values }: RecordData): string =>
  values === undefined
    ? generic(rdata)
    : printed((fieldsOf.get(type) ?? []).map((field, index) => field.print(values[index])))

/**
 * A text that is the same for data that means the same: names in lower case, pieces of a TXT joined. It tells nothing of
 * the type.
 */
export const canonicalData = ({ type, rdata, values }: RecordData): string =>
  values === undefined
    ? generic(rdata)
    : printed((fieldsOf.get(type) ?? []).map((field, at) => (field.canonical ?? field.print)(values[at])))

/** Whether the data does not fit the type. */
export const isMalformed = ({ type, values }: RecordData): boolean => values === undefined && fieldsOf.has(type)

// ANY is a type, too, so miekg/dns does not write it as a class.
const classText = (code: number) => (code === anyClass ? `CLASS${code}` : className(code))

const generic = (rdata: Buffer) => `\\# ${rdata.length} ${rdata.toString('hex')}`

const printed = (parts: readonly (string | undefined)[]) => parts.filter(part => part !== undefined).join(' ')

const soa = typeOf('SOA')

/** The serial number of a SOA record; undefined of any other record. */
export function soaSerial({ type, values }: ResourceRecord): number | undefined {
  const serial = type === soa ? values?.[2] : undefined
  return typeof serial === 'number' ? serial : undefined
}
