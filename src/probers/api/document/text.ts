import { DocumentFault } from './document.ts'

const marks: readonly (readonly [encoding: string, octets: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** The encoding that a byte order mark tells. */
export const encodingByMark = (octets: Uint8Array): string | undefined =>
  marks.find(([, mark]) => mark.every((octet, index) => octets[index] === octet))?.[0]

/** Whether `�` itself stands there. */
const isReplacement = (octets: Uint8Array, at: number) =>
  octets[at] === 0xef && octets[at + 1] === 0xbf && octets[at + 2] === 0xbd

/** The first octet that cannot stand where it stands in UTF-8. */
function firstBadOctet(octets: Uint8Array): number {
  let offset = 0
  for (const char of new TextDecoder('utf-8', { ignoreBOM: true }).decode(octets)) {
    const code = char.codePointAt(0) ?? 0
    if (code === 0xfffd && !isReplacement(octets, offset)) return offset
    offset += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return offset
}

/** Decodes UTF-8 with or without a BOM. Throws `DocumentFault` at octets that are none; `format` is what they should be. */
export function decodeUtf8(octets: Uint8Array, format: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(octets)
  } catch {
    const encoding = encodingByMark(octets) ?? 'utf-8'
    const fault =
      encoding === 'utf-8' ? `octet ${firstBadOctet(octets)} is not UTF-8` : `it is in ${encoding}, not UTF-8`
    throw new DocumentFault('parse', `not ${format}: ${fault}`)
  }
}

/** A decoder of an encoding by any of its names (https://encoding.spec.whatwg.org/); `undefined` for no such name. */
export function decoderOf(label: string, fatal: boolean) {
  try {
    return new TextDecoder(label, { fatal })
  } catch {
    return undefined
  }
}

/** Decodes text by its mark, else its charset, else as UTF-8; octets that stand for nothing become `�`. */
export function decodeText(octets: Uint8Array, charset: string | undefined): string {
  const decoder = decoderOf(encodingByMark(octets) ?? charset ?? 'utf-8', false) ?? new TextDecoder()
  return decoder.decode(octets)
}
