import { codeOf, furtherAddress, ipv6Words, type LeaseDetails, type Leases, leaseTypes, typeWord } from '../leases.ts'
import { hexIn, hostnameIn } from './details.ts'
import { type LeaseFormat, type LeaseReader, noFacts } from './format.ts'
import { LineSplitter } from './lines.ts'
import { parseDigits, parseIpv4, parseIpv6 } from './text.ts'

const tab = 0x09
const space = 0x20
const hash = 0x23
const minus = 0x2d
const slash = 0x2f

/** Fields of a lease before its addresses: `#`, interface, client, IAID or `ipv4`, name, end, id and length. */
const fields = 8
const clientField = 2
const iaidField = 3
const nameField = 4
const endField = 5

const activeCode = codeOf('active')
const expiredCode = codeOf('expired')
const naCode = leaseTypes.indexOf('na')
const prefixCode = leaseTypes.indexOf('pd')
const maxPrefixLength = 128

const ipv4Word = Buffer.from('ipv4')
const brokenName = 'broken\\x20'

/** A line that is being read. */
interface Line {
  readonly octets: Uint8Array
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

const fieldOf = ({ octets, starts, ends }: Line, field: number): Uint8Array =>
  octets.subarray(starts[field], ends[field])

function splitFields(octets: Uint8Array, start: number, end: number): Line {
  const starts: number[] = []
  const ends: number[] = []
  for (let at = start; at < end; at++) {
    if (octets[at] === space) continue
    starts.push(at)
    while (at < end && octets[at] !== space) at++
    ends.push(at)
  }
  return { octets, starts, ends }
}

/** `1f0a…` as `1f:0a:…`; what has colons already as it is. */
function identifierIn(octets: Uint8Array): string {
  const text = hexIn(octets, 0, octets.length)
  return text.includes(':') ? text : text.replace(/..(?=.)/g, '$&:')
}

/** Older versions mix the lines of a hosts file in: an address, then names. */
function isHostsLine(octets: Uint8Array, start: number, end: number): boolean {
  let at = start
  while (at < end && octets[at] !== space && octets[at] !== tab) at++
  return at < end && (parseIpv4(octets, start, at) !== -1 || parseIpv6(octets, start, at, new Uint32Array(4)))
}

function readDetails(line: Line, isIpv4: boolean): LeaseDetails {
  const client = identifierIn(fieldOf(line, clientField))
  const name = hostnameIn(fieldOf(line, nameField))
  const hostname = name === '-' ? '' : name.startsWith(brokenName) ? name.slice(brokenName.length) : name
  return { hwaddr: isIpv4 ? client : '', clientId: isIpv4 ? '' : client, hostname }
}

function createReader(leases: Leases): LeaseReader {
  let firstMalformed: string | undefined

  /** Keys of the addresses of a line, one word for IPv4; undefined when one of them is malformed. */
  function readAddresses({ octets, starts, ends }: Line, isIpv4: boolean): Uint32Array[] | undefined {
    const keys: Uint32Array[] = []
    for (let field = fields; field < starts.length; field++) {
      const [start, end] = [starts[field] as number, ends[field] as number]
      const at = octets.subarray(start, end).indexOf(slash) + start
      const length = parseDigits(octets, at + 1, end)
      const key = new Uint32Array(isIpv4 ? 1 : ipv6Words)
      const address = isIpv4 ? parseIpv4(octets, start, at) : -1
      if (at < start || (isIpv4 ? address === -1 || length !== 32 : !parseIpv6(octets, start, at, key)))
        return undefined
      if (!isIpv4 && (length < 0 || length > maxPrefixLength)) return undefined
      if (isIpv4) key[0] = address
      else key[4] = length
      keys.push(key)
    }
    return keys
  }

  /** The end of a lease; -1 when it has ended, undefined when it is malformed. */
  function readEnd(octets: Uint8Array): number | undefined {
    if (octets.length === 2 && octets[0] === minus && octets[1] === 0x31) return Number.POSITIVE_INFINITY
    const seconds = parseDigits(octets, 0, octets.length)
    return seconds === -1 ? undefined : seconds === 0 ? -1 : seconds
  }

  function readLease(octets: Uint8Array, start: number, end: number): boolean {
    const line = splitFields(octets, start, end)
    if (line.starts.length < fields || line.ends[0] !== start + 1) return false
    const isIpv4 = ipv4Word.equals(fieldOf(line, iaidField))
    const keys = readAddresses(line, isIpv4)
    const ends = readEnd(fieldOf(line, endField))
    if (keys === undefined || ends === undefined) return false
    leases.count()
    const code = ends === -1 ? expiredCode : activeCode
    const details = leases.keepsDetails ? readDetails(line, isIpv4) : undefined
    // All addresses are of the type of the first one, which stands for the lease.
    const type = keys[0]?.[4] === maxPrefixLength ? naCode : prefixCode
    for (const [place, key] of keys.entries()) {
      const own = place === 0 ? code : code | furtherAddress
      if (isIpv4) leases.putIpv4(key[0] as number, own, Math.max(ends, 0), 0, details)
      else {
        key[4] = typeWord(type, key[4])
        leases.putIpv6(key, own, Math.max(ends, 0), 0, details)
      }
    }
    return true
  }

  const lines = new LineSplitter((octets, start, end, line, tooLong) => {
    if (!tooLong && (start === end || octets[start] !== hash)) {
      if (start === end || isHostsLine(octets, start, end)) return
    } else if (!tooLong && readLease(octets, start, end)) return
    leases.skip()
    firstMalformed ??= `line ${line}`
  })

  return {
    feed: chunk => lines.feed(chunk),
    end: () => ({ facts: { ...noFacts, incompleteTail: lines.pending, firstMalformed }, checkpoint: undefined }),
  }
}

const known = { states: ['active', 'expired'] } as const

/**
 * OpenWrt's odhcpd: a line per lease, which looks like a comment as the file was once one of host names. A lease has an
 * address for each prefix that is announced.
 */
export const odhcpd: LeaseFormat = {
  name: 'odhcpd',
  knows: { ipv4: { ...known, types: ['address'] }, ipv6: { ...known, types: ['na', 'pd'] } },
  rewrittenInPlace: true,
  mayBegin: text => /^(#( [!-~]*)*|[\da-f:.]+([ \t][^\n]*)?|\n|[\da-f:.]+[ \t][^\n]*\n[\s\S]*)$/.test(text),
  createReader,
}
