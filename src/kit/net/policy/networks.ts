import { BlockList, isIP, isIPv6 } from 'node:net'
import { octetsOf, unmapped } from '../address.ts'

/** A range of addresses of one family. */
export interface Network {
  readonly address: string
  readonly bits: number
  contains(address: string): boolean
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

function network(address: string, bits: number): Network {
  const list = new BlockList()
  list.addSubnet(address, bits, familyOf(address))
  // A BlockList of IPv4 would take IPv4-mapped addresses for its own; here those are IPv4 already.
  const contains = (other: string) => isIPv6(other) === isIPv6(address) && list.check(other, familyOf(other))
  return Object.freeze({ address, bits, contains })
}

/** Reads an address, or a network such as `10.0.0.0/8`; an IPv4-mapped one is IPv4. Undefined when it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [, start = '', length] = /^([\d.]+|[\da-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? []
  if (isIP(start) === 0) return undefined
  const most = isIPv6(start) ? 128 : 32
  const bits = Number(length ?? most)
  if (bits > most) return undefined
  const address = unmapped(start)
  if (address === start) return network(address, bits)
  return bits < 96 ? network(start, bits) : network(address, bits - 96)
}

const networks = (...texts: readonly string[]): readonly Network[] => texts.flatMap(text => parseNetwork(text) ?? [])

/** Link-local addresses and those at which clouds serve the credentials of their machines. */
export const metadataNetworks = networks(
  '169.254.0.0/16',
  'fe80::/10',
  'fd00:ec2::254', // Amazon
  'fd20:ce::254', // Google
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
)

/** What is not the public Internet, and ranges that stand for IPv4 addresses, which may be anything. */
export const privateNetworks = networks(
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.168.0.0/16', '198.18.0.0/15', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::', '::1', 'fc00::/7', 'fe80::/10', 'fec0::/10', 'ff00::/8'],
  ...['64:ff9b::/96', '64:ff9b:1::/48', '2002::/16'],
)

/** Whether one network lies in another, or is the same. */
export const isWithin = (inner: Network, outer: Network): boolean =>
  inner.bits >= outer.bits && outer.contains(inner.address)

/** Where an IPv6 address can hold an IPv4 one: in which range, and at which of its octets. */
const embeddings: readonly (readonly [range: Network, ...places: readonly (readonly number[])[]])[] = [
  ['::/96', [12, 13, 14, 15]], // IPv4-compatible (RFC 4291, 2.5.5.1)
  ['::ffff:0:0:0/96', [12, 13, 14, 15]], // IPv4-translated (RFC 2765)
  ['64:ff9b::/96', [12, 13, 14, 15]], // NAT64 (RFC 6052)
  ['64:ff9b:1::/48', [6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], [12, 13, 14, 15]], // local NAT64 (RFC 8215)
  ['2002::/16', [2, 3, 4, 5]], // 6to4 (RFC 3056)
].map(([range, ...places]) => [networks(range as string)[0] as Network, ...(places as number[][])])

const isatap = [0, 0, 0x5e, 0xfe]

/** An address, in the form that it is connected to, and the IPv4 addresses that traffic to it may end at. */
export function facesOf(text: string): readonly string[] {
  const address = unmapped(text.replace(/%.*$/, ''))
  if (!isIPv6(address)) return [address]
  const octets = octetsOf(address, 6)
  const at = (places: readonly number[]) => places.map(place => octets[place]).join('.')
  const held = embeddings.flatMap(([range, ...places]) => (range.contains(address) ? places.map(at) : []))
  const isIsatap = isatap.every((octet, index) => ((octets[8 + index] ?? 0) & (index === 0 ? 0xfd : 0xff)) === octet)
  return [address, ...held, ...(isIsatap ? [at([12, 13, 14, 15])] : [])]
}

const nat64 = networks('64:ff9b::/96')

/** The addresses by which a rule can admit one: itself and, behind NAT64, the one that is meant. */
export function identitiesOf(text: string): readonly string[] {
  const [address = text, ...held] = facesOf(text)
  return nat64.some(range => range.contains(address)) ? [address, ...held] : [address]
}
