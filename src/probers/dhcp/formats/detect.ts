import { LeaseFileError } from '../failure.ts'
import { dnsmasq } from './dnsmasq.ts'
import type { FormatName, LeaseFormat } from './format.ts'
import { beginsLikeIsc, isc } from './isc.ts'
import { beginsLikeKea, kea } from './kea.ts'

export const formats: Readonly<Record<FormatName, LeaseFormat>> = {
  'isc-dhcpd': isc,
  'kea-csv': kea,
  dnsmasq,
}

export const formatNames = Object.keys(formats) as FormatName[]

/** How much of a file is looked at to recognise it. */
export const headBytes = 4096

/** The beginning of a file. */
export interface Head {
  readonly octets: Uint8Array
  /** Of the whole file. */
  readonly sizeBytes: number
}

type Kind = FormatName | 'odhcpd' | 'systemd-networkd' | 'udhcpd'

const odhcpdLine = /^# \S+ [\da-f:]+ (?:ipv4|[\da-f]{1,8}) \S+ -?\d+ /m
const dnsmasqLine = /^(?:\d+ \S+ [\da-f:.]+ \S+ \S+|duid [\da-f:]+)$/im

const earliestMs = Date.UTC(2001, 0, 1)
const dayMs = 86_400_000

/** udhcpd: an 8-octet time of writing, then records of 36 octets. */
function looksLikeUdhcpd({ octets, sizeBytes }: Head, nowMs: number): boolean {
  if (octets.length < 8 || (sizeBytes - 8) % 36 !== 0) return false
  const writtenMs = Number(Buffer.from(octets.subarray(0, 8)).readBigInt64BE()) * 1000
  return writtenMs >= earliestMs && writtenMs <= nowMs + dayMs
}

const textOf = (head: Head) => Buffer.from(head.octets).toString('latin1')

/** Recognises a lease file by its head. The order matters: odhcpd's lines are comments to ISC's grammar. */
function recognise(head: Head, nowMs: number): Kind | undefined {
  const text = textOf(head)
  if (beginsLikeKea(text)) return 'kea-csv'
  if (/^\s*[{[]/.test(text) && /"(Leases|ClientId)"/.test(text)) return 'systemd-networkd'
  if (odhcpdLine.test(text)) return 'odhcpd'
  if (beginsLikeIsc(text)) return 'isc-dhcpd'
  if (dnsmasqLine.test(text)) return 'dnsmasq'
  if (looksLikeUdhcpd(head, nowMs)) return 'udhcpd'
  return undefined
}

const unrecognised = (message: string) => new LeaseFileError('unrecognised_format', message)

/**
 * The format of a file that is not empty: the one asked for if the head fits it, or the one that the head looks like.
 * Looking at the head alone keeps arbitrary files from being parsed. Throws `LeaseFileError('unrecognised_format')`.
 */
export function chooseFormat(wanted: FormatName | 'auto', head: Head, nowMs: number): LeaseFormat {
  const kind = recognise(head, nowMs)
  if (kind !== undefined && kind in formats && (wanted === 'auto' || wanted === kind)) {
    return formats[kind as FormatName]
  }
  if (wanted === 'auto') {
    throw unrecognised(
      kind ? `a lease file of ${kind}, which is not supported yet` : 'not a lease file of a known format',
    )
  }
  if (kind !== undefined) throw unrecognised(`expected ${wanted}, the file looks like ${kind}`)
  // Too short to be recognised: what a server has begun to write is an incomplete tail, not another format.
  const isWhole = head.octets.length === head.sizeBytes
  if ((isWhole || wanted === 'isc-dhcpd') && formats[wanted].mayBegin(textOf(head))) return formats[wanted]
  throw unrecognised(`the file does not begin like one of ${wanted}`)
}
