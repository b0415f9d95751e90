import { Cursor } from './cursor.ts'
import { typeName } from './iana.ts'
import { Malformed } from './malformed.ts'
import { createNameReader } from './name.ts'
import { fieldsOf } from './rdata/codecs.ts'
import { hexLower } from './rdata/forms.ts'
import { expected, Words } from './rdata/words.ts'
import { type RecordData, readValues } from './record.ts'

const maxBytes = 65_535

/** The form that any type has (RFC 3597, 5): `\# 4 deadbeef`. */
function parseGeneric(text: string): Buffer | undefined {
  const [, length, hex = ''] = /^\s*\\#\s+(\d{1,5})(\s.*)?$/s.exec(text) ?? []
  if (length === undefined) return undefined
  const octets = hexLower.parse(hex.replace(/\s/g, ''))
  if (octets.length !== Number(length)) throw expected(`${length} octets`, `${octets.length}`)
  return octets
}

function parseFields(type: number, text: string): Buffer {
  const fields = fieldsOf.get(type)
  if (fields === undefined) throw expected('\\# and a length and hexadecimal digits (RFC 3597)', text)
  const words = new Words(text)
  const octets = Buffer.concat(fields.map(field => field.parse(words)))
  if (!words.isAtEnd) throw expected('the end', words.rest().join(' '))
  return octets
}

function readBack(type: number, rdata: Buffer): readonly unknown[] | undefined {
  try {
    return readValues(type, new Cursor(rdata, createNameReader(rdata), 0, rdata.length, 'bad_rdata'), rdata.length)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

/**
 * Reads the data of a record as it stands in a zone file, or as `\# 4 deadbeef`. What comes of it has passed the reader
 * for octets from the network. Throws an Error that says what is wrong.
 */
export function parseData(type: number, text: string): RecordData {
  const generic = parseGeneric(text)
  const rdata = generic ?? parseFields(type, text)
  if (rdata.length > maxBytes) throw new Error(`expected at most ${maxBytes} octets`)
  const values = readBack(type, rdata)
  if (values === undefined && fieldsOf.has(type)) throw expected(`data of type ${typeName(type)}`, text)
  return { type, rdata, values }
}
