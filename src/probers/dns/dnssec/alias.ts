import { typeOf } from '../wire/iana.ts'
import type { Name } from '../wire/name.ts'
import { isWithin, lowerName } from './names.ts'
import type { RrSet } from './rrset.ts'

const [cname, dname, any, rrsig] = (['CNAME', 'DNAME', 'ANY', 'RRSIG'] as const).map(typeOf) as [
  number,
  number,
  number,
  number,
]
// As many as resolvers follow, at most.
const maxHops = 16

/** The name that an RRset of one CNAME or DNAME leads to, in lower case. */
function targetOf({ records: [record] }: RrSet): Name | undefined {
  const target = record?.values?.[0]
  return Buffer.isBuffer(target) ? lowerName(target) : undefined
}

/** The name that a DNAME makes of one below it (RFC 6672, 2.2). */
function substituted(name: Name, alias: RrSet): Name | undefined {
  const target = targetOf(alias)
  if (target === undefined || name.equals(alias.name) || !isWithin(name, alias.name)) return undefined
  return Buffer.concat([name.subarray(0, name.length - alias.name.length), target])
}

/** Whether an RRset is a CNAME that the server made from a DNAME beside it: it has no signature (RFC 6672, 5.3.1). */
export const isSynthesized = (set: RrSet, sets: readonly RrSet[]): boolean =>
  set.type === cname &&
  set.records.length === 1 &&
  sets.some(other => {
    const target = other.type === dname ? substituted(set.name, other) : undefined
    return target !== undefined && targetOf(set)?.equals(target) === true
  })

/** Where the aliases of an answer lead. */
export interface ChainEnd {
  readonly name: Name
  readonly aliases: number
  /** Whether the answer has what was asked for, or aliases without end. */
  readonly isAnswered: boolean
}

/** Signatures answer nothing but a question for them. */
const answers = ({ type, records, signatures }: RrSet, asked: number): boolean =>
  asked === rrsig ? signatures.length > 0 : records.length > 0 && (type === asked || asked === any)

/** Follows the aliases of an answer from the name that was asked for. */
export function followAliases(asked: Name, type: number, sets: readonly RrSet[]): ChainEnd {
  let name = lowerName(asked)
  for (let aliases = 0; aliases <= maxHops; aliases++) {
    const here = sets.filter(set => set.name.equals(name))
    if (here.some(set => answers(set, type))) {
      return { name, aliases, isAnswered: true }
    }
    const alias = here.find(set => set.type === cname && set.records.length > 0)
    const above = sets.find(set => set.type === dname && substituted(name, set) !== undefined)
    const target = alias === undefined ? above && substituted(name, above) : targetOf(alias)
    if (target === undefined) return { name, aliases, isAnswered: false }
    name = target
  }
  return { name, aliases: maxHops, isAnswered: true }
}
