import { typeOf } from '../wire/iana.ts'
import { type Name, nameText } from '../wire/name.ts'
import { type Finding, finding } from './finding.ts'
import type { KeyRing, KeySource } from './keys.ts'
import { isWithin, lowerName } from './names.ts'
import { type RrSet, setText } from './rrset.ts'
import { isFinding } from './verify.ts'

const soa = typeOf('SOA')

/** The zone that a name lies in, as the server tells it. */
async function zoneOf(name: Name, { fetch }: KeySource): Promise<Name | undefined> {
  const { answer, authority } = await fetch({ name, type: soa, class: 1 })
  return [...answer, ...authority]
    .filter(({ type }) => type === soa)
    .map(record => lowerName(record.name))
    .find(zone => isWithin(name, zone))
}

/**
 * What the lack of a signature means. Below an anchor it must be proven that the zone is not signed; whatever zone the
 * server names for that, the proof holds for everything in it. Without anchors a signature is missed where the zone
 * signs other RRsets of the answer.
 */
export async function judgeUnsigned(
  set: Pick<RrSet, 'name' | 'type'>,
  signers: readonly Name[],
  source: KeySource,
  ring: KeyRing,
): Promise<Finding> {
  const zones = [...signers, ...(source.anchors ?? []).map(({ zone }) => zone)]
  const signing = zones.find(zone => isWithin(set.name, zone))
  if (signing === undefined) return finding('insecure', `${setText(set)} has no signature`)
  const zone = source.anchors === undefined ? undefined : await zoneOf(set.name, source)
  const keys = zone && (await ring.keysOf(zone))
  if (keys !== undefined && isFinding(keys) && keys.status === 'insecure') return keys
  return finding('bogus', `${setText(set)} has no signature, and ${nameText(signing)} signs`)
}
