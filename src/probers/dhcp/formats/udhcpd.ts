import { LeaseFileError } from '../failure.ts'
import { codeOf, declinedUntilEndCode, type Leases } from '../leases.ts'
import { hexOf, hostnameIn } from './details.ts'
import { type LeaseFormat, type LeaseReader, noFacts, type ReaderOptions } from './format.ts'

// BusyBox's networking/udhcp/dhcpd.h, struct dyn_lease: seconds left, address, hardware address, name, padding.
const headBytes = 8
const recordBytes = 36
const addressAt = 4
const hardwareAt = 8
const nameAt = 14
const nameEnd = 34

const activeCode = codeOf('active')
const expiredCode = codeOf('expired')

/** From 2001 to 2106: other times cannot be those of a lease file. */
const earliest = 1e9
const latest = 2 ** 32

/** When a file was written, in Unix seconds, by its first octets; undefined when it says nothing sensible. */
export function writtenAt(octets: Uint8Array): number | undefined {
  if (octets.length < headBytes) return undefined
  const seconds = Number(Buffer.from(octets.subarray(0, headBytes)).readBigInt64BE())
  return seconds >= earliest && seconds < latest ? seconds : undefined
}

/** Whether a file of this size and beginning is one; versions of old that do not say when they wrote it are none. */
export const looksLikeUdhcpd = (octets: Uint8Array, sizeBytes: number, nowSeconds: number): boolean =>
  (sizeBytes - headBytes) % recordBytes === 0 && (writtenAt(octets) ?? latest) <= nowSeconds + 86_400

function createReader(leases: Leases, { family }: ReaderOptions): LeaseReader {
  const kept = Buffer.alloc(recordBytes)
  let filled = 0
  let offset = 0
  let written: number | undefined
  let firstMalformed: string | undefined

  function readRecord(): void {
    if (family === 'ipv6') throw new LeaseFileError('wrong_family', 'a lease file of udhcpd, expected ipv6')
    const address = kept.readUInt32BE(addressAt)
    if (address === 0 || written === undefined) {
      leases.skip()
      firstMalformed ??= `octet ${offset}`
      return
    }
    const secondsLeft = kept.readUInt32BE(0)
    const hardware = kept.subarray(hardwareAt, nameAt)
    // Who gets an address that somebody else answers for declines it, and it is kept aside without an owner.
    const isDeclined = hardware.every(octet => octet === 0)
    const name = kept.subarray(nameAt, nameEnd)
    const details = leases.keepsDetails
      ? { hwaddr: hexOf(hardware), clientId: '', hostname: hostnameIn(name, 0, Math.max(0, name.indexOf(0))) }
      : undefined
    const code = isDeclined ? declinedUntilEndCode : secondsLeft === 0 ? expiredCode : activeCode
    leases.count()
    leases.putIpv4(address, code, written + secondsLeft, 0, details)
  }

  /** Reads what is complete: the head, or a record. */
  function readKept(): void {
    if (offset === 0) written = writtenAt(kept)
    else readRecord()
    offset += filled
    filled = 0
  }

  return {
    feed(chunk) {
      for (let at = 0; at < chunk.length; ) {
        const wanted = offset === 0 ? headBytes : recordBytes
        const part = chunk.subarray(at, at + wanted - filled)
        kept.set(part, filled)
        filled += part.length
        at += part.length
        if (filled === wanted) readKept()
      }
    },
    end: () => ({
      facts: { ...noFacts, incompleteTail: filled > 0, family: 'ipv4', firstMalformed, writtenAt: written },
      checkpoint: undefined,
    }),
  }
}

/**
 * BusyBox udhcpd: when it was written, then a record of 36 octets per lease with the seconds that were left then. Written
 * again in place, every two hours unless configured otherwise.
 */
export const udhcpd: LeaseFormat = {
  name: 'udhcpd',
  knows: {
    ipv4: { types: ['address'], states: ['active', 'expired', 'declined'] },
    ipv6: { types: [], states: [] },
  },
  rewrittenInPlace: true,
  mayBegin: text => /^\0{1,4}$/.test(text) || writtenAt(Buffer.from(text, 'latin1')) !== undefined,
  createReader,
}
