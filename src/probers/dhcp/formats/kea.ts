import { LeaseFileError } from '../failure.ts'
import { codeOf, type Leases, removedCode } from '../leases.ts'
import { type LeaseFormat, type LeaseReader, noFacts, type ReaderOptions } from './format.ts'
import { LineSplitter } from './lines.ts'
import { parseDigits, parseIpv4 } from './text.ts'

// Kea's src/lib/dhcpsrv/csv_lease_file4.cc: each version of the schema appended columns to the one before.
const columns4 =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context,pool_id'
const known = columns4.split(',')
const schemas: Readonly<Record<number, string>> = { 9: '1.0', 10: '2.0', 11: '2.1', 12: '3.0' }

const carriageReturn = 0x0d
const comma = 0x2c
const endless = 0xffff_ffff

const stateCodes = [codeOf('active'), codeOf('declined'), codeOf('reclaimed'), codeOf('released')]
const unknownCode = codeOf('unknown')

interface Header {
  readonly schema: string
  /** How many columns a row may have. */
  readonly fewest: number
  readonly most: number
  readonly address: number
  readonly lifetime: number
  readonly expire: number
  readonly subnet: number
  readonly state: number
}

/** Reads a header; undefined when it lacks a column that a lease cannot do without: of them 1.0 alone has no state. */
function parseHeader(line: string): Header | undefined {
  const names = line.split(',')
  const shared = Math.min(names.length, known.length)
  const isKnown = shared >= 9 && names.slice(0, shared).join() === known.slice(0, shared).join()
  // Kea reads rows with the columns of its own version under an older header, and ignores columns it does not know.
  const all = isKnown && names.length < known.length ? known : names
  const header = {
    schema: (isKnown && schemas[names.length]) || 'unknown',
    fewest: isKnown ? shared : names.length,
    most: all.length,
    address: all.indexOf('address'),
    lifetime: all.indexOf('valid_lifetime'),
    expire: all.indexOf('expire'),
    subnet: all.indexOf('subnet_id'),
    state: all.indexOf('state'),
  }
  return [header.address, header.lifetime, header.expire, header.state].includes(-1) ? undefined : header
}

function createReader(leases: Leases, { family }: ReaderOptions): LeaseReader {
  let header: Header | undefined
  let firstMalformed: string | undefined
  let starts = new Uint32Array(0)

  function readHeader(octets: Uint8Array, start: number, end: number) {
    const line = Buffer.from(octets.subarray(start, end)).toString('latin1')
    const isIpv6 = line.startsWith('address,duid,')
    if (family !== 'auto' && (family === 'ipv6') !== isIpv6) {
      throw new LeaseFileError('wrong_family', `a Kea DHCPv${isIpv6 ? 6 : 4} lease file, expected ${family}`)
    }
    if (isIpv6) {
      throw new LeaseFileError('unrecognised_format', 'a Kea DHCPv6 lease file, which is not supported yet')
    }
    header = parseHeader(line)
    if (header === undefined) throw new LeaseFileError('unrecognised_format', 'no header of a Kea lease file')
    starts = new Uint32Array(header.most + 1)
  }

  /** Notes where the columns start; returns how many there are, at most one more than a row may have. */
  function split(octets: Uint8Array, start: number, end: number): number {
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

  /** The number in a column of the row that was split last. */
  function numberIn(octets: Uint8Array, column: number): number {
    return parseDigits(octets, starts[column] as number, (starts[column + 1] as number) - 1)
  }

  function readRow(octets: Uint8Array, start: number, end: number, column: Header): boolean {
    const count = split(octets, start, end)
    if (count < column.fewest || count > column.most) return false
    const address = parseIpv4(octets, starts[column.address] as number, (starts[column.address + 1] as number) - 1)
    const lifetime = numberIn(octets, column.lifetime)
    const expire = numberIn(octets, column.expire)
    const subnet = column.subnet === -1 ? 0 : numberIn(octets, column.subnet)
    const state = column.state >= count ? 0 : numberIn(octets, column.state)
    if (address < 0 || lifetime < 0 || lifetime > endless || expire < 0 || state < 0 || subnet < 0) return false
    const code = lifetime === 0 ? removedCode : (stateCodes[state] ?? unknownCode)
    leases.count()
    leases.noteTransaction('ipv4', expire - lifetime)
    leases.putIpv4(address, code, lifetime === endless ? Number.POSITIVE_INFINITY : expire, subnet)
    return true
  }

  const lines = new LineSplitter((octets, start, lineEnd, line, tooLong) => {
    // A file that went through Windows.
    const end = lineEnd > start && octets[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd
    if (header === undefined) return readHeader(octets, start, end)
    if (!tooLong && (start === end || readRow(octets, start, end, header))) return
    leases.skip()
    firstMalformed ??= `line ${line}`
  })

  return {
    feed: chunk => lines.feed(chunk),
    end: () => ({
      ...noFacts,
      incompleteTail: lines.pending,
      schema: header?.schema ?? 'unknown',
      family: header && 'ipv4',
      firstMalformed,
    }),
  }
}

/** Whether a text begins like the header of a Kea file of either family. */
export const beginsLikeKea = (text: string): boolean => /^address,(hwaddr|duid),/.test(text)

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
  mayBegin: text => columns4.startsWith(text),
  createReader,
}
