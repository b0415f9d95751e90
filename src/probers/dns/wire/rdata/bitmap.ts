import { typeCode, typeName } from '../iana.ts'
import { badRdata, type Field } from './field.ts'
import { expected } from './words.ts'

type Window = readonly [window: number, bits: Buffer]

// Plain loops: a hostile set of all 65,536 types must not hold the event loop up.
function printTypes(windows: readonly Window[]): string {
  const names: string[] = []
  for (const [window, bits] of windows) {
    for (let at = 0; at < bits.length * 8; at++) {
      if ((bits[at >> 3] ?? 0) & (0x80 >> (at & 7))) names.push(typeName(window * 256 + at))
    }
  }
  return names.join(' ')
}

function parseTypes(words: readonly string[]): Buffer {
  const windows = new Map<number, Buffer>()
  for (const word of words) {
    const type = typeCode(word)
    if (type === undefined) throw expected('a record type', word)
    const bits = windows.get(type >> 8) ?? Buffer.alloc(32)
    windows.set(type >> 8, bits)
    const at = (type & 255) >> 3
    bits.writeUInt8(bits.readUInt8(at) | (0x80 >> (type & 7)), at)
  }
  const parts = [...windows].sort(([a], [b]) => a - b)
  return Buffer.concat(
    parts.map(([window, bits]) => {
      const length = bits.findLastIndex(octet => octet !== 0) + 1
      return Buffer.concat([Buffer.from([window, length]), bits.subarray(0, length)])
    }),
  )
}

/** The set of types in NSEC, NSEC3 and CSYNC (RFC 4034, 4.1.2): windows in rising order, none empty. */
export const bitmap: Field<readonly Window[]> = {
  read(cursor) {
    const windows: Window[] = []
    for (let last = -1; !cursor.isAtEnd; ) {
      const window = cursor.u8()
      const length = cursor.u8()
      if (window <= last || length === 0 || length > 32) throw badRdata()
      windows.push([window, cursor.take(length)])
      last = window
    }
    return windows
  },
  print: windows => (windows.length === 0 ? undefined : printTypes(windows)),
  parse: words => parseTypes(words.rest()),
}
