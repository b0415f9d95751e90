import { typeName, typeOf } from '../wire/iana.ts'
import { type Name, nameText } from '../wire/name.ts'
import { type Finding, finding, secure } from './finding.ts'
import { isWithin, parentOf } from './names.ts'
import { type Nsec, nsecAllowsWildcard, nsecDeniesName, nsecDeniesType, readNsec } from './nsec.ts'
import { createNsec3Proofs, type Nsec3, type Proof, readNsec3 } from './nsec3.ts'
import type { RrSet } from './rrset.ts'
import type { SignedSet } from './verify.ts'
import type { Work } from './work.ts'

const [soa, ds, nsec, nsec3] = [typeOf('SOA'), typeOf('DS'), typeOf('NSEC'), typeOf('NSEC3')]

/** Whether an RRset of the authority section is one that denials are made of. */
export const isDenying = ({ type }: RrSet): boolean => type === soa || type === nsec || type === nsec3 || type === ds

// RFC 9276, 3.2: above that an answer counts as insecure; hashing is what it would cost (CVE-2023-50868).
const maxIterations = 100

/** The records that prove denials in the zone that a name lies in: the deepest that signed any. */
interface Evidence {
  readonly zone: Name
  readonly nsecs: readonly Nsec[]
  readonly nsec3s: readonly Nsec3[]
}

function evidenceFor(name: Name, sets: readonly SignedSet[]): Evidence | undefined {
  const proving = sets.filter(({ set, signer }) => (set.type === nsec || set.type === nsec3) && isWithin(name, signer))
  const [zone] = proving.map(({ signer }) => signer).sort((a, b) => b.length - a.length)
  if (zone === undefined) return undefined
  const ofZone = proving.filter(({ signer }) => signer.equals(zone)).map(({ set }) => set)
  return {
    zone,
    nsecs: ofZone.filter(({ type }) => type === nsec).flatMap(readNsec),
    // Hashes stand right below the apex (RFC 5155, 3).
    nsec3s: ofZone.filter(({ type, name: owner }) => type === nsec3 && parentOf(owner).equals(zone)).flatMap(readNsec3),
  }
}

const sameParameters = (records: readonly Nsec3[]) =>
  records.every(({ iterations, salt }) => iterations === records[0]?.iterations && salt.equals(records[0].salt))

function conclude(proof: Proof, claim: string): Finding {
  if (proof === 'proven') return secure
  if (proof === 'unproven') return finding('bogus', `${claim} is not proven`)
  return finding('insecure', `${claim} is proven but for unsigned delegations (opt-out)`)
}

type Proofs = ReturnType<typeof createNsec3Proofs>

async function prove(
  name: Name,
  claim: string,
  sets: readonly SignedSet[],
  work: Work,
  byNsec: (records: readonly Nsec[], zone: Name) => boolean,
  byNsec3: (proofs: Proofs) => Promise<Proof>,
): Promise<Finding> {
  const evidence = evidenceFor(name, sets)
  if (evidence === undefined) return finding('bogus', `${claim} is not proven: there is no NSEC and no NSEC3 record`)
  const { zone, nsecs, nsec3s } = evidence
  if (byNsec(nsecs, zone)) return secure
  const [first, ...others] = nsec3s
  if (first === undefined) return conclude('unproven', claim)
  if (!sameParameters(nsec3s))
    return finding('bogus', `${claim} is not proven: NSEC3 records differ in their parameters`)
  if (first.iterations > maxIterations) {
    return finding('insecure', `${claim}: NSEC3 with ${first.iterations} iterations, more than ${maxIterations}`)
  }
  return conclude(await byNsec3(createNsec3Proofs([first, ...others], zone, work)), claim)
}

/** Judges the proof that a name does not exist. `sets` are verified RRsets of the authority section. */
export const provesNoName = (name: Name, sets: readonly SignedSet[], work: Work): Promise<Finding> =>
  prove(
    name,
    `that ${nameText(name)} does not exist`,
    sets,
    work,
    (records, zone) => nsecDeniesName(records, name, zone),
    proofs => proofs.deniesName(name),
  )

/** Judges the proof that a name has no records of a type. */
export const provesNoType = (name: Name, type: number, sets: readonly SignedSet[], work: Work): Promise<Finding> =>
  prove(
    name,
    `that ${nameText(name)} has no ${typeName(type)}`,
    sets,
    work,
    (records, zone) => nsecDeniesType(records, name, type, zone),
    proofs => proofs.deniesType(name, type),
  )

/** Judges the proof that a name exists only through the wildcard below `encloser`. */
export const provesWildcard = (name: Name, encloser: Name, sets: readonly SignedSet[], work: Work): Promise<Finding> =>
  prove(
    name,
    `that nothing is closer to ${nameText(name)} than a wildcard`,
    sets,
    work,
    (records, zone) => nsecAllowsWildcard(records, name, encloser, zone),
    proofs => proofs.allowsWildcard(name, encloser),
  )
