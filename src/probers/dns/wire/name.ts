import { Malformed } from './malformed.ts'

/** A domain name as octets: labels with their length before them, uncompressed, closed by the root's 0 (RFC 1035, 3.1). */
export type Name = Buffer

export const root: Name = Buffer.from([0])

const maxNameBytes = 255
const headerBytes = 12
// A name holds at most 127 labels, so an honest one needs no more pointers, one after another.
const maxHops = 127

/** A name and how many pointers lead to its end. */
interface Expanded {
  readonly name: Name
  readonly hops: number
}

/** Reads the name at `start`, which must end before `end`; returns it and where the next field begins. */
export type NameReader = (start: number, end: number) => { readonly name: Name; readonly next: number }

/**
 * Returns a reader of the names in a message. Pointers (RFC 1035, 4.1.4) must lead strictly backwards and not into the
 * header; every target is expanded once, so that all names together cost time linear in the message.
 */
export function createNameReader(octets: Buffer): NameReader {
  const expanded = new Map<number, Expanded>()

  function expand(target: number, hopsLeft: number): Expanded {
    const known = expanded.get(target)
    if (hopsLeft < (known?.hops ?? 0)) throw new Malformed('bad_pointer')
    if (known !== undefined) return known
    const { name, hops } = read(target, octets.length, hopsLeft)
    expanded.set(target, { name, hops })
    return { name, hops }
  }

  function read(start: number, end: number, hopsLeft: number): Expanded & { readonly next: number } {
    for (let at = start; ; ) {
      const length = at < end ? (octets[at] ?? 0) : 0x40
      if (at - start >= maxNameBytes) throw new Malformed('name_too_long')
      if (length === 0) return { name: octets.subarray(start, at + 1), hops: 0, next: at + 1 }
      if (length >= 0xc0) {
        if (at + 2 > end) throw new Malformed('bad_label')
        const target = octets.readUInt16BE(at) & 0x3fff
        if (target < headerBytes || target >= start) throw new Malformed('bad_pointer')
        const { name, hops } = expand(target, hopsLeft - 1)
        return { name: join(octets.subarray(start, at), name), hops: hops + 1, next: at + 2 }
      }
      if (length >= 0x40) throw new Malformed('bad_label')
      at += 1 + length
    }
  }

  return (start, end) => read(start, end, maxHops)
}

function join(labels: Buffer, rest: Name): Name {
  if (labels.length === 0) return rest
  if (labels.length + rest.length > maxNameBytes) throw new Malformed('name_too_long')
  return Buffer.concat([labels, rest])
}

/** Whether two names are equal but for the case of ASCII letters (RFC 4343). */
export function sameName(a: Name, b: Name): boolean {
  return a.length === b.length && a.every((octet, index) => lower(octet) === lower(b[index] ?? 0))
}

// Lengths of labels stay below 64, so they are never taken for letters.
const lower = (octet: number) => (octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet)

const escapes = Array.from({ length: 256 }, (_, octet) => {
  const character = String.fromCharCode(octet)
  if (' .\'@;()"\\'.includes(character)) return `\\${character}`
  return octet > 0x20 && octet < 0x7f ? character : `\\${String(octet).padStart(3, '0')}`
})

/** A name in master-file form with the closing dot: `a\.b.example.test.`, `bin\000\255.example.test.`, `.` */
export function nameText(name: Name): string {
  let text = ''
  for (let at = 0; at < name.length - 1; ) {
    const end = at + 1 + (name[at] ?? 0)
    for (at++; at < end; at++) text += escapes[name[at] ?? 0]
    text += '.'
  }
  return text === '' ? '.' : text
}
