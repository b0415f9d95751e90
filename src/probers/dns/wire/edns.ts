import { typeOf } from './iana.ts'
import { Malformed } from './malformed.ts'
import type { ResourceRecord } from './record.ts'

export interface EdnsOption {
  readonly code: number
  readonly data: Buffer
}

/** What an OPT record says (RFC 6891, 6.1). */
export interface Edns {
  readonly udpBytes: number
  /** The upper eight bits of the response code. */
  readonly extendedRcode: number
  readonly version: number
  readonly dnssecOk: boolean
  readonly options: readonly EdnsOption[]
}

const opt = typeOf('OPT')
const isOpt = ({ type }: ResourceRecord) => type === opt

function readOptions(rdata: Buffer): EdnsOption[] {
  const options: EdnsOption[] = []
  for (let at = 0; at < rdata.length; ) {
    if (at + 4 > rdata.length) throw new Malformed('rdata_short')
    const end = at + 4 + rdata.readUInt16BE(at + 2)
    if (end > rdata.length) throw new Malformed('rdata_short')
    options.push({ code: rdata.readUInt16BE(at), data: rdata.subarray(at + 4, end) })
    at = end
  }
  return options
}

/**
 * Finds the one OPT record that a message may have: in the additional section and owned by the root. Throws `Malformed`
 * when it stands elsewhere, twice, or is broken: half of the response code is in it.
 */
export function readEdns(
  answer: readonly ResourceRecord[],
  authority: readonly ResourceRecord[],
  additional: readonly ResourceRecord[],
): Edns | undefined {
  if (answer.some(isOpt) || authority.some(isOpt)) throw new Malformed('misplaced_opt')
  const [found, second] = additional.filter(isOpt)
  if (found === undefined) return undefined
  if (second !== undefined) throw new Malformed('two_opt')
  if (found.name.length !== 1) throw new Malformed('misplaced_opt')
  return {
    udpBytes: found.class,
    extendedRcode: found.ttl >>> 24,
    version: (found.ttl >>> 16) & 0xff,
    dnssecOk: (found.ttl & 0x8000) !== 0,
    options: readOptions(found.rdata),
  }
}
