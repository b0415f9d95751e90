import type { Name } from '../wire/name.ts'

const isUpper = (octet: number) => octet >= 0x41 && octet <= 0x5a

/** A name with its ASCII letters in lower case (RFC 4034, 6.2). Lengths of labels are below 64, so they stay. */
export function lowerName(name: Name): Name {
  // Nearly all are in lower case already, and a hostile answer has thousands of long ones.
  let lower: Name | undefined
  for (let at = 0; at < name.length; at++) {
    const octet = name[at] ?? 0
    if (!isUpper(octet)) continue
    lower ??= Buffer.from(name)
    lower[at] = octet + 0x20
  }
  return lower ?? name
}

/** What a map knows a name by. */
export const keyOf = (name: Name): string => name.toString('latin1')

/** The name without its first label; the root's is the root. */
export const parentOf = (name: Name): Name => (name.length === 1 ? name : name.subarray(1 + (name[0] ?? 0)))

/** The name itself, its parent and so on up to the root. */
export function selfAndAncestors(name: Name): readonly Name[] {
  const found = [name]
  for (let at = name; at.length > 1; found.push(at)) at = parentOf(at)
  return found
}

/** Labels without the root. */
export function labelCount(name: Name): number {
  let count = 0
  for (let at = 0; at < name.length - 1; at += 1 + (name[at] ?? 0)) count++
  return count
}

/** Whether a name in lower case is the zone or lies below it. */
export function isWithin(name: Name, zone: Name): boolean {
  let at = 0
  while (name.length - at > zone.length) at += 1 + (name[at] ?? 0)
  return name.subarray(at).equals(zone)
}

const star = Buffer.from('\x01*', 'latin1')

/** The wildcard right below a name; undefined when that would be too long for a name. */
export const wildcardOf = (name: Name): Name | undefined =>
  name.length + star.length > 255 ? undefined : Buffer.concat([star, name])

export const isWildcard = (name: Name): boolean => name.subarray(0, star.length).equals(star)

/** The last `count` labels of a name. */
export const lastLabels = (name: Name, count: number): Name =>
  selfAndAncestors(name)[Math.max(0, labelCount(name) - count)] ?? name

/** The nearest ancestor that two names share. */
export function commonAncestor(a: Name, b: Name): Name {
  const ofB = selfAndAncestors(b)
  return selfAndAncestors(a).find(name => ofB.some(other => other.equals(name))) ?? Buffer.from([0])
}

/** The order of names in lower case (RFC 4034, 6.1): labels from the right, each as octets. */
export function compareNames(a: Name, b: Name): number {
  const [left, right] = [a, b].map(name => selfAndAncestors(name).toReversed()) as [Name[], Name[]]
  for (let depth = 1; depth < Math.min(left.length, right.length); depth++) {
    const order = Buffer.compare(firstLabel(left[depth]), firstLabel(right[depth]))
    if (order !== 0) return order
  }
  return left.length - right.length
}

const firstLabel = (name: Name = Buffer.alloc(1)) => name.subarray(1, 1 + (name[0] ?? 0))
