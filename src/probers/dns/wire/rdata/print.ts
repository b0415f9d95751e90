/** How octets inside an RDATA are written. */

export const hexLower = (octets: Buffer) => octets.toString('hex')
export const hexUpper = (octets: Buffer) => octets.toString('hex').toUpperCase()
export const base64 = (octets: Buffer) => octets.toString('base64')

/** Groups of two hexadecimal digits. */
export const dashed = (octets: Buffer) => hexLower(octets).replace(/..(?=.)/g, '$&-')

/** Four groups of four hexadecimal digits. */
export const quads = (hex: string) => hex.replace(/....(?=.)/g, '$&:')

/** The salt of NSEC3 (RFC 5155, 3.3): `-` when there is none. */
export const salt = (octets: Buffer) => (octets.length === 0 ? '-' : hexUpper(octets))

// miekg/dns breaks SMIMEA, and no other type, into pieces that its own zone parser can read.
const pieceLength = 1024

export function hexInPieces(octets: Buffer): string {
  const hex = hexLower(octets)
  const pieces = Array.from({ length: Math.floor(hex.length / pieceLength) + 1 }, (_, index) =>
    hex.slice(index * pieceLength, (index + 1) * pieceLength),
  )
  return pieces.join(' ')
}

export const base32Digits = '0123456789ABCDEFGHIJKLMNOPQRSTUV'

/** base32hex without padding (RFC 4648, 7), as NSEC3 writes its hashes. */
export function base32Hex(octets: Buffer): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const octet of octets) {
    held = ((held << 8) | octet) & 0xfff
    for (bits += 8; bits >= 5; bits -= 5) text += base32Digits[(held >> (bits - 5)) & 31]
  }
  return bits > 0 ? text + base32Digits[(held << (5 - bits)) & 31] : text
}

/** Makes a printer that puts a backslash before some characters and writes octets that do not print as `\DDD`. */
export function escaping(special: string): (octets: Buffer) => string {
  const table = Array.from({ length: 256 }, (_, octet) => {
    const character = String.fromCharCode(octet)
    if (special.includes(character)) return `\\${character}`
    return octet >= 0x20 && octet < 0x7f ? character : `\\${String(octet).padStart(3, '0')}`
  })
  return octets => {
    let text = ''
    for (const octet of octets) text += table[octet]
    return text
  }
}

export const bare = escaping('"\\')
export const quoted = (octets: Buffer) => `"${bare(octets)}"`

/** The time of a signature as YYYYMMDDHHMMSS in UTC. */
export const signatureTime = (seconds: number) => new Date(seconds * 1000).toISOString().replace(/\.\d+Z$|\D/g, '')
