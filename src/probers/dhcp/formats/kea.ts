import { LeaseFileError } from '../failure.ts'
import { codeOf, ipv6Words, type LeaseDetails, type Leases, leaseTypes, removedCode, typeWord } from '../leases.ts'
import { hexIn } from './details.ts'
import {
  beginning,
  type Checkpoint,
  type LeaseFormat,
  type LeaseReader,
  noFacts,
  type ReaderOptions,
} from './format.ts'
import { type KeaHeader, mayBeginHeader, parseHeader } from './kea-header.ts'
import { decodeText } from './kea-text.ts'
import { LineSplitter } from './lines.ts'
import { parseDigits, parseIpv4, parseIpv6 } from './text.ts'

const carriageReturn = 0x0d
const comma = 0x2c
const endless = 0xffff_ffff
const maxPrefixLength = 128

const unknownCode = codeOf('unknown')
const commonStates = [codeOf('active'), codeOf('declined'), codeOf('reclaimed'), codeOf('released')]
const stateCodes = { ipv4: commonStates, ipv6: [...commonStates, codeOf('registered')] } as const

/** By the number in the column `lease_type`. */
const typeCodes = [leaseTypes.indexOf('na'), leaseTypes.indexOf('ta'), leaseTypes.indexOf('pd')]
const prefixCode = leaseTypes.indexOf('pd')

class KeaReader implements LeaseReader {
  readonly #leases: Leases
  readonly #expected: ReaderOptions['family']
  readonly #lines: LineSplitter
  readonly #key = new Uint32Array(ipv6Words)
  #header: KeaHeader | undefined
  #headerLine: string
  #firstMalformed: string | undefined
  /** Where the columns of a row start, and behind the last one where another would. */
  #starts = new Uint32Array(0)

  constructor(leases: Leases, { family }: ReaderOptions, from: Checkpoint) {
    this.#leases = leases
    this.#expected = family
    this.#firstMalformed = from.facts.firstMalformed
    this.#headerLine = from.memory
    if (from.memory !== '') this.#setHeader(from.memory)
    this.#lines = new LineSplitter((octets, start, end, line, tooLong) => {
      // A file that went through Windows.
      const last = end > start && octets[end - 1] === carriageReturn ? end - 1 : end
      if (this.#header === undefined) this.#setHeader(Buffer.from(octets.subarray(start, last)).toString('latin1'))
      else if (tooLong || (start < last && !this.#readRow(octets, start, last, this.#header))) this.#skip(line)
    }, from)
  }

  feed(chunk: Uint8Array): void {
    this.#lines.feed(chunk)
  }

  end() {
    const facts = {
      ...noFacts,
      incompleteTail: this.#lines.pending,
      schema: this.#header?.schema ?? 'unknown',
      family: this.#header?.family,
      firstMalformed: this.#firstMalformed,
    }
    return { facts, checkpoint: { ...this.#lines.position, facts, memory: this.#headerLine } }
  }

  #setHeader(line: string): void {
    const header = parseHeader(line)
    if (header === undefined) throw new LeaseFileError('unrecognised_format', 'no header of a Kea lease file')
    if (this.#expected !== 'auto' && this.#expected !== header.family) {
      const version = header.family === 'ipv6' ? 6 : 4
      throw new LeaseFileError('wrong_family', `a Kea DHCPv${version} lease file, expected ${this.#expected}`)
    }
    this.#header = header
    this.#headerLine = line
    this.#starts = new Uint32Array(header.most + 1)
  }

  #skip(line: number): void {
    this.#leases.skip()
    this.#firstMalformed ??= `line ${line}`
  }

  /** Notes where the columns start; returns how many there are, at most one more than a row may have. */
  #split(octets: Uint8Array, start: number, end: number): number {
    const starts = this.#starts
    let count = 1
    starts[0] = start
    for (let i = start; i < end; i++) {
      if (octets[i] !== comma) continue
      if (count === starts.length) return count
      starts[count++] = i + 1
    }
    if (count < starts.length) starts[count] = end + 1
    return count
  }

  #startOf(column: number): number {
    return this.#starts[column] as number
  }

  #endOf(column: number): number {
    return this.#startOf(column + 1) - 1
  }

  /** The number in a column; `missing` when the row or the file lacks it, -1 when it is malformed. */
  #numberIn(octets: Uint8Array, column: number, count: number, missing = -1): number {
    if (column === -1 || column >= count) return missing
    return parseDigits(octets, this.#startOf(column), this.#endOf(column))
  }

  #readRow(octets: Uint8Array, start: number, end: number, header: KeaHeader): boolean {
    const { family, fewest, most, places } = header
    const count = this.#split(octets, start, end)
    if (count < fewest || count > most) return false
    const address = this.#readAddress(octets, count, header)
    const lifetime = this.#numberIn(octets, places.valid_lifetime, count)
    const expire = this.#numberIn(octets, places.expire, count)
    const subnet = this.#numberIn(octets, places.subnet_id, count, 0)
    const state = this.#numberIn(octets, places.state, count, 0)
    if (address < 0 || lifetime < 0 || lifetime > endless || expire < 0 || state < 0 || subnet < 0) return false
    const code = lifetime === 0 ? removedCode : (stateCodes[family][state] ?? unknownCode)
    const until = lifetime === endless ? Number.POSITIVE_INFINITY : expire
    const details = this.#leases.keepsDetails ? this.#readDetails(octets, count, header) : undefined
    this.#leases.count()
    this.#leases.noteTransaction(family, expire - lifetime)
    if (family === 'ipv4') this.#leases.putIpv4(address, code, until, subnet, details)
    else this.#leases.putIpv6(this.#key, code, until, subnet, details)
    return true
  }

  /** The IPv4 address, or 0 when an IPv6 address or prefix is the key now; -1 when it is malformed. */
  #readAddress(octets: Uint8Array, count: number, { family, places }: KeaHeader): number {
    const [start, end] = [this.#startOf(places.address), this.#endOf(places.address)]
    if (family === 'ipv4') return parseIpv4(octets, start, end)
    const type = typeCodes[this.#numberIn(octets, places.lease_type, count)]
    const length = this.#numberIn(octets, places.prefix_len, count)
    if (type === undefined || length < 0 || length > maxPrefixLength) return -1
    this.#key[4] = typeWord(type, type === prefixCode ? length : maxPrefixLength)
    return parseIpv6(octets, start, end, this.#key) ? 0 : -1
  }

  #readDetails(octets: Uint8Array, count: number, { family, places }: KeaHeader): LeaseDetails {
    const hex = (column: number) =>
      column === -1 || column >= count ? '' : hexIn(octets, this.#startOf(column), this.#endOf(column))
    const { hostname } = places
    const isNamed = hostname !== -1 && hostname < count
    return {
      hwaddr: hex(places.hwaddr),
      clientId: hex(family === 'ipv4' ? places.client_id : places.duid),
      hostname: isNamed ? decodeText(octets.subarray(this.#startOf(hostname), this.#endOf(hostname))) : '',
    }
  }
}

/**
 * Kea's memfile: a header, then a row per change. The last row of an address wins, and a lifetime of 0 removes it.
 * A client's host name may hold a newline, which breaks its row in two, so malformed rows are normal input.
 */
export const kea: LeaseFormat = {
  name: 'kea-csv',
  knows: {
    ipv4: { types: ['address'], states: ['active', 'expired', 'declined', 'reclaimed', 'released'] },
    ipv6: {
      types: ['na', 'ta', 'pd'],
      states: ['active', 'expired', 'declined', 'reclaimed', 'released', 'registered'],
    },
  },
  rewrittenInPlace: false,
  mayBegin: mayBeginHeader,
  createReader: (leases, options, from = beginning) => new KeaReader(leases, options, from),
}
