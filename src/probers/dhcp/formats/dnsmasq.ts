import { codeOf, ipv6Words, type LeaseDetails, type Leases, leaseTypes, typeWord } from '../leases.ts'
import { hexIn, hostnameIn } from './details.ts'
import { type LeaseFormat, type LeaseReader, noFacts } from './format.ts'
import { LineSplitter } from './lines.ts'
import { parseDigits, parseIpv4, parseIpv6 } from './text.ts'

const space = 0x20
const star = 0x2a
const fields = 5

/** Values below this (2001) cannot be instants of a lease: such a file holds lengths. */
const earliestEpoch = 1e9

const activeCode = codeOf('active')
const naCode = leaseTypes.indexOf('na')
const taCode = leaseTypes.indexOf('ta')

/** Lines that are no leases, by their first word, with the fields they have; the last two since version 2.92. */
const otherLines: Readonly<Record<string, number>> = { duid: 2, 'agent-info': 3, vendorclass: 3 }

function createReader(leases: Leases): LeaseReader {
  // One more than there may be, and the end of the line.
  const starts = new Uint32Array(fields + 2)
  const key = new Uint32Array(ipv6Words)
  let firstMalformed: string | undefined
  let endsSeen = false
  let epochSeen = false

  /** Notes where the fields start; returns how many there are, and 0 when one is empty. */
  function split(octets: Uint8Array, start: number, end: number): number {
    let count = 0
    let from = start
    for (let i = start; i <= end && count <= fields; i++) {
      if (i < end && octets[i] !== space) continue
      if (i === from) return 0
      starts[count++] = from
      from = i + 1
    }
    starts[count] = from
    return count
  }

  const startOf = (field: number) => starts[field] as number
  const endOf = (field: number) => startOf(field + 1) - 1

  function isOther(octets: Uint8Array, count: number): boolean {
    const word = Buffer.from(octets.subarray(startOf(0), Math.min(endOf(0), startOf(0) + 16))).toString('latin1')
    return Object.hasOwn(otherLines, word) && otherLines[word] === count
  }

  /** The type code of an IPv6 lease by its IAID field, `T` marking a temporary address; 0 when it is malformed. */
  function typeOf(octets: Uint8Array): number {
    const isTemporary = octets[startOf(1)] === 0x54
    const iaid = parseDigits(octets, startOf(1) + Number(isTemporary), endOf(1))
    if (iaid < 0 || iaid > 0xffff_ffff) return 0
    return isTemporary ? taCode : naCode
  }

  /** `*` stands for what is not known; the second field is hardware in IPv4 alone. */
  function readDetails(octets: Uint8Array, isIpv4: boolean): LeaseDetails {
    const isKnown = (field: number) => octets[startOf(field)] !== star || endOf(field) - startOf(field) !== 1
    const hex = (field: number) => (isKnown(field) ? hexIn(octets, startOf(field), endOf(field)) : '')
    return {
      hwaddr: isIpv4 ? hex(1) : '',
      clientId: hex(4),
      hostname: isKnown(3) ? hostnameIn(octets, startOf(3), endOf(3)) : '',
    }
  }

  function readLease(octets: Uint8Array): boolean {
    const expiry = parseDigits(octets, startOf(0), endOf(0))
    if (expiry < 0) return false
    const end = expiry === 0 ? Number.POSITIVE_INFINITY : expiry
    const address = parseIpv4(octets, startOf(2), endOf(2))
    const type = address >= 0 ? 0 : typeOf(octets)
    if (address < 0 && (type === 0 || !parseIpv6(octets, startOf(2), endOf(2), key))) return false
    const details = leases.keepsDetails ? readDetails(octets, address >= 0) : undefined
    leases.count()
    key[4] = typeWord(type)
    if (address >= 0) leases.putIpv4(address, activeCode, end, 0, details)
    else leases.putIpv6(key, activeCode, end, 0, details)
    endsSeen ||= expiry > 0
    epochSeen ||= expiry >= earliestEpoch
    return true
  }

  const lines = new LineSplitter((octets, start, end, line, tooLong) => {
    const count = tooLong ? 0 : split(octets, start, end)
    if (count === fields ? readLease(octets) : count > 0 && isOther(octets, count)) return
    leases.skip()
    firstMalformed ??= `line ${line}`
  })

  return {
    feed: chunk => lines.feed(chunk),
    end: () => ({
      facts: {
        ...noFacts,
        incompleteTail: lines.pending,
        endsAreLengths: endsSeen && !epochSeen,
        firstMalformed,
      },
      checkpoint: undefined,
    }),
  }
}

const known = { states: ['active', 'expired'] } as const

/** dnsmasq: one line per lease, IPv4 before IPv6, the newest first; 0 never ends. Written again in place. */
export const dnsmasq: LeaseFormat = {
  name: 'dnsmasq',
  knows: { ipv4: { ...known, types: ['address'] }, ipv6: { ...known, types: ['na', 'ta'] } },
  rewrittenInPlace: true,
  mayBegin: text => /^(\d{1,15}( [!-~]*){0,4}|d|du|dui|duid( [\da-f:]*)?)$/.test(text),
  createReader,
}
