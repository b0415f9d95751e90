import type { LeaseDetails } from '../leases.ts'

const maxHostnameOctets = 255
/** An identifier of 134 octets. */
const maxHexOctets = 402

const latin1 = (octets: Uint8Array, start: number, end: number) =>
  Buffer.from(octets.buffer, octets.byteOffset + start, Math.max(0, end - start)).toString('latin1')

/** Octets as `0a:ff`. */
export const hexOf = (octets: Uint8Array): string =>
  Array.from(octets, octet => octet.toString(16).padStart(2, '0')).join(':')

/** Hexadecimal octets with colons, whatever their letters and leading zeros, as `hexOf` writes them; others as they are. */
export function hexIn(octets: Uint8Array, start: number, end: number): string {
  const text = latin1(octets, start, Math.min(end, start + maxHexOctets)).toLowerCase()
  return /^[\da-f]{1,2}(:[\da-f]{1,2})*$/.test(text) ? text.replace(/(?<![\da-f])[\da-f](?![\da-f])/g, '0$&') : text
}

/** A name as its client sent it, invalid UTF-8 replaced. */
export const hostnameIn = (octets: Uint8Array, start = 0, end = octets.length): string =>
  Buffer.from(octets.subarray(start, Math.min(end, start + maxHostnameOctets))).toString()

export const noDetails: LeaseDetails = { hwaddr: '', clientId: '', hostname: '' }
