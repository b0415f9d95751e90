import { rcodeName, rcodeOf, typeOf } from '../wire/iana.ts'
import type { Message, Question } from '../wire/message.ts'
import { type Name, nameText } from '../wire/name.ts'
import { type ChainEnd, followAliases, isSynthesized } from './alias.ts'
import type { Anchor } from './anchor.ts'
import { provesNoName, provesNoType, provesWildcard, type SignedSet } from './denial.ts'
import { type Finding, finding, secure, worst } from './finding.ts'
import { createKeyRing, type Fetch, type KeyRing } from './keys.ts'
import { isWithin, lastLabels } from './names.ts'
import { type RrSet, rrSetsOf, type Signature, setText } from './rrset.ts'
import { isExpanded, verifySet } from './verify.ts'
import type { Work } from './work.ts'

export interface Validation {
  readonly finding: Finding
  /** Of the zone keys that were asked for. */
  readonly keySignatures: readonly Signature[]
}

const [noError, noName] = [rcodeOf('NOERROR'), rcodeOf('NXDOMAIN')]
const [soa, ns, ds, nsec, nsec3] = (['SOA', 'NS', 'DS', 'NSEC', 'NSEC3'] as const).map(typeOf) as [
  number,
  number,
  number,
  number,
  number,
]

// More than any honest answer has; it bounds what comparing them with one another costs.
const maxSets = 256

/** An answer in the making: what of it is verified. */
interface Case {
  readonly message: Message
  readonly question: Question
  readonly answer: readonly RrSet[]
  readonly authority: readonly RrSet[]
  readonly ring: KeyRing
  readonly anchors: readonly Anchor[] | undefined
  readonly work: Work
}

interface Verdicts {
  readonly findings: readonly Finding[]
  readonly signed: readonly (SignedSet & { readonly signature: Signature })[]
}

async function verifyAll(sets: readonly RrSet[], { ring, work }: Case): Promise<Verdicts> {
  const findings: Finding[] = []
  const signed: (SignedSet & { signature: Signature })[] = []
  for (const set of sets) {
    const { finding: found, signature } = await verifySet(set, ring.keysOf, work)
    findings.push(found)
    if (signature !== undefined) signed.push({ set, signer: signature.signer, signature })
  }
  return { findings, signed }
}

/**
 * What the lack of a signature means: that something took it away when the zone is known to sign, from the other
 * signatures or by an anchor; else that nothing is signed.
 */
function unsigned(set: Pick<RrSet, 'name' | 'type'>, zones: readonly Name[]): Finding {
  const zone = zones.find(name => isWithin(set.name, name))
  if (zone === undefined) return finding('insecure', `${setText(set)} has no signature`)
  return finding('bogus', `${setText(set)} has no signature, and ${nameText(zone)} signs`)
}

const signersOf = (sets: readonly RrSet[]) => sets.flatMap(({ signatures }) => signatures.map(({ signer }) => signer))

/** Zones of which it is known that they sign. */
const signingZones = ({ answer, authority, anchors = [] }: Case): readonly Name[] => [
  ...signersOf(answer),
  ...signersOf(authority),
  ...anchors.map(({ zone }) => zone),
]

/** The RRsets of the authority section that deny something. */
const isDenying = ({ type }: RrSet) => type === soa || type === nsec || type === nsec3 || type === ds

async function judgeReferral(cut: RrSet, signed: readonly SignedSet[], { work }: Case): Promise<Finding> {
  const where = `the answer is a referral to ${nameText(cut.name)}`
  if (signed.some(({ set }) => set.type === ds && set.name.equals(cut.name))) return finding('unchecked', where)
  const proof = await provesNoType(cut.name, ds, signed, work)
  return proof.status === 'bogus' ? proof : finding('insecure', `${where}, which is not signed`)
}

/** Judges what says that there is nothing at the end of the aliases. */
async function judgeDenial(end: ChainEnd, answerZones: readonly Name[], subject: Case): Promise<Finding> {
  const { message, question, authority, work } = subject
  const sets = authority.filter(isDenying)
  const isForeign = end.aliases > 0 && sets.length === 0 && !answerZones.some(zone => isWithin(end.name, zone))
  // A server that does not hold the target of an alias leaves it to the resolver.
  if (isForeign && message.rcode === noError) return secure
  const bare = sets.find(({ records, signatures }) => records.length > 0 && signatures.length === 0)
  if (bare !== undefined) return unsigned(bare, signingZones(subject))
  const { findings, signed } = await verifyAll(sets, subject)
  const found = worst(findings)
  if (found.status !== 'secure') return found
  if (message.rcode === noName) return provesNoName(end.name, signed, work)
  const cut = authority.find(({ name, type }) => type === ns && isWithin(end.name, name))
  if (cut !== undefined && !authority.some(({ type }) => type === soa)) return judgeReferral(cut, signed, subject)
  return provesNoType(end.name, question.type, signed, work)
}

async function judgeWildcards(verdicts: Verdicts, subject: Case): Promise<Finding> {
  const expanded = verdicts.signed.filter(({ set, signature }) => isExpanded(set, signature))
  if (expanded.length === 0) return secure
  const { findings, signed } = await verifyAll(
    subject.authority.filter(set => (set.type === nsec || set.type === nsec3) && set.signatures.length > 0),
    subject,
  )
  const proofs: Finding[] = []
  for (const { set, signature, signer } of expanded) {
    const ofZone = signed.filter(other => other.signer.equals(signer))
    proofs.push(await provesWildcard(set.name, lastLabels(set.name, signature.labels), ofZone, subject.work))
  }
  return worst([...findings, ...proofs])
}

async function judge(subject: Case): Promise<Finding> {
  const { message, question, answer, authority } = subject
  if (answer.length + authority.length > maxSets) return finding('bogus', `gave up: more than ${maxSets} RRsets`)
  const present = answer.filter(({ records }) => records.length > 0)
  const end = followAliases(question.name, question.type, answer)
  if ([...answer, ...authority].every(({ signatures }) => signatures.length === 0)) {
    return unsigned({ name: end.name, type: question.type }, signingZones(subject))
  }
  if (end.isAnswered && present.length === 0) return finding('unchecked', 'the answer has nothing but signatures')
  const bare = present.filter(set => set.signatures.length === 0 && !isSynthesized(set, present))
  const verdicts = await verifyAll(
    present.filter(set => set.signatures.length > 0),
    subject,
  )
  const zones = verdicts.signed.map(({ signer }) => signer)
  const found = worst([
    ...verdicts.findings,
    ...bare.map(set => unsigned(set, signingZones(subject))),
    await judgeWildcards(verdicts, subject),
  ])
  if (found.status !== 'secure') return found
  return end.isAnswered && message.rcode === noError ? secure : judgeDenial(end, zones, subject)
}

/**
 * Validates an answer by its signatures (RFC 4035, 5; RFC 5155, 8; RFC 6840): each RRset of the answer section, and the
 * SOA, NSEC and NSEC3 records with which a negative or a wildcard answer proves itself. The cost is bounded, whatever
 * the server sends.
 */
export async function validate(
  message: Message,
  question: Question,
  {
    fetch,
    anchors,
    work,
  }: { readonly fetch: Fetch; readonly anchors: readonly Anchor[] | undefined; readonly work: Work },
): Promise<Validation> {
  if (message.rcode !== noError && message.rcode !== noName) {
    return {
      finding: finding('unchecked', `an answer with ${rcodeName(message.rcode)} has no proof`),
      keySignatures: [],
    }
  }
  const ring = createKeyRing({ fetch, anchors, work })
  const sections = { answer: rrSetsOf(message.answer), authority: rrSetsOf(message.authority) }
  const verdict = await judge({ message, question, ...sections, ring, anchors, work })
  return { finding: verdict, keySignatures: ring.signatures }
}
