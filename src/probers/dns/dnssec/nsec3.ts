import { createHash } from 'node:crypto'
import type { Name } from '../wire/name.ts'
import { base32Hex } from '../wire/rdata/print.ts'
import type { Windows } from './bitmap.ts'
import { keyOf, parentOf, selfAndAncestors, wildcardOf } from './names.ts'
import { isAboveCut, lacks } from './nsec.ts'
import type { RrSet } from './rrset.ts'
import type { Work } from './work.ts'

/** What an NSEC3 record says (RFC 5155, 3): like NSEC, of hashes of names. Hashes are in base32hex, in lower case. */
export interface Nsec3 {
  readonly hash: string
  readonly next: string
  readonly optOut: boolean
  readonly iterations: number
  readonly salt: Buffer
  readonly types: Windows
}

/** `insecure` when the proof leaves room for a delegation without signatures (opt-out). */
export type Proof = 'proven' | 'opt_out' | 'unproven'

type Nsec3Values = readonly [number, number, number, Buffer, Buffer, Windows]

const sha1 = 1
const hashText = (octets: Buffer) => base32Hex(octets).toLowerCase()

/** Reads a verified RRset of NSEC3; one with an unknown algorithm or flags does not count (RFC 5155, 8.1, 8.2). */
export function readNsec3({ name, records }: RrSet): readonly Nsec3[] {
  const values = records.length === 1 ? records[0]?.values : undefined
  if (values === undefined) return []
  const [algorithm, flags, iterations, salt, next, types] = values as Nsec3Values
  if (algorithm !== sha1 || flags > 1) return []
  const hash = name.subarray(1, 1 + (name[0] ?? 0)).toString('latin1')
  return [{ hash, next: hashText(next), optOut: flags === 1, iterations, salt, types }]
}

/** The hash of a name in lower case (RFC 5155, 5). */
export function hashName(name: Name, { iterations, salt }: Pick<Nsec3, 'iterations' | 'salt'>): string {
  let hash: Buffer = name
  for (let round = 0; round <= iterations; round++) hash = createHash('sha1').update(hash).update(salt).digest()
  return hashText(hash)
}

function covers({ hash, next }: Nsec3, wanted: string): boolean {
  if (hash < next) return hash < wanted && wanted < next
  return wanted > hash || wanted < next
}

interface Encloser {
  readonly name: Name
  readonly nextCloser: Name
  /** The record in whose gap the next closer name lies. */
  readonly gap: Nsec3
}

/** Proofs from the NSEC3 records of one zone, which all have the same parameters. */
export function createNsec3Proofs(records: readonly [Nsec3, ...Nsec3[]], zone: Name, work: Work) {
  const hashes = new Map<string, string>()

  async function hashOf(name: Name): Promise<string> {
    const key = keyOf(name)
    const known = hashes.get(key)
    if (known !== undefined) return known
    await work.breathe()
    const hash = hashName(name, records[0])
    hashes.set(key, hash)
    return hash
  }
  const matching = async (name: Name) => {
    const hash = await hashOf(name)
    return records.find(record => record.hash === hash)
  }
  const covering = async (name: Name) => {
    const hash = await hashOf(name)
    return records.find(record => covers(record, hash))
  }

  /** The longest ancestor that exists, and proof that the name one label longer does not (RFC 5155, 8.3). */
  async function findEncloser(name: Name): Promise<Encloser | undefined> {
    const path = selfAndAncestors(name)
    for (const [index, nextCloser] of path.entries()) {
      if (nextCloser.equals(zone)) return undefined
      const encloser = path[index + 1] ?? parentOf(nextCloser)
      const match = await matching(encloser)
      if (match === undefined) continue
      if (isAboveCut(match.types)) return undefined
      const gap = await covering(nextCloser)
      return gap && { name: encloser, nextCloser, gap }
    }
    return undefined
  }
  const proofBy = ({ gap }: Encloser): Proof => (gap.optOut ? 'opt_out' : 'proven')

  return {
    /** Neither the name nor a wildcard for it exists (RFC 5155, 8.4). */
    async deniesName(name: Name): Promise<Proof> {
      const encloser = await findEncloser(name)
      if (encloser === undefined || (await matching(name)) !== undefined) return 'unproven'
      const wildcard = wildcardOf(encloser.name)
      if (wildcard !== undefined && (await covering(wildcard)) === undefined) return 'unproven'
      return proofBy(encloser)
    },

    /** The name, or the wildcard for it, has no records of the type (RFC 5155, 8.5 to 8.7). */
    async deniesType(name: Name, type: number): Promise<Proof> {
      const match = await matching(name)
      if (match !== undefined) return lacks(match.types, type, name.length === 1) ? 'proven' : 'unproven'
      const encloser = await findEncloser(name)
      if (encloser === undefined) return 'unproven'
      // A name with unsigned delegations alone may have no record of its own, with DS or without.
      if (encloser.gap.optOut) return 'opt_out'
      const wildcard = wildcardOf(encloser.name)
      const found = wildcard && (await matching(wildcard))
      return found !== undefined && lacks(found.types, type, false) ? 'proven' : 'unproven'
    },

    /** The wildcard below `encloser` is the right answer for a name: nothing closer exists (RFC 5155, 8.8). */
    async allowsWildcard(name: Name, encloser: Name): Promise<Proof> {
      const path = selfAndAncestors(name)
      const nextCloser = path[path.findIndex(ancestor => ancestor.equals(encloser)) - 1]
      const gap = nextCloser && (await covering(nextCloser))
      if (gap === undefined) return 'unproven'
      return gap.optOut ? 'opt_out' : 'proven'
    },
  }
}
