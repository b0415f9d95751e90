import { hostnameIn } from './details.ts'
import { hexDigit } from './text.ts'

const mark = Buffer.from('&#x')

/**
 * The name that a column of Kea's holds: `&#x2c` stands for a comma, without a semicolon behind it
 * (src/lib/util/csv_file.cc, unescape); what is no whole escape stands for itself.
 */
export function decodeText(octets: Uint8Array): string {
  const decoded = new Uint8Array(octets.length)
  let length = 0
  for (let at = 0; at < octets.length; ) {
    const isMarked = mark.every((octet, i) => octets[at + i] === octet)
    const [high, low] = isMarked ? [hexDigit(octets[at + 3] ?? 0), hexDigit(octets[at + 4] ?? 0)] : [-1, -1]
    const isEscape = high !== -1 && low !== -1
    decoded[length++] = isEscape ? high * 16 + low : (octets[at] as number)
    at += isEscape ? 5 : 1
  }
  return hostnameIn(decoded, 0, length)
}
