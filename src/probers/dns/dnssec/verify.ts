import { algorithmName, typeOf } from '../wire/iana.ts'
import { type Name, nameText } from '../wire/name.ts'
import { isSupported } from './algorithms.ts'
import { canonicalRdatas } from './canonical.ts'
import { type Finding, finding, secure, worst } from './finding.ts'
import type { ZoneKey } from './key.ts'
import { isWildcard, isWithin, labelCount, lastLabels, parentOf, wildcardOf } from './names.ts'
import { type RrSet, type Signature, setText } from './rrset.ts'
import { expiresAtSeconds, isExpired, isNotYetValid, startsAtSeconds } from './times.ts'
import type { Work } from './work.ts'

/** The keys of a zone, or why there are none to trust. */
export type Keys = readonly ZoneKey[] | Finding
export const isFinding = (keys: Keys): keys is Finding => 'status' in keys

/** What verifying an RRset came to; the signature that did it when it is secure. */
export interface Verified {
  readonly finding: Finding
  readonly signature: Signature | undefined
}

// Honest zones have one signature for each algorithm, and keys whose tags collide are rare.
const maxSignatures = 32
const maxKeysOfOneTag = 4
const ds = typeOf('DS')
const instant = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

const numbers = ({ type, class: recordClass }: RrSet, { originalTtl }: Signature) => {
  const octets = Buffer.alloc(8)
  octets.writeUInt16BE(type)
  octets.writeUInt16BE(recordClass, 2)
  octets.writeUInt32BE(originalTtl, 4)
  return octets
}

function length(rdata: Buffer): Buffer {
  const octets = Buffer.alloc(2)
  octets.writeUInt16BE(rdata.length)
  return octets
}

/** The name that was signed: a wildcard when the signature counts fewer labels than the owner has (RFC 4035, 5.3.2). */
const signedName = ({ name }: RrSet, { labels }: Signature) =>
  labels < labelCount(name) ? wildcardOf(lastLabels(name, labels)) : name

/** The octets that a signature is over (RFC 4034, 3.1.8.1). */
export function signedData(set: RrSet, rdatas: readonly Buffer[], signature: Signature): Buffer {
  const before = Buffer.concat([signedName(set, signature) ?? set.name, numbers(set, signature)])
  return Buffer.concat([signature.head, ...rdatas.flatMap(rdata => [before, length(rdata), rdata])])
}

/** Whether an RRset was made from a wildcard (RFC 4035, 5.3.4). */
export const isExpanded = ({ name }: RrSet, { labels }: Signature): boolean =>
  labels < labelCount(name) - (isWildcard(name) ? 1 : 0)

// A name that a wildcard made has none of these; a server that says so could move the gap of an NSEC record at will.
const neverExpanded: readonly number[] = (['SOA', 'DS', 'DNSKEY', 'NSEC', 'NSEC3'] as const).map(typeOf)

/** Why a signature cannot be one over this RRset, whatever the keys are (RFC 4035, 5.3.1). */
function misfit(set: RrSet, signature: Signature): Finding | undefined {
  const { signer, labels, algorithm } = signature
  // A DS record belongs to the zone above the cut.
  if (!isWithin(set.type === ds ? parentOf(set.name) : set.name, signer)) {
    return finding('bogus', `${setText(set)} is signed by ${nameText(signer)}, which cannot hold it`)
  }
  if (labels > labelCount(set.name) || labels < labelCount(signer)) {
    return finding('bogus', `the signature of ${setText(set)} counts ${labels} labels`)
  }
  if (neverExpanded.includes(set.type) && isExpanded(set, signature)) {
    return finding('bogus', `${setText(set)} comes from a wildcard`)
  }
  if (isSupported(algorithm)) return undefined
  return finding(
    'insecure',
    `${setText(set)} is signed with algorithm ${algorithmName(algorithm)}, which is not supported`,
  )
}

function judgeTimes(set: RrSet, signature: Signature, { nowSeconds }: Work): Finding {
  if (isExpired(signature, nowSeconds)) {
    const end = instant(expiresAtSeconds(signature, nowSeconds))
    return finding('expired', `the signature of ${setText(set)} expired at ${end}`)
  }
  if (isNotYetValid(signature, nowSeconds)) {
    const start = instant(startsAtSeconds(signature, nowSeconds))
    return finding('not_yet_valid', `the signature of ${setText(set)} is not valid before ${start}`)
  }
  return secure
}

async function tryKeys(
  set: RrSet,
  rdatas: readonly Buffer[],
  signature: Signature,
  keys: readonly ZoneKey[],
  work: Work,
): Promise<Finding> {
  const { algorithm, keyTag, signer } = signature
  const by = `key ${keyTag} (${algorithmName(algorithm)}) of ${nameText(signer)}`
  const fitting = keys.filter(key => key.tag === keyTag && key.algorithm === algorithm)
  if (fitting.length === 0) return finding('key_missing', `${setText(set)} is signed by ${by}, which is not there`)
  for (const key of fitting.slice(0, maxKeysOfOneTag)) {
    if (!work.mayVerify()) return finding('bogus', `gave up on ${setText(set)}: too many signatures to verify`)
    await work.breathe()
    const isValid = key.verifier()?.(signedData(set, rdatas, signature), signature.octets) ?? false
    work.verified(isValid)
    if (isValid) return judgeTimes(set, signature, work)
  }
  return finding('bogus', `the signature of ${setText(set)} by ${by} is wrong`)
}

/** Of several failures that tells most which comes closest to a valid signature. */
const closeness = ['secure', 'expired', 'not_yet_valid', 'bogus', 'key_missing', 'insecure'] as const

function closest(found: readonly Finding[]): Finding {
  for (const status of closeness) {
    const match = found.find(one => one.status === status)
    if (match !== undefined) return match
  }
  return worst(found)
}

/**
 * Verifies an RRset: one valid signature is enough. `keysOf` gives the keys of a zone. An RRset whose signatures are
 * all of unsupported algorithms is insecure (RFC 4035, 5.2). The set must have signatures.
 */
export async function verifySet(set: RrSet, keysOf: (zone: Name) => Promise<Keys>, work: Work): Promise<Verified> {
  await work.breathe()
  const rdatas = canonicalRdatas(set.records)
  const found: Finding[] = []
  for (const signature of set.signatures.slice(0, maxSignatures)) {
    const wrong = misfit(set, signature)
    const keys = wrong ?? (await keysOf(signature.signer))
    const result = isFinding(keys) ? keys : await tryKeys(set, rdatas, signature, keys, work)
    if (result.status === 'secure') return { finding: secure, signature }
    found.push(result)
  }
  return { finding: closest(found), signature: undefined }
}

/** A verified RRset, and the signature that did it. */
export interface SignedSet {
  readonly set: RrSet
  readonly signer: Name
  readonly signature: Signature
}

/** Verifies RRsets that have signatures: what each came to, and those that are secure. */
export async function verifyAll(
  sets: readonly RrSet[],
  keysOf: (zone: Name) => Promise<Keys>,
  work: Work,
): Promise<{ readonly findings: readonly Finding[]; readonly signed: readonly SignedSet[] }> {
  const findings: Finding[] = []
  const signed: SignedSet[] = []
  for (const set of sets) {
    const { finding: found, signature } = await verifySet(set, keysOf, work)
    findings.push(found)
    if (signature !== undefined) signed.push({ set, signer: signature.signer, signature })
  }
  return { findings, signed }
}
