import { typeName } from '../iana.ts'
import { badRdata, type Field } from './field.ts'

type Window = readonly [window: number, bits: Buffer]

function* typesIn(windows: readonly Window[]): Generator<number> {
  for (const [window, bits] of windows) {
    for (const [index, octet] of bits.entries()) {
      for (let bit = 0; bit < 8; bit++) if (octet & (0x80 >> bit)) yield window * 256 + index * 8 + bit
    }
  }
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
  print: windows => (windows.length === 0 ? undefined : [...typesIn(windows)].map(typeName).join(' ')),
}
