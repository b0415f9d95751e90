import { rcodeName, rcodeOf, typeOf } from '../wire/iana.ts'
import type { Message, Question } from '../wire/message.ts'
import { type Name, nameText } from '../wire/name.ts'
import { type ChainEnd, followAliases, isSynthesized } from './alias.ts'
import { isDenying, provesNoName, provesNoType, provesWildcard } from './denial.ts'
import { type Finding, finding, secure, worst } from './finding.ts'
import { createKeyRing, type KeyRing, type KeySource } from './keys.ts'
import { isWithin, lastLabels } from './names.ts'
import { type RrSet, rrSetsOf, type Signature } from './rrset.ts'
import { judgeUnsigned } from './unsigned.ts'
import { isExpanded, type SignedSet, verifyAll } from './verify.ts'
import type { Work } from './work.ts'

export interface Validation {
  readonly finding: Finding
  /** Of the zone keys that were asked for. */
  readonly keySignatures: readonly Signature[]
}

const [noError, noName] = [rcodeOf('NOERROR'), rcodeOf('NXDOMAIN')]
const [soa, ns, ds] = [typeOf('SOA'), typeOf('NS'), typeOf('DS')]
const [nsec, nsec3] = [typeOf('NSEC'), typeOf('NSEC3')]

// More than any honest answer has; it bounds what comparing them with one another costs.
const maxSets = 256

/** An answer in the making: what of it is verified. */
interface Case {
  readonly message: Message
  readonly question: Question
  readonly answer: readonly RrSet[]
  readonly authority: readonly RrSet[]
  readonly source: KeySource
  readonly ring: KeyRing
  readonly work: Work
}

const signersOf = (sets: readonly RrSet[]) => sets.flatMap(({ signatures }) => signatures.map(({ signer }) => signer))

const unsigned = (set: Pick<RrSet, 'name' | 'type'>, { answer, authority, source, ring }: Case): Promise<Finding> =>
  judgeUnsigned(set, signersOf([...answer, ...authority]), source, ring)

async function judgeReferral(cut: RrSet, signed: readonly SignedSet[], { work }: Case): Promise<Finding> {
  const where = `the answer is a referral to ${nameText(cut.name)}`
  if (signed.some(({ set }) => set.type === ds && set.name.equals(cut.name))) return finding('unchecked', where)
  const proof = await provesNoType(cut.name, ds, signed, work)
  return proof.status === 'bogus' ? proof : finding('insecure', `${where}, which is not signed`)
}

/** Judges what says that there is nothing at the end of the aliases. */
async function judgeDenial(end: ChainEnd, answerZones: readonly Name[], subject: Case): Promise<Finding> {
  const { message, question, authority, ring, work } = subject
  const sets = authority.filter(isDenying)
  const isForeign = end.aliases > 0 && sets.length === 0 && !answerZones.some(zone => isWithin(end.name, zone))
  // A server that does not hold the target of an alias leaves it to the resolver.
  if (isForeign && message.rcode === noError) return secure
  const bare = sets.find(({ records, signatures }) => records.length > 0 && signatures.length === 0)
  if (bare !== undefined) return unsigned(bare, subject)
  const { findings, signed } = await verifyAll(sets, ring.keysOf, work)
  const found = worst(findings)
  if (found.status !== 'secure') return found
  if (message.rcode === noName) return provesNoName(end.name, signed, work)
  const cut = authority.find(({ name, type }) => type === ns && isWithin(end.name, name))
  if (cut !== undefined && !authority.some(({ type }) => type === soa)) return judgeReferral(cut, signed, subject)
  return provesNoType(end.name, question.type, signed, work)
}

async function judgeWildcards(answers: readonly SignedSet[], { authority, ring, work }: Case): Promise<Finding> {
  const expanded = answers.filter(({ set, signature }) => isExpanded(set, signature))
  if (expanded.length === 0) return secure
  const { findings, signed } = await verifyAll(
    authority.filter(set => (set.type === nsec || set.type === nsec3) && set.signatures.length > 0),
    ring.keysOf,
    work,
  )
  const proofs: Finding[] = []
  for (const { set, signature, signer } of expanded) {
    const ofZone = signed.filter(other => other.signer.equals(signer))
    proofs.push(await provesWildcard(set.name, lastLabels(set.name, signature.labels), ofZone, work))
  }
  return worst([...findings, ...proofs])
}

async function judge(subject: Case): Promise<Finding> {
  const { message, question, answer, authority, ring, work } = subject
  if (answer.length + authority.length > maxSets) return finding('bogus', `gave up: more than ${maxSets} RRsets`)
  const present = answer.filter(({ records }) => records.length > 0)
  const end = followAliases(question.name, question.type, answer)
  if ([...answer, ...authority].every(({ signatures }) => signatures.length === 0)) {
    return unsigned({ name: end.name, type: question.type }, subject)
  }
  if (end.isAnswered && present.length === 0) return finding('unchecked', 'the answer has nothing but signatures')
  const bare = present.find(set => set.signatures.length === 0 && !isSynthesized(set, present))
  const verdicts = await verifyAll(
    present.filter(set => set.signatures.length > 0),
    ring.keysOf,
    work,
  )
  const zones = verdicts.signed.map(({ signer }) => signer)
  const found = worst([
    ...verdicts.findings,
    ...(bare === undefined ? [] : [await unsigned(bare, subject)]),
    await judgeWildcards(verdicts.signed, subject),
  ])
  if (found.status !== 'secure') return found
  return end.isAnswered && message.rcode === noError ? secure : judgeDenial(end, zones, subject)
}

/**
 * Validates an answer by its signatures (RFC 4035, 5; RFC 5155, 8; RFC 6840): each RRset of the answer section, and the
 * SOA, NSEC and NSEC3 records with which a negative or a wildcard answer proves itself. The cost is bounded, whatever
 * the server sends.
 */
export async function validate(message: Message, question: Question, source: KeySource): Promise<Validation> {
  if (message.rcode !== noError && message.rcode !== noName) {
    return {
      finding: finding('unchecked', `an answer with ${rcodeName(message.rcode)} has no proof`),
      keySignatures: [],
    }
  }
  const ring = createKeyRing(source)
  const sections = { answer: rrSetsOf(message.answer), authority: rrSetsOf(message.authority) }
  const verdict = await judge({ message, question, ...sections, source, ring, work: source.work })
  return { finding: verdict, keySignatures: ring.signatures }
}
