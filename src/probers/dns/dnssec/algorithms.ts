import { createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto'

/** Checks one signature over octets; false also for one that has not even the right form. */
export type Verifier = (data: Buffer, signature: Buffer) => boolean

type MakeVerifier = (key: Buffer) => Verifier | undefined

// What BIND and OpenSSL take at most; it bounds what a hostile key costs (RFC 5702, 2.1).
const maxModulusBytes = 512
const maxExponentBytes = 8

const publicKey = (jwk: JsonWebKey): KeyObject => createPublicKey({ key: jwk, format: 'jwk' })
const base64url = (octets: Buffer) => octets.toString('base64url')

/** RFC 3110, 2: the length of the exponent in one octet, or in two after a zero; exponent; modulus. */
function rsa(hash: string): MakeVerifier {
  return key => {
    const isLong = key[0] === 0
    if (key.length < 3) return undefined
    const start = isLong ? 3 : 1
    const end = start + (isLong ? key.readUInt16BE(1) : key.readUInt8(0))
    const [exponent, modulus] = [key.subarray(start, end), key.subarray(end)]
    if (exponent.length === 0 || exponent.length > maxExponentBytes) return undefined
    if (modulus.length === 0 || modulus.length > maxModulusBytes) return undefined
    const object = publicKey({ kty: 'RSA', n: base64url(modulus), e: base64url(exponent) })
    return (data, signature) => verify(hash, data, object, signature)
  }
}

/** RFC 6605, 4: the key is the point, the signature r and s, all of them of fixed length. */
function ecdsa(hash: string, curve: string, bytes: number): MakeVerifier {
  return key => {
    if (key.length !== 2 * bytes) return undefined
    const [x, y] = [key.subarray(0, bytes), key.subarray(bytes)].map(base64url) as [string, string]
    const object = publicKey({ kty: 'EC', crv: curve, x, y })
    return (data, signature) =>
      signature.length === 2 * bytes && verify(hash, data, { key: object, dsaEncoding: 'ieee-p1363' }, signature)
  }
}

/** RFC 8080, 3. */
function eddsa(curve: string, bytes: number): MakeVerifier {
  return key => {
    if (key.length !== bytes) return undefined
    const object = publicKey({ kty: 'OKP', crv: curve, x: base64url(key) })
    return (data, signature) => verify(null, data, object, signature)
  }
}

/** By https://www.iana.org/assignments/dns-sec-alg-numbers; those with SHA-1 are left out (RFC 9905). */
const makers: ReadonlyMap<number, MakeVerifier> = new Map([
  [8, rsa('sha256')],
  [10, rsa('sha512')],
  [13, ecdsa('sha256', 'P-256', 32)],
  [14, ecdsa('sha384', 'P-384', 48)],
  [15, eddsa('Ed25519', 32)],
  [16, eddsa('Ed448', 57)],
])

export const isSupported = (algorithm: number): boolean => makers.has(algorithm)

/** What no key and no signature of the network may do is throw: OpenSSL does so for a point that is not on its curve. */
const attempt = <T>(work: () => T): T | undefined => {
  try {
    return work()
  } catch {
    return undefined
  }
}

/** Makes what checks signatures by a public key; undefined when the key is none of its algorithm. */
export function verifierOf(algorithm: number, key: Buffer): Verifier | undefined {
  const check = attempt(() => makers.get(algorithm)?.(key))
  return check && ((data, signature) => attempt(() => check(data, signature)) ?? false)
}
