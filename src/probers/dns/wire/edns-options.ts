import { safeText } from '../../../kit/text.ts'
import type { Edns, EdnsOption } from './edns.ts'

/** Codes of options, as IANA has them. */
export const optionCodes = { nsid: 3, clientSubnet: 8, cookie: 10, padding: 12, extendedError: 15 } as const

/** A network in whose name a query is asked (RFC 7871); the octets of its address after the prefix do not count. */
export interface ClientSubnet {
  readonly family: 4 | 6
  readonly sourcePrefix: number
  /** How much of the prefix the answer depends on; 0 in queries. */
  readonly scopePrefix: number
  readonly address: Buffer
}

/** Why a server answers as it does (RFC 8914). */
export interface ExtendedError {
  readonly code: number
  /** IANA's name, or `EDEnn`. */
  readonly name: string
  /** What the server says of it, fit for a log line. */
  readonly text: string
}

/** What the options of an answer say; what is broken or not there is undefined or missing. */
export interface EdnsAnswer {
  /** Printable ASCII, other octets as `\DDD`; the beginning of a long one. */
  readonly nsid: string | undefined
  readonly clientSubnet: ClientSubnet | undefined
  /** That of the client, 8 octets, with that of the server after it, 8 to 32 or none. */
  readonly cookie: Buffer | undefined
  readonly extendedErrors: readonly ExtendedError[]
  /** Codes of options that break the rules of their kind. */
  readonly malformed: readonly number[]
}

// biome-ignore format: a table
const errorNames = [
  'Other Error', 'Unsupported DNSKEY Algorithm', 'Unsupported DS Digest Type', 'Stale Answer', 'Forged Answer',
  'DNSSEC Indeterminate', 'DNSSEC Bogus', 'Signature Expired', 'Signature Not Yet Valid', 'DNSKEY Missing',
  'RRSIGs Missing', 'No Zone Key Bit Set', 'NSEC Missing', 'Cached Error', 'Not Ready', 'Blocked', 'Censored',
  'Filtered', 'Prohibited', 'Stale NXDomain Answer', 'Not Authoritative', 'Not Supported', 'No Reachable Authority',
  'Network Error', 'Invalid Data', 'Signature Expired before Valid', 'Too Early', 'Unsupported NSEC3 Iterations Value',
  'Unable to conform to policy', 'Synthesized', 'Invalid Query Type',
]

export const clientCookieBytes = 8
const maxShownBytes = 64
const addressBits = { 4: 32, 6: 128 } as const

/** The name of an extended error, by https://www.iana.org/assignments/dns-parameters, or `EDEnn`. */
export const extendedErrorName = (code: number): string => errorNames[code] ?? `EDE${code}`

function shownOctets(octets: Buffer): string {
  const shown = [...octets.subarray(0, maxShownBytes)].map(octet => {
    if (octet === 0x5c) return '\\\\'
    return octet >= 0x20 && octet < 0x7f ? String.fromCharCode(octet) : `\\${String(octet).padStart(3, '0')}`
  })
  return shown.join('')
}

/** The octets of an address up to the end of its prefix, the bits after that cleared (RFC 7871, 6). */
function prefixOctets(address: Buffer, prefix: number): Buffer {
  const octets = Buffer.from(address.subarray(0, Math.ceil(prefix / 8)))
  const last = octets.length - 1
  if (prefix % 8 > 0) octets.writeUInt8(octets.readUInt8(last) & (0xff00 >> (prefix % 8)) & 0xff, last)
  return octets
}

export function writeClientSubnet({ family, sourcePrefix, scopePrefix, address }: ClientSubnet): Buffer {
  return Buffer.concat([
    Buffer.from([0, family === 4 ? 1 : 2, sourcePrefix, scopePrefix]),
    prefixOctets(address, sourcePrefix),
  ])
}

function readClientSubnet(data: Buffer): ClientSubnet | undefined {
  if (data.length < 4) return undefined
  const family = ({ 1: 4, 2: 6 } as const)[data.readUInt16BE()]
  const [sourcePrefix, scopePrefix, address] = [data.readUInt8(2), data.readUInt8(3), data.subarray(4)]
  if (family === undefined || Math.max(sourcePrefix, scopePrefix) > addressBits[family]) return undefined
  if (address.length !== Math.ceil(sourcePrefix / 8)) return undefined
  return { family, sourcePrefix, scopePrefix, address }
}

/** RFC 7873, 4: a client's cookie alone, or with a server's of 8 to 32 octets. */
const readCookie = (data: Buffer): Buffer | undefined =>
  data.length === clientCookieBytes || (data.length >= 16 && data.length <= 40) ? data : undefined

function readExtendedError(data: Buffer): ExtendedError | undefined {
  if (data.length < 2) return undefined
  const code = data.readUInt16BE()
  const text = safeText(data.subarray(2, 2 + 4 * maxShownBytes).toString('utf8'), maxShownBytes)
  return { code, name: extendedErrorName(code), text }
}

/**
 * Reads the options of an answer that are known here. Of those that may stand there once, the first counts; a broken
 * one counts for nothing.
 */
export function readEdnsOptions({ options }: Pick<Edns, 'options'>): EdnsAnswer {
  const malformed: number[] = []
  const all = <T>(wanted: number, read: (data: Buffer) => T | undefined): readonly T[] =>
    options.flatMap(({ code, data }: EdnsOption) => {
      if (code !== wanted) return []
      const value = read(data)
      if (value === undefined) malformed.push(code)
      return value ?? []
    })
  return {
    nsid: all(optionCodes.nsid, data => data)
      .filter(data => data.length > 0)
      .map(shownOctets)[0],
    clientSubnet: all(optionCodes.clientSubnet, readClientSubnet)[0],
    cookie: all(optionCodes.cookie, readCookie)[0],
    extendedErrors: all(optionCodes.extendedError, readExtendedError),
    malformed,
  }
}
