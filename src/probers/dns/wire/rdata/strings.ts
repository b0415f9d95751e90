import { badRdata, countedOctets, type Field } from './field.ts'
import { quoted } from './print.ts'
import { stringOctets, type Words } from './words.ts'

const maxStringBytes = 255

/** The parts of octets that are a sequence of counted strings; throws when they are not. */
function* countedIn(octets: Buffer): Generator<Buffer> {
  for (let at = 0; at < octets.length; ) {
    const end = at + 1 + (octets[at] ?? 0)
    if (end > octets.length) throw badRdata()
    yield octets.subarray(at + 1, end)
    at = end
  }
}

function parseStrings(words: Words): Buffer {
  const parsed = [words.next('a text'), ...words.rest()].map(word => countedOctets(stringOctets(word)))
  return Buffer.concat(parsed)
}

/** A text of any length as strings. */
function pieces(text: Buffer): readonly Buffer[] {
  const count = Math.max(1, Math.ceil(text.length / maxStringBytes))
  return Array.from({ length: count }, (_, index) =>
    countedOctets(text.subarray(index * maxStringBytes, (index + 1) * maxStringBytes)),
  )
}

/** One or more counted strings up to the end, kept in one piece: there can be as many as there are octets. */
export const strings: Field<Buffer> = {
  read(cursor) {
    const octets = cursor.rest()
    if (octets.length === 0) throw badRdata()
    for (const _ of countedIn(octets));
    return octets
  },
  print: octets => [...countedIn(octets)].map(quoted).join(' '),
  parse: parseStrings,
}

/**
 * Strings that are pieces of one text (RFC 7208, 3.3): where it is cut does not matter. Without any quotes the whole is
 * one text, blanks and all.
 */
export const text: Field<Buffer> = {
  ...strings,
  parse(words) {
    const whole = words.unquoted()
    const texts = whole === undefined ? [words.next('a text'), ...words.rest()] : [whole]
    return Buffer.concat(texts.flatMap(word => pieces(stringOctets(word))))
  },
  canonical: octets => quoted(Buffer.concat([...countedIn(octets)])),
}
