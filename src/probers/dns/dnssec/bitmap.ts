/** The set of types of NSEC and NSEC3 as `wire/rdata/bitmap.ts` reads it. */
export type Windows = readonly (readonly [window: number, bits: Buffer])[]

/** Whether a type is in the set (RFC 4034, 4.1.2). */
export function hasType(windows: Windows, type: number): boolean {
  const [, bits] = windows.find(([window]) => window === type >> 8) ?? []
  return (((bits?.[(type & 0xff) >> 3] ?? 0) << (type & 7)) & 0x80) !== 0
}

/** Whether no type is in the set but these. */
export function hasOnly(windows: Windows, allowed: readonly number[]): boolean {
  const count = windows.reduce((sum, [, bits]) => sum + bits.reduce((ones, octet) => ones + popCount(octet), 0), 0)
  return count === allowed.filter(type => hasType(windows, type)).length
}

const popCount = (octet: number): number => (octet === 0 ? 0 : (octet & 1) + popCount(octet >> 1))
