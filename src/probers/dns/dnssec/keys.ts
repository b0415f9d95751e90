import { rcodeName, rcodeOf, typeOf } from '../wire/iana.ts'
import type { Message, Question } from '../wire/message.ts'
import { type Name, nameText } from '../wire/name.ts'
import type { Anchor } from './anchor.ts'
import { type Finding, finding } from './finding.ts'
import { readZoneKey } from './key.ts'
import { keyOf } from './names.ts'
import { type RrSet, rrSetsOf, type Signature } from './rrset.ts'
import { type Keys, verifySet } from './verify.ts'
import type { Work } from './work.ts'

/** Asks the same server, in the same way, one more question. */
export type Fetch = (question: Question) => Promise<Message>

export interface KeySource {
  readonly fetch: Fetch
  /** Undefined: the keys of a zone are trusted when they sign themselves. */
  readonly anchors: readonly Anchor[] | undefined
  readonly work: Work
}

/** Gives the keys of zones, each asked for once, and tells which signatures they have themselves. */
export interface KeyRing {
  readonly keysOf: (zone: Name) => Promise<Keys>
  readonly signatures: readonly Signature[]
}

const dnskey = typeOf('DNSKEY')
const noError = rcodeOf('NOERROR')
const internet = 1

// An answer leads through a few zones; each of them costs a query.
const maxZones = 8

/** The DNSKEY RRset of a zone. */
async function fetchSet(zone: Name, { fetch }: KeySource): Promise<RrSet | Finding> {
  const { answer, rcode, flags } = await fetch({ name: zone, type: dnskey, class: internet })
  if (flags.tc) return finding('key_missing', `the answer with the keys of ${nameText(zone)} is truncated`)
  const set = rrSetsOf(answer).find(({ name, type }) => type === dnskey && name.equals(zone))
  if (rcode === noError && set !== undefined && set.records.length > 0) return set
  return finding('key_missing', `the server has no DNSKEY of ${nameText(zone)}: ${rcodeName(rcode)}`)
}

async function load(zone: Name, source: KeySource, signatures: Signature[]): Promise<Keys> {
  const anchors = source.anchors?.filter(anchor => anchor.zone.equals(zone))
  if (anchors?.length === 0) return finding('insecure', `there is no anchor for the zone ${nameText(zone)}`)
  const set = await fetchSet(zone, source)
  if ('status' in set) return set
  signatures.push(...set.signatures)
  const keys = set.records.flatMap(({ rdata }) => readZoneKey(rdata) ?? [])
  const trusted = anchors === undefined ? keys : keys.filter(key => anchors.some(anchor => anchor.matches(key)))
  if (trusted.length === 0) {
    const what = anchors === undefined ? 'can sign' : 'matches an anchor'
    return finding('key_missing', `no DNSKEY of ${nameText(zone)} ${what}`)
  }
  if (set.signatures.length === 0) return finding('bogus', `DNSKEY of ${nameText(zone)} has no signature`)
  const own: Keys = trusted
  const { finding: verdict } = await verifySet(set, async signer => (signer.equals(zone) ? own : []), source.work)
  return verdict.status === 'secure' ? keys : verdict
}

export function createKeyRing(source: KeySource): KeyRing {
  const known = new Map<string, Keys>()
  const signatures: Signature[] = []
  return {
    signatures,
    async keysOf(zone) {
      const key = keyOf(zone)
      const keys = known.get(key)
      if (keys !== undefined) return keys
      if (known.size >= maxZones) return finding('bogus', `gave up at ${nameText(zone)}: more than ${maxZones} zones`)
      const loaded = await load(zone, source, signatures)
      known.set(key, loaded)
      return loaded
    },
  }
}
