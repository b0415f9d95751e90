import type { Classifier } from '../ends.ts'
import {
  codeOf,
  declinedUntilEndCode,
  type Family,
  furtherAddress,
  typeCodeAt,
  unstatedCode,
  wordsOf,
} from '../leases.ts'
import type { PoolMap } from './pool-map.ts'

/** What may be recorded of a lease that takes something from a pool, now or until its end. */
const usingCodes = [
  ...(['active', 'abandoned', 'declined', 'backup'] as const).map(codeOf),
  unstatedCode,
  declinedUntilEndCode,
]

const placeOfCode = new Int8Array(furtherAddress).fill(-1)
for (const [place, code] of usingCodes.entries()) placeOfCode[code] = place

/** Sorts leases by their pool and by what is recorded of them; those in no pool come after the last one. */
function createClassifier({ pools, finder }: PoolMap, family: Family): Classifier {
  const words = wordsOf[family]
  return {
    limit: (pools.length + 1) * usingCodes.length,
    classOf: ({ keys, states }, slot) => {
      const code = placeOfCode[(states[slot] as number) & ~furtherAddress] as number
      const find = code === -1 ? undefined : finder(family, typeCodeAt(family, keys, slot))
      if (find === undefined) return -1
      const owner = find(keys, slot * words)
      return (owner === -1 ? pools.length : owner) * usingCodes.length + code
    },
  }
}

const classifiers = new WeakMap<PoolMap, Readonly<Record<Family, Classifier>>>()

/** The classifiers of a map, always the same ones. */
export function classifiersOf(map: PoolMap): Readonly<Record<Family, Classifier>> {
  const known = classifiers.get(map)
  if (known !== undefined) return known
  const own = { ipv4: createClassifier(map, 'ipv4'), ipv6: createClassifier(map, 'ipv6') }
  classifiers.set(map, own)
  return own
}

/** What a class stands for: the place of a pool, and a code as recorded. */
export const recordedIn = (found: number): { readonly owner: number; readonly recorded: number } => ({
  owner: Math.floor(found / usingCodes.length),
  recorded: usingCodes[found % usingCodes.length] as number,
})
