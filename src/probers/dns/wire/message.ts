import { Cursor } from './cursor.ts'
import { type Edns, readEdns } from './edns.ts'
import { typeOf } from './iana.ts'
import { Malformed } from './malformed.ts'
import { createNameReader, type Name } from './name.ts'
import { type ResourceRecord, readRecord } from './record.ts'

export interface Flags {
  readonly qr: boolean
  readonly aa: boolean
  readonly tc: boolean
  readonly rd: boolean
  readonly ra: boolean
  readonly ad: boolean
  readonly cd: boolean
}

export interface Header {
  readonly id: number
  readonly opcode: number
  readonly flags: Flags
  /** The four bits of the header; `Message` has all twelve. */
  readonly rcode: number
  readonly counts: readonly [questions: number, answer: number, authority: number, additional: number]
}

export interface Question {
  readonly name: Name
  readonly type: number
  readonly class: number
}

export interface Message extends Header {
  readonly questions: readonly Question[]
  readonly answer: readonly ResourceRecord[]
  readonly authority: readonly ResourceRecord[]
  /** Without the OPT record, which is no data but part of the protocol. */
  readonly additional: readonly ResourceRecord[]
  readonly edns: Edns | undefined
}

const headerBytes = 12
const minQuestionBytes = 5
const minRecordBytes = 11
const opt = typeOf('OPT')

/** Reads the twelve octets before everything else (RFC 1035, 4.1.1). Throws `Malformed('short_header')`. */
export function readHeader(octets: Buffer): Header {
  if (octets.length < headerBytes) throw new Malformed('short_header')
  const bits = octets.readUInt16BE(2)
  const has = (bit: number) => (bits & bit) !== 0
  return {
    id: octets.readUInt16BE(0),
    opcode: (bits >> 11) & 15,
    flags: {
      qr: has(0x8000),
      aa: has(0x0400),
      tc: has(0x0200),
      rd: has(0x0100),
      ra: has(0x0080),
      ad: has(0x0020),
      cd: has(0x0010),
    },
    rcode: bits & 15,
    counts: [octets.readUInt16BE(4), octets.readUInt16BE(6), octets.readUInt16BE(8), octets.readUInt16BE(10)],
  }
}

const cursorOf = (octets: Buffer) =>
  new Cursor(octets, createNameReader(octets), headerBytes, octets.length, 'record_short')

function readQuestion(cursor: Cursor): Question {
  const name = cursor.name()
  if (cursor.remaining < 4) throw new Malformed('question_short')
  return { name, type: cursor.u16(), class: cursor.u16() }
}

/** Reads the first question alone, in time that does not depend on the rest. The message must have one. */
export const readFirstQuestion = (octets: Buffer): Question => readQuestion(cursorOf(octets))

/**
 * Reads a whole message from the network. Time and memory are linear in its length, whatever it holds; octets after the
 * last record are left alone. Throws `Malformed` and nothing else.
 */
export function readMessage(octets: Buffer): Message {
  const header = readHeader(octets)
  const [questions, answer, authority, additional] = header.counts
  // Checked before anything is read: what is announced must fit into the message.
  const leastBytes = questions * minQuestionBytes + (answer + authority + additional) * minRecordBytes
  if (leastBytes > octets.length - headerBytes) throw new Malformed('counts_too_large')
  const cursor = cursorOf(octets)
  const records = (count: number) => Array.from({ length: count }, () => readRecord(cursor))
  const sections = {
    questions: Array.from({ length: questions }, () => readQuestion(cursor)),
    answer: records(answer),
    authority: records(authority),
    additional: records(additional),
  }
  const edns = readEdns(sections.answer, sections.authority, sections.additional)
  return {
    ...header,
    ...sections,
    rcode: header.rcode | ((edns?.extendedRcode ?? 0) << 4),
    additional: sections.additional.filter(({ type }) => type !== opt),
    edns,
  }
}
