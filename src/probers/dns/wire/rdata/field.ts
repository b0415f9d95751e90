import type { Cursor } from '../cursor.ts'
import { Malformed } from '../malformed.ts'
import { nameText } from '../name.ts'

/**
 * One field of an RDATA. `read` takes just its octets and throws `Malformed('bad_rdata')` when they do not fit; `print`
 * gives its text, or undefined when a list is empty and leaves no trace. Reading is cheap; text is made on demand.
 */
export interface Field<T = unknown> {
  read(cursor: Cursor): T
  print(value: T): string | undefined
}

export const badRdata = () => new Malformed('bad_rdata')

const number = (read: (cursor: Cursor) => number): Field<number> => ({ read, print: String })

export const u8 = number(cursor => cursor.u8())
export const u16 = number(cursor => cursor.u16())
export const u32 = number(cursor => cursor.u32())

/** A number of 16 bits that prints as a word. */
export const word16 = (print: (code: number) => string): Field<number> => ({ read: cursor => cursor.u16(), print })

/** A number of 8 bits that prints as a word. */
export const word8 = (print: (code: number) => string): Field<number> => ({ read: cursor => cursor.u8(), print })

export const name: Field<Buffer> = { read: cursor => cursor.name(), print: nameText }

/** Octets up to the end of the RDATA. */
export const rest = (print: (octets: Buffer) => string): Field<Buffer> => ({ read: cursor => cursor.rest(), print })

/** A fixed number of octets. */
export const octets = (bytes: number, print: (octets: Buffer) => string): Field<Buffer> => ({
  read: cursor => cursor.take(bytes),
  print,
})

/** Octets with their number in one octet before them. */
export const counted = (print: (octets: Buffer) => string): Field<Buffer> => ({
  read: cursor => cursor.take(cursor.u8()),
  print,
})

/** The parts of octets that are a sequence of counted strings; throws when they are not. */
function* countedIn(octets: Buffer): Generator<readonly [start: number, end: number]> {
  for (let at = 0; at < octets.length; ) {
    const end = at + 1 + (octets[at] ?? 0)
    if (end > octets.length) throw badRdata()
    yield [at + 1, end]
    at = end
  }
}

/** One or more counted strings up to the end, kept in one piece: there can be as many as there are octets. */
export const strings = (print: (octets: Buffer) => string): Field<Buffer> => ({
  read(cursor) {
    const octets = cursor.rest()
    if (octets.length === 0) throw badRdata()
    for (const _ of countedIn(octets));
    return octets
  },
  print: octets => [...countedIn(octets)].map(([start, end]) => print(octets.subarray(start, end))).join(' '),
})
