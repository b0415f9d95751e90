import { type Verifier, verifierOf } from './algorithms.ts'

/** A key that signs a zone (RFC 4034, 2). */
export interface ZoneKey {
  readonly rdata: Buffer
  readonly algorithm: number
  readonly tag: number
  /** Undefined when its octets are no key of its algorithm; made on demand. */
  readonly verifier: () => Verifier | undefined
}

const zoneBit = 0x0100
const revokeBit = 0x0080
const dnssecProtocol = 3
const headBytes = 4

/** The tag that signatures name a key by (RFC 4034, appendix B); several keys may have the same. */
export function keyTag(rdata: Buffer): number {
  const sum = rdata.reduce((total, octet, index) => total + (index % 2 === 0 ? octet << 8 : octet), 0)
  return (sum + ((sum >> 16) & 0xffff)) & 0xffff
}

/** Reads the RDATA of a DNSKEY record; undefined when it is no key for a zone, or a revoked one (RFC 5011, 2.1). */
export function readZoneKey(rdata: Buffer): ZoneKey | undefined {
  if (rdata.length <= headBytes) return undefined
  const flags = rdata.readUInt16BE(0)
  if ((flags & zoneBit) === 0 || (flags & revokeBit) !== 0 || rdata.readUInt8(2) !== dnssecProtocol) return undefined
  const algorithm = rdata.readUInt8(3)
  let verifier: Verifier | undefined | 'not made' = 'not made'
  return {
    rdata,
    algorithm,
    tag: keyTag(rdata),
    verifier() {
      if (verifier === 'not made') verifier = verifierOf(algorithm, rdata.subarray(headBytes))
      return verifier
    },
  }
}
