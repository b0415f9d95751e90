import { rcodeName, rcodeOf, typeOf } from '../wire/iana.ts'
import type { Message, Question } from '../wire/message.ts'
import { type Name, nameText } from '../wire/name.ts'
import { type Anchor, dsAnchor } from './anchor.ts'
import { isDenying, provesNoType } from './denial.ts'
import { type Finding, finding, worst } from './finding.ts'
import { readZoneKey } from './key.ts'
import { isWithin, keyOf, parentOf } from './names.ts'
import { type RrSet, rrSetsOf, type Signature, setText } from './rrset.ts'
import { type Keys, verifyAll, verifySet } from './verify.ts'
import type { Work } from './work.ts'

/** Asks the same server, in the same way, one more question. */
export type Fetch = (question: Question) => Promise<Message>

export interface KeySource {
  readonly fetch: Fetch
  /** Undefined: the keys of a zone are trusted when they sign themselves; else also the way down from a zone above. */
  readonly anchors: readonly Anchor[] | undefined
  readonly work: Work
}

/** Gives the keys of zones, each asked for once, and tells which signatures they have themselves. */
export interface KeyRing {
  readonly keysOf: (zone: Name) => Promise<Keys>
  readonly signatures: readonly Signature[]
}

/** Like `KeyRing`, while it is filled. */
interface OpenRing {
  readonly keysOf: KeyRing['keysOf']
  readonly signatures: Signature[]
}

/** What makes a key trusted, or why nothing can. */
type Trust = readonly Anchor[] | Finding

const [dnskey, ds] = [typeOf('DNSKEY'), typeOf('DS')]
const noError = rcodeOf('NOERROR')
const internet = 1

// An answer leads through a few zones; each of them costs a query.
const maxZones = 8
// A denial of one type needs no more.
const maxDenials = 8

/** The DNSKEY RRset of a zone. */
async function fetchSet(zone: Name, { fetch }: KeySource): Promise<RrSet | Finding> {
  const { answer, rcode, flags } = await fetch({ name: zone, type: dnskey, class: internet })
  if (flags.tc) return finding('key_missing', `the answer with the keys of ${nameText(zone)} is truncated`)
  const set = rrSetsOf(answer).find(({ name, type }) => type === dnskey && name.equals(zone))
  if (rcode === noError && set !== undefined && set.records.length > 0) return set
  return finding('key_missing', `the server has no DNSKEY of ${nameText(zone)}: ${rcodeName(rcode)}`)
}

/** What the zones above say of a zone: its DS records, as anchors (RFC 4035, 5.2). */
async function delegated(zone: Name, { fetch, work }: KeySource, keysOf: KeyRing['keysOf']): Promise<Trust> {
  const { answer, authority, rcode } = await fetch({ name: zone, type: ds, class: internet })
  // Only those above may speak of it; were it asked itself, it would be asked without end.
  const ofParent = async (signer: Name) => (isWithin(parentOf(zone), signer) ? keysOf(signer) : [])
  const set = rrSetsOf(answer).find(({ name, type, records }) => type === ds && name.equals(zone) && records.length > 0)
  const sets = (set === undefined ? rrSetsOf(authority).filter(isDenying).slice(0, maxDenials) : [set]).filter(
    ({ signatures }) => signatures.length > 0,
  )
  if (sets.length === 0) return finding('bogus', `no signature tells of DS of ${nameText(zone)}: ${rcodeName(rcode)}`)
  const { findings, signed } = await verifyAll(sets, ofParent, work)
  const found = worst(findings)
  if (found.status !== 'secure') return found
  if (set !== undefined) return supported(set)
  const proof = await provesNoType(zone, ds, signed, work)
  return proof.status === 'bogus' ? proof : finding('insecure', `${nameText(zone)} has no DS in the zone above`)
}

function supported(set: RrSet): Trust {
  const anchors = set.records.flatMap(({ rdata }) => dsAnchor(set.name, rdata) ?? [])
  if (anchors.length > 0) return anchors
  return finding('insecure', `${setText(set)} has only algorithms and digests that are not supported`)
}

/** What the keys of a zone must match: the anchors of the zone itself, or else what the zones above say of it. */
async function trustIn(zone: Name, source: KeySource, keysOf: KeyRing['keysOf']): Promise<Trust> {
  const { anchors = [] } = source
  const own = anchors.filter(anchor => anchor.zone.equals(zone))
  if (own.length > 0) return own
  if (anchors.some(anchor => isWithin(zone, anchor.zone))) return delegated(zone, source, keysOf)
  return finding('insecure', `there is no anchor for the zone ${nameText(zone)}`)
}

async function load(zone: Name, source: KeySource, { keysOf, signatures }: OpenRing): Promise<Keys> {
  const trust = source.anchors === undefined ? undefined : await trustIn(zone, source, keysOf)
  if (trust !== undefined && 'status' in trust) return trust
  const set = await fetchSet(zone, source)
  if ('status' in set) return set
  signatures.push(...set.signatures)
  const keys = set.records.flatMap(({ rdata }) => readZoneKey(rdata) ?? [])
  const trusted = trust === undefined ? keys : keys.filter(key => trust.some(anchor => anchor.matches(key)))
  if (trusted.length === 0) {
    const what = trust === undefined ? 'can sign' : 'matches an anchor'
    return finding('key_missing', `no DNSKEY of ${nameText(zone)} ${what}`)
  }
  if (set.signatures.length === 0) return finding('bogus', `DNSKEY of ${nameText(zone)} has no signature`)
  const own = async (signer: Name) => (signer.equals(zone) ? trusted : [])
  const { finding: verdict } = await verifySet(set, own, source.work)
  return verdict.status === 'secure' ? keys : verdict
}

export function createKeyRing(source: KeySource): KeyRing {
  const known = new Map<string, Promise<Keys>>()
  const signatures: Signature[] = []
  const keysOf = async (zone: Name): Promise<Keys> => {
    const key = keyOf(zone)
    const keys = known.get(key)
    if (keys !== undefined) return keys
    if (known.size >= maxZones) return finding('bogus', `gave up at ${nameText(zone)}: more than ${maxZones} zones`)
    const loading = load(zone, source, { keysOf, signatures })
    known.set(key, loading)
    return loading
  }
  return { keysOf, signatures }
}
