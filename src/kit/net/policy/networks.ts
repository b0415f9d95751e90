import { isIP, isIPv6 } from 'node:net'
import { octetsOf } from '../address.ts'

/** The 4 or 16 octets of an address; an IPv4-mapped one is IPv4. */
type Octets = readonly number[]

/** A range of addresses of one family. */
export interface Network {
  readonly start: Octets
  readonly bits: number
}

/** Whether an address lies in a network. */
export function contains({ start, bits }: Network, octets: Octets): boolean {
  if (octets.length !== start.length) return false
  const whole = bits >> 3
  for (let at = 0; at < whole; at++) if (octets[at] !== start[at]) return false
  const rest = 8 - (bits & 7)
  return rest === 8 || (octets[whole] ?? 0) >> rest === (start[whole] ?? 0) >> rest
}

/** Whether one network lies in another, or is the same. */
export const isWithin = (inner: Network, outer: Network): boolean =>
  inner.bits >= outer.bits && contains(outer, inner.start)

const mapped: Network = { start: [...Array<number>(10).fill(0), 255, 255, 0, 0, 0, 0], bits: 96 }

const octetsOfText = (address: string): Octets => octetsOf(address, isIPv6(address) ? 6 : 4)

/** Reads an address, or a network such as `10.0.0.0/8`; an IPv4-mapped one is IPv4. Undefined when it is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [, start = '', length] = /^([\d.]+|[\da-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? []
  if (isIP(start) === 0) return undefined
  const octets = octetsOfText(start)
  const bits = Number(length ?? octets.length * 8)
  if (bits > octets.length * 8) return undefined
  return bits >= 96 && contains(mapped, octets) ? { start: octets.slice(12), bits: bits - 96 } : { start: octets, bits }
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

/** At which of its octets an address of a range holds an IPv4 one; several where the prefix is not known. */
interface Embedding {
  readonly range: Network
  readonly places: readonly (readonly number[])[]
}

const embedding = (range: string, ...places: readonly (readonly number[])[]): readonly Embedding[] =>
  networks(range).map(network => ({ range: network, places }))

const last = [12, 13, 14, 15]
const nat64 = embedding('64:ff9b::/96', last) // RFC 6052

const embeddings = [
  ...nat64,
  ...embedding('64:ff9b:1::/48', [6, 7, 9, 10], [7, 9, 10, 11], [9, 10, 11, 12], last), // local NAT64 (RFC 8215)
  ...embedding('2002::/16', [2, 3, 4, 5]), // 6to4 (RFC 3056)
  ...embedding('::/96', last), // IPv4-compatible (RFC 4291, 2.5.5.1)
  ...embedding('::ffff:0:0:0/96', last), // IPv4-translated (RFC 2765)
]

const heldIn = (octets: Octets, known: readonly Embedding[]): readonly Octets[] =>
  known.flatMap(({ range, places }) =>
    contains(range, octets) ? places.map(place => place.map(at => octets[at] ?? 0)) : [],
  )

/** RFC 5214, 6.1: `0000:5efe` or `0200:5efe` before the IPv4 address. */
const isIsatap = ([, , , , , , , , a = 0, b, c, d]: Octets) => (a & 0xfd) === 0 && b === 0 && c === 0x5e && d === 0xfe

/** The forms in which rules are held against an address. */
export interface Faces {
  /** Itself, and every IPv4 address that traffic to it may end at. */
  readonly all: readonly Octets[]
  /** Itself and, behind NAT64, the one that is meant. */
  readonly own: readonly Octets[]
}

/** Who connects to `0.0.0.0` or `::` ends at this machine, with either family. */
const loopback: readonly Octets[] = ['127.0.0.1', '::1'].map(octetsOfText)

const isUnspecified = (octets: Octets) => octets.every(octet => octet === 0)

export function facesOf(address: string): Faces {
  const octets = octetsOfText(address.replace(/%.*$/, ''))
  if (contains(mapped, octets)) return facesOf(octets.slice(12).join('.'))
  const end = isUnspecified(octets) ? loopback : isIsatap(octets) ? [octets.slice(12)] : []
  if (octets.length === 4) return { all: [octets, ...end], own: [octets] }
  return { all: [octets, ...heldIn(octets, embeddings), ...end], own: [octets, ...heldIn(octets, nat64)] }
}
