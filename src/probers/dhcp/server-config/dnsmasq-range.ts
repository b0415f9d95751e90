import { type Address, bitsOf, parseAddress } from '../pools/address.ts'
import { createPool, type Pool } from '../pools/pool.ts'
import { BadRange, rangeBetween, rangeText } from '../pools/range.ts'

const bad = () => new BadRange('expected a dhcp-range such as 10.0.0.10,10.0.0.99,1h')

/** dnsmasq lets a comma stand at the end. */
const leaseTime = /^(infinite|deprecated|\d+[smhdw]?|)$/i

/** Modes of an IPv6 range (option.c of dnsmasq); none of them takes addresses from it but static ones. */
const modes6 = ['static', 'ra-only', 'slaac', 'ra-names', 'ra-advrouter', 'ra-stateless', 'off-link']

/** From either end, as dnsmasq takes it. */
const between = (a: Address, b: Address) => (a.value > b.value ? rangeBetween(b, a) : rangeBetween(a, b))

const isSameNetwork = (a: Address, b: Address, length: number): boolean =>
  (a.value ^ b.value) >> BigInt(bitsOf[a.family] - length) === 0n

function poolBetween(a: Address, b: Address): Pool {
  const range = between(a, b)
  return createPool(range, { name: rangeText(range) })
}

/** At most a lease time is left. */
function checkLeaseTime(words: readonly string[]): void {
  if (words.length > 1 || !words.every(word => leaseTime.test(word))) throw bad()
}

function range4(start: Address, [second = '', ...rest]: readonly string[]): Pool | undefined {
  const end = parseAddress(second)
  const hasNoAddresses = second === 'static' || second === 'proxy'
  if (!hasNoAddresses && end?.family !== 'ipv4') throw bad()
  const words = [...rest]
  const mask = parseAddress(words[0] ?? '')
  if (mask !== undefined) words.shift()
  if (mask !== undefined && parseAddress(words[0] ?? '') !== undefined) words.shift() // the broadcast address
  checkLeaseTime(words)
  if (hasNoAddresses || end === undefined) return undefined
  if (mask !== undefined && (start.value & mask.value) !== (end.value & mask.value)) {
    throw new BadRange('the two ends of the dhcp-range are not in one network')
  }
  return poolBetween(start, end)
}

/** What a range comes to: a pool, nothing, or the reason why it was passed over. */
export type DnsmasqRange = Pool | { readonly warning: string } | undefined

function range6(start: Address, words: readonly string[]): DnsmasqRange {
  const end = parseAddress(words[0] ?? '')
  const rest = words.slice(end === undefined ? 0 : 1)
  if (end !== undefined && end.family !== 'ipv6') throw bad()
  const firstOther = rest.findIndex(word => !modes6.includes(word) && !word.startsWith('constructor:'))
  const options = firstOther === -1 ? rest : rest.slice(0, firstOther)
  const [length, ...more] = firstOther === -1 ? [] : rest.slice(firstOther)
  // A larger number is a lease time in seconds.
  const hasLength = /^\d{1,3}$/.test(length ?? '') && Number(length) <= bitsOf.ipv6
  checkLeaseTime(hasLength ? more : rest.slice(options.length))
  const prefixLength = hasLength ? Number(length) : 64
  if (prefixLength < 64) throw new BadRange('expected a prefix length from 64 to 128')
  if (end === undefined || options.includes('static')) return undefined
  if (options.some(word => word.startsWith('constructor:'))) {
    return { warning: 'a dhcp-range with constructor: its addresses are those of an interface' }
  }
  if (!isSameNetwork(start, end, prefixLength)) {
    throw new BadRange('the two ends of the dhcp-range are not in one network')
  }
  return poolBetween(start, end)
}

/**
 * Reads the value of `dhcp-range`: tags, start, end or mode, netmask or prefix length, lease time. Throws `BadRange`;
 * undefined when the range has no addresses to hand out.
 */
export function parseDnsmasqRange(value: string): DnsmasqRange {
  const words = value.split(',').map(word => word.trim())
  const from = words.findIndex(word => /^[\da-f:. ]*$/i.test(word))
  const [first = '', ...rest] = from === -1 ? [] : words.slice(from)
  const start = parseAddress(first)
  if (start === undefined || rest.length === 0 || rest.length > 7) throw bad()
  return start.family === 'ipv4' ? range4(start, rest) : range6(start, rest)
}

export const isPool = (range: DnsmasqRange): range is Pool => range !== undefined && 'name' in range
