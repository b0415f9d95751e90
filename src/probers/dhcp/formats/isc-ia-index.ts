import { randomInt } from 'node:crypto'
import { type Leases, removedCode } from '../leases.ts'

// Unknown seeds: no client can choose an identifier that is taken for another one's.
const seeds = [randomInt(2 ** 32), randomInt(2 ** 32)] as const

const listedCode = 1

function hashOf(typeCode: number, id: Uint8Array, seed: number): number {
  let hash = Math.imul(seed ^ typeCode, 0x85ebca6b)
  for (const octet of id) {
    hash = Math.imul(hash ^ octet, 0xc2b2ae35)
    hash ^= hash >>> 15
  }
  hash = Math.imul(hash ^ id.length, 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

const isSame = (a: Uint32Array, b: Uint32Array) => a.every((word, i) => word === b[i])

/**
 * Knows what each IA lists. A later block of an IA replaces the whole of it, so what it no longer lists is gone, unless
 * another IA has it by then.
 */
export function createIaIndex({ listed, ipv6 }: Leases) {
  const entry = new Uint32Array(3)

  function drop(key: Uint32Array, group: number): void {
    const lease = ipv6.get(key)
    if (lease !== undefined && lease.group[0] === group) ipv6.put(key, removedCode, 0)
  }

  return {
    /** Notes that an IA lists these leases and no others. Returns the group that makes them its own. */
    replace(typeCode: number, id: Uint8Array, keys: readonly Uint32Array[]): number {
      const [group, more] = [hashOf(typeCode, id, seeds[0]), hashOf(typeCode, id, seeds[1])]
      entry[0] = group
      entry[1] = more
      let kept: ReadonlySet<string> | undefined
      for (let place = 0; ; place++) {
        entry[2] = place
        const before = listed.get(entry)
        const key = keys[place]
        if (before?.state === listedCode && (key === undefined || !isSame(key, before.group))) {
          kept ??= new Set(keys.map(String))
          if (!kept.has(String(before.group))) drop(before.group, group)
        }
        if (key === undefined && before?.state !== listedCode) return group
        listed.put(entry, key === undefined ? removedCode : listedCode, 0, key)
      }
    },
  }
}
