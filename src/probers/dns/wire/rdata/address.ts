export const ipv4 = (octets: Buffer): string => octets.join('.')

const isMapped = (octets: Buffer) => octets.readUInt16BE(10) === 0xffff && octets.subarray(0, 10).every(o => o === 0)

/** Where the longest run of two or more zero groups starts and ends, the first of equal ones; nowhere: [8, 8]. */
function longestZeros(groups: readonly number[]): readonly [start: number, end: number] {
  let best: readonly [number, number] = [8, 8]
  for (let start = 0; start < 8; start++) {
    let end = start
    while (groups[end] === 0) end++
    if (end - start >= 2 && end - start > best[1] - best[0]) best = [start, end]
  }
  return best
}

/** An IPv6 address of 16 octets in the form of RFC 5952; a mapped one as `::ffff:192.0.2.5`. */
export function ipv6(octets: Buffer): string {
  if (isMapped(octets)) return `::ffff:${ipv4(octets.subarray(12))}`
  const groups = Array.from({ length: 8 }, (_, index) => octets.readUInt16BE(index * 2))
  const [start, end] = longestZeros(groups)
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map(group => group.toString(16))
      .join(':')
  return start === 8 ? hex(0, 8) : `${hex(0, start)}::${hex(end, 8)}`
}
