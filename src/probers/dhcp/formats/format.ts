import type { Family, LeaseState, Leases, LeaseType } from '../leases.ts'

export type FormatName = 'isc-dhcpd' | 'kea-csv' | 'dnsmasq' | 'udhcpd' | 'odhcpd' | 'systemd-networkd'

export interface ReaderOptions {
  /** The only family that the file may hold (`wrong_family` otherwise), for formats that hold one. */
  readonly family: 'auto' | Family
}

/** States of a failover relationship (ISC's dhcpd.leases(5) and server/failover.c). */
export const failoverStates = [
  'unknown-state',
  'partner-down',
  'normal',
  'conflict-done',
  'communications-interrupted',
  'resolution-interrupted',
  'potential-conflict',
  'recover',
  'recover-wait',
  'recover-done',
  'shutdown',
  'paused',
  'startup',
] as const

/** What one end of a failover relationship was in when the file was written to last. */
export interface FailoverState {
  /** Name of the relationship, as the file has it. */
  readonly peer: string
  readonly role: 'my' | 'partner'
  readonly state: (typeof failoverStates)[number]
  /** Unix seconds. */
  readonly since: number
}

/** What a file told besides its leases. */
export interface FileFacts {
  /** It ends with something that is not a whole entry, which was dropped. */
  readonly incompleteTail: boolean
  /** The version of the format, for formats that have any. */
  readonly schema: string
  /** The family of its leases; undefined when the file does not tell, or holds both. */
  readonly family: Family | undefined
  /** Its ends are lengths of leases, so nothing can be told from them. */
  readonly endsAreLengths: boolean
  /** Where the first entry stands that was skipped: `line 3`, or `octet 44` of a binary file. */
  readonly firstMalformed: string | undefined
  /** Both ends of each failover relationship. */
  readonly failover: readonly FailoverState[]
  /** When the server wrote the file, in Unix seconds, for formats that say so. */
  readonly writtenAt: number | undefined
}

/** What a file tells that tells nothing. */
export const noFacts: FileFacts = {
  incompleteTail: false,
  schema: '',
  family: undefined,
  endsAreLengths: false,
  firstMalformed: undefined,
  failover: [],
  writtenAt: undefined,
}

/** A place in a file between two octets. */
export interface Position {
  /** In octets. */
  readonly offset: number
  readonly line: number
}

/** Where the last complete entry of a file ends, and all that must be known to read on from there. */
export interface Checkpoint extends Position {
  /** What was told before. */
  readonly facts: FileFacts
  /** What the format bears in mind, in words of its own. */
  readonly memory: string
}

export const beginning: Checkpoint = { offset: 0, line: 1, facts: noFacts, memory: '' }

/**
 * Reads one file, in chunks of any size, into `Leases`; throws nothing but `LeaseFileError`. What follows the last
 * complete entry has no effect on the leases.
 */
export interface LeaseReader {
  feed(chunk: Uint8Array): void
  /** What the octets so far tell; undefined `checkpoint` for formats that are not appended to. */
  end(): { readonly facts: FileFacts; readonly checkpoint: Checkpoint | undefined }
}

/** Which types and states a family of a format knows: all of them are reported, also when there is none. */
export interface FamilyKnowledge {
  readonly types: readonly LeaseType[]
  readonly states: readonly LeaseState[]
}

export interface LeaseFormat {
  readonly name: FormatName
  readonly knows: Readonly<Record<Family, FamilyKnowledge>>
  /** The server truncates the file and writes it again in place, so a reader can meet half of it. */
  readonly rewrittenInPlace: boolean
  /** Whether a whole file that is too short to be recognised, given as Latin-1, may be the beginning of one. */
  mayBegin(text: string): boolean
  /** With a checkpoint the reader goes on from there; the leases are those of all that stands before. */
  createReader(leases: Leases, options: ReaderOptions, from?: Checkpoint): LeaseReader
}

/** Octets of a line or statement beyond which it is malformed; none is kept in memory. */
export const maxEntryBytes = 65_536
