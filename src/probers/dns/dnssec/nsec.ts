import { typeOf } from '../wire/iana.ts'
import type { Name } from '../wire/name.ts'
import { hasOnly, hasType, type Windows } from './bitmap.ts'
import { commonAncestor, compareNames, isWithin, lowerName, wildcardOf } from './names.ts'
import type { RrSet } from './rrset.ts'

/** What an NSEC record says: that nothing lies between two names, and what types the first has (RFC 4034, 4). */
export interface Nsec {
  readonly owner: Name
  readonly next: Name
  readonly types: Windows
}

const [ns, soa, ds, cname, dname, any] = (['NS', 'SOA', 'DS', 'CNAME', 'DNAME', 'ANY'] as const).map(typeOf) as [
  number,
  number,
  number,
  number,
  number,
  number,
]
const ofDenial = (['NSEC', 'RRSIG', 'NXNAME'] as const).map(typeOf)

/** Reads a verified RRset of NSEC; a name has one such record, so any others mean nothing. */
export function readNsec({ name, records }: RrSet): readonly Nsec[] {
  const values = records.length === 1 ? records[0]?.values : undefined
  return values === undefined ? [] : [{ owner: name, next: lowerName(values[0] as Name), types: values[1] as Windows }]
}

/** Whether a record stands above a cut, so that it says nothing of what lies below (RFC 6840, 4.1). */
export const isAboveCut = (types: Windows): boolean =>
  (hasType(types, ns) && !hasType(types, soa)) || hasType(types, dname)

/** Whether a name with these types has none of `type` (RFC 6840, 4.1 and 4.3). */
export function lacks(types: Windows, type: number, isRoot: boolean): boolean {
  if (type === any) return hasOnly(types, ofDenial)
  if (hasType(types, type) || hasType(types, cname)) return false
  // At a cut only the zone above speaks of DS, and only the one below of everything else.
  return type === ds ? isRoot || !hasType(types, soa) : !hasType(types, ns) || hasType(types, soa)
}

/** Whether a name lies in the gap of a record; the last one of a zone leads back to its apex. */
function covers({ owner, next, types }: Nsec, name: Name, zone: Name): boolean {
  if (compareNames(owner, name) >= 0 || !isWithin(name, zone)) return false
  if (compareNames(name, next) >= 0 && !next.equals(zone)) return false
  return !(isAboveCut(types) && isWithin(name, owner))
}

/** Whether a name has no records but lies above one that has. */
const isEmptyNonTerminal = ({ next }: Nsec, name: Name) => isWithin(next, name)

const closestEncloser = ({ owner, next }: Nsec, name: Name): Name => {
  const [a, b] = [commonAncestor(owner, name), commonAncestor(next, name)]
  return a.length > b.length ? a : b
}

/** The record that proves that a name does not exist. */
const denying = (records: readonly Nsec[], name: Name, zone: Name) =>
  records.find(record => covers(record, name, zone) && !isEmptyNonTerminal(record, name))

/** Whether there is neither the name nor a wildcard for it (RFC 4035, 5.4). */
export function nsecDeniesName(records: readonly Nsec[], name: Name, zone: Name): boolean {
  const gap = denying(records, name, zone)
  if (gap === undefined) return false
  const wildcard = wildcardOf(closestEncloser(gap, name))
  return wildcard === undefined || denying(records, wildcard, zone) !== undefined
}

/** Whether the name, or the wildcard that stands for it, has no records of the type. */
export function nsecDeniesType(records: readonly Nsec[], name: Name, type: number, zone: Name): boolean {
  const lacksAt = (at: Name | undefined) =>
    records.some(({ owner, types }) => at?.equals(owner) && lacks(types, type, at.length === 1))
  if (lacksAt(name)) return true
  const gap = records.find(record => covers(record, name, zone))
  if (gap === undefined) return false
  return isEmptyNonTerminal(gap, name) || lacksAt(wildcardOf(closestEncloser(gap, name)))
}

/** Whether the wildcard below `encloser` is the right answer for a name: nothing closer exists (RFC 4035, 5.3.4). */
export function nsecAllowsWildcard(records: readonly Nsec[], name: Name, encloser: Name, zone: Name): boolean {
  const gap = denying(records, name, zone)
  return gap !== undefined && closestEncloser(gap, name).equals(encloser)
}
