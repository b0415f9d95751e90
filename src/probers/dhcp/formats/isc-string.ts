import { hexDigit } from './text.ts'

const backslash = 0x5c
const zero = 0x30
const letters: ReadonlyMap<number, number> = new Map([
  [0x74, 0x09],
  [0x72, 0x0d],
  [0x6e, 0x0a],
  [0x62, 0x08],
])

const octal = (octet: number | undefined) =>
  octet !== undefined && octet >= zero && octet <= zero + 7 ? octet - zero : -1

/** What an escape stands for, and how many octets it takes. */
function unescapeAt(octets: Uint8Array, at: number): readonly [octet: number, length: number] {
  const next = octets[at + 1]
  if (next === undefined) return [backslash, 1]
  const [first, second, third] = [octal(next), octal(octets[at + 2]), octal(octets[at + 3])]
  if (first >= 0 && first <= 3 && second >= 0 && third >= 0) return [first * 64 + second * 8 + third, 4]
  if (next === 0x78) {
    const [high, low] = [hexDigit(octets[at + 2] ?? 0), hexDigit(octets[at + 3] ?? 0)]
    if (high >= 0 && low >= 0) return [high * 16 + low, 4]
  }
  return [letters.get(next) ?? next, 2]
}

/** The octets that a string of dhcpd's grammar stands for (common/conflex.c, read_string). */
export function decodeString(octets: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(octets.length)
  let length = 0
  for (let at = 0; at < octets.length; ) {
    const [octet, taken] = octets[at] === backslash ? unescapeAt(octets, at) : [octets[at] as number, 1]
    decoded[length++] = octet
    at += taken
  }
  return decoded.subarray(0, length)
}
