const zero = 0x30
const dot = 0x2e
const colon = 0x3a

/** The number that `octets[start..end)` spells with 1 to 15 digits; -1 when it is none. */
export function parseDigits(octets: Uint8Array, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1
  let value = 0
  for (let i = start; i < end; i++) {
    const digit = (octets[i] as number) - zero
    if (digit < 0 || digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

/** The dotted quad in `octets[start..end)` as a number; -1 when it is none. Leading zeros are refused: some read octal. */
export function parseIpv4(octets: Uint8Array, start: number, end: number): number {
  let address = 0
  let at = start
  for (let part = 0; part < 4; part++) {
    const from = at
    let value = 0
    while (at < end && octets[at] !== dot) {
      const digit = (octets[at] as number) - zero
      if (digit < 0 || digit > 9 || at - from === 3) return -1
      value = value * 10 + digit
      at++
    }
    if (at === from || value > 255 || (at - from > 1 && octets[from] === zero)) return -1
    if (part < 3 && at++ === end) return -1
    address = address * 256 + value
  }
  return at === end ? address : -1
}

/** 0 to 15, or -1. */
export function hexDigit(octet: number): number {
  if (octet >= zero && octet <= zero + 9) return octet - zero
  const letter = octet | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

const isHexDigit = (octet: number) => hexDigit(octet) !== -1

/** The groups of 16 bits on one side of `::`; undefined when it is malformed. Only the last may be a dotted quad. */
function parseGroups(octets: Uint8Array, start: number, end: number, isLast: boolean): number[] | undefined {
  const groups: number[] = []
  for (let at = start; at < end; at++) {
    const from = at
    let value = 0
    let hasDot = false
    while (at < end && octets[at] !== colon) {
      hasDot ||= octets[at] === dot
      value = value * 16 + hexDigit(octets[at++] as number)
    }
    if (hasDot) {
      const address = isLast && at === end ? parseIpv4(octets, from, end) : -1
      return address === -1 ? undefined : [...groups, Math.floor(address / 65_536), address % 65_536]
    }
    if (at === from || at - from > 4 || at === end - 1 || !octets.subarray(from, at).every(isHexDigit)) return undefined
    groups.push(value)
  }
  return groups
}

/** The place of the first `::` in `octets[start..end)`, or -1. */
function findGap(octets: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end - 1; i++) if (octets[i] === colon && octets[i + 1] === colon) return i
  return -1
}

/** Writes the IPv6 address in `octets[start..end)` (RFC 4291, 2.2, no zone) to four words; false when it is none. */
export function parseIpv6(octets: Uint8Array, start: number, end: number, words: Uint32Array): boolean {
  if (end - start < 2 || end - start > 45) return false
  const gap = findGap(octets, start, end)
  const head = parseGroups(octets, start, gap === -1 ? end : gap, gap === -1)
  const tail = gap === -1 ? [] : parseGroups(octets, gap + 2, end, true)
  if (head === undefined || tail === undefined) return false
  const missing = 8 - head.length - tail.length
  if (gap === -1 ? missing !== 0 : missing < 1) return false
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail]
  for (let i = 0; i < 4; i++) words[i] = (groups[i * 2] as number) * 65_536 + (groups[i * 2 + 1] as number)
  return true
}
