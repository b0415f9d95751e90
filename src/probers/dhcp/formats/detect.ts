import { LeaseFileError } from '../failure.ts'
import { dnsmasq } from './dnsmasq.ts'
import type { FormatName, LeaseFormat } from './format.ts'
import { beginsLikeIsc, isc } from './isc.ts'
import { kea } from './kea.ts'
import { beginsLikeKea } from './kea-header.ts'
import { networkd } from './networkd.ts'
import { odhcpd } from './odhcpd.ts'
import { looksLikeUdhcpd, udhcpd } from './udhcpd.ts'

export const formats: Readonly<Record<FormatName, LeaseFormat>> = {
  'isc-dhcpd': isc,
  'kea-csv': kea,
  dnsmasq,
  udhcpd,
  odhcpd,
  'systemd-networkd': networkd,
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

const odhcpdLine = /^# \S+ [\da-f:]+ (?:ipv4|[\da-f]{1,8}) \S+ -?\d+ /m
const dnsmasqLine = /^(?:\d+ \S+ [\da-f:.]+ \S+ \S+|duid [\da-f:]+)$/im

const textOf = (head: Head) => Buffer.from(head.octets).toString('latin1')

/** Recognises a lease file by its head. The order matters: odhcpd's lines are comments to ISC's grammar. */
function recognise(head: Head, nowMs: number): FormatName | undefined {
  const text = textOf(head)
  if (beginsLikeKea(text)) return 'kea-csv'
  if (/^\s*[{[]/.test(text) && /"(Leases|ClientId)"/.test(text)) return 'systemd-networkd'
  if (odhcpdLine.test(text)) return 'odhcpd'
  if (beginsLikeIsc(text)) return 'isc-dhcpd'
  if (dnsmasqLine.test(text)) return 'dnsmasq'
  if (looksLikeUdhcpd(head.octets, head.sizeBytes, nowMs / 1000)) return 'udhcpd'
  return undefined
}

/** Formats whose first octets tell enough, however long the file is. */
const tellingBeginnings: readonly FormatName[] = ['isc-dhcpd', 'udhcpd']

const unrecognised = (message: string) => new LeaseFileError('unrecognised_format', message)

/**
 * The format of a file that is not empty: the one asked for if the head fits it, or the one that the head looks like.
 * Looking at the head alone keeps arbitrary files from being parsed. Throws `LeaseFileError('unrecognised_format')`.
 */
export function chooseFormat(wanted: FormatName | 'auto', head: Head, nowMs: number): LeaseFormat {
  const kind = recognise(head, nowMs)
  if (kind !== undefined && (wanted === 'auto' || wanted === kind)) return formats[kind]
  if (wanted === 'auto') throw unrecognised('not a lease file of a known format')
  if (kind !== undefined) throw unrecognised(`expected ${wanted}, the file looks like ${kind}`)
  // Too short to be recognised: what a server has begun to write is an incomplete tail, not another format.
  const isWhole = head.octets.length === head.sizeBytes || tellingBeginnings.includes(wanted)
  if (isWhole && formats[wanted].mayBegin(textOf(head))) return formats[wanted]
  throw unrecognised(`the file does not begin like one of ${wanted}`)
}
