import type { Cursor } from '../cursor.ts'
import { Malformed } from '../malformed.ts'
import { nameText } from '../name.ts'
import { parseName } from '../parse-name.ts'
import type { Form } from './forms.ts'
import { expected, type Words } from './words.ts'

/**
 * One field of an RDATA. `read` takes just its octets and throws `Malformed('bad_rdata')` when they do not fit; `print`
 * gives its text, or undefined when a list is empty and leaves no trace. Reading is cheap; text is made on demand.
 */
export interface Field<T = unknown> {
  read(cursor: Cursor): T
  print(value: T): string | undefined
  /** Makes its octets, names uncompressed, of words in a zone file; throws an Error that says what it expected. */
  parse(words: Words): Buffer
  /** A text that is the same for values that mean the same, where that of `print` is not. */
  canonical?(value: T): string | undefined
}

export const badRdata = () => new Malformed('bad_rdata')

/** A number of so many octets in the order of the network. */
export function numberOctets(value: number, bytes: number): Buffer {
  const octets = Buffer.alloc(bytes)
  octets.writeUIntBE(value, 0, bytes)
  return octets
}

/** Makes a parser of one word that stands for a number of `bytes` octets. */
const parseNumber = (bytes: number, codeOf: (word: string) => number | undefined, what: string) => (words: Words) => {
  const word = words.next(what)
  const code = codeOf(word) ?? (/^\d{1,10}$/.test(word) ? Number(word) : Number.NaN)
  if (!(code < 256 ** bytes)) throw expected(`${what} up to ${256 ** bytes - 1}`, word)
  return numberOctets(code, bytes)
}

const noWord = () => undefined

/** A number that prints as one; `codeOf` tells what other words stand for. */
const number = (bytes: 1 | 2 | 4, codeOf: (word: string) => number | undefined = noWord): Field<number> => ({
  read: cursor => (bytes === 1 ? cursor.u8() : bytes === 2 ? cursor.u16() : cursor.u32()),
  print: String,
  parse: parseNumber(bytes, codeOf, 'a number'),
})

export const u8 = number(1)
export const u16 = number(2)
export const u32 = number(4)

/** A number of 8 bits for which a word may stand, though it prints as a number. */
export const u8OrWord = (codeOf: (word: string) => number | undefined): Field<number> => number(1, codeOf)

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Seconds as `1h30m`, as zone files may have them. */
const secondsOf = (word: string): number | undefined =>
  /^(?:\d{1,10}[smhdw])+$/i.test(word)
    ? [...word.toLowerCase().matchAll(/(\d+)(.)/g)].reduce(
        (sum, [, count, unit = '']) => sum + Number(count) * (unitSeconds[unit] ?? 0),
        0,
      )
    : undefined

/** A span of 32 bits in seconds. */
export const seconds: Field<number> = number(4, secondsOf)

interface Word {
  readonly nameOf: (code: number) => string
  readonly codeOf: (name: string) => number | undefined
  readonly what: string
}

/** A number of 16 bits that prints as a word. */
export const word16 = ({ nameOf, codeOf, what }: Word): Field<number> => ({
  read: cursor => cursor.u16(),
  print: nameOf,
  parse: parseNumber(2, codeOf, what),
})

/** A number of 8 bits that prints as a word. */
export const word8 = ({ nameOf, codeOf, what }: Word): Field<number> => ({
  read: cursor => cursor.u8(),
  print: nameOf,
  parse: parseNumber(1, codeOf, what),
})

/** The octets of a full name: a record's data has no origin that `@` could stand for. */
export function fullName(word: string): Buffer {
  if (word === '@') throw expected('a full name', word)
  return parseName(word)
}

export const lowerName = (name: Buffer) => nameText(name).toLowerCase()

export const name: Field<Buffer> = {
  read: cursor => cursor.name(),
  print: nameText,
  parse: words => fullName(words.next('a name')),
  canonical: lowerName,
}

/** Octets up to the end of the RDATA, in as many words as it likes. */
export const rest = (form: Form): Field<Buffer> => ({
  read: cursor => cursor.rest(),
  print: form.print,
  parse: words => form.parse(words.rest().join('')),
})

/** Octets up to the end of the RDATA that are one word. */
export const restAsWord = (form: Form): Field<Buffer> => ({
  read: cursor => cursor.rest(),
  print: form.print,
  parse: words => form.parse(words.next('a text')),
})

/** A fixed number of octets. */
export const octets = (bytes: number, form: Form): Field<Buffer> => ({
  read: cursor => cursor.take(bytes),
  print: form.print,
  parse(words) {
    const word = words.next(`${bytes} octets`)
    const parsed = form.parse(word)
    if (parsed.length !== bytes) throw expected(`${bytes} octets`, word)
    return parsed
  },
})

const maxCountedBytes = 255

export function countedOctets(parsed: Buffer): Buffer {
  if (parsed.length > maxCountedBytes) throw new Error(`expected a text of at most ${maxCountedBytes} octets`)
  return Buffer.concat([Buffer.from([parsed.length]), parsed])
}

/** Octets with their number in one octet before them. */
export const counted = (form: Form): Field<Buffer> => ({
  read: cursor => cursor.take(cursor.u8()),
  print: form.print,
  parse: words => countedOctets(form.parse(words.next('a text'))),
})

/** The same for octets in which the case of letters does not matter. */
export const countedAnyCase = (form: Form): Field<Buffer> => ({
  ...counted(form),
  canonical: value => form.print(value).toLowerCase(),
})
