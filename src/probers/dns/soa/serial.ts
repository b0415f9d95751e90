const space = 2 ** 32
const half = 2 ** 31

/** How far a serial number is ahead of another one, around the circle of RFC 1982; negative: how far it is behind. */
export function serialDifference(a: number, b: number): number {
  const ahead = (((a - b) % space) + space) % space
  return ahead <= half ? ahead : ahead - space
}

/** The two of several serial numbers that are furthest apart: `ahead` is the newer one. Undefined for no serial at all. */
export function widestGap<T extends { readonly serial: number }>(
  serials: readonly T[],
): { readonly ahead: T; readonly behind: T; readonly lag: number } | undefined {
  const pairs = serials.flatMap(ahead =>
    serials.map(behind => ({ ahead, behind, lag: serialDifference(ahead.serial, behind.serial) })),
  )
  return pairs.reduce<(typeof pairs)[number] | undefined>(
    (widest, pair) => (widest === undefined || pair.lag > widest.lag ? pair : widest),
    undefined,
  )
}
