import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Pool } from '../../src/http/history/pool.ts'

interface Entry {
  readonly key: string
  readonly number: number
  readonly bytes: number
}

function fill(pool: Pool<Entry>, keys: readonly string[], bytes = 1) {
  for (const [number, key] of keys.entries()) pool.add(key, { key, number, bytes })
  return [...pool.entries()].sort((a, b) => a.number - b.number).map(({ key, number }) => `${key}${number}`)
}

describe('the pool of past probes', () => {
  test.each([
    ['one key has all of it', 'aaaaa', 3, 'a2 a3 a4'],
    ['a noisy key evicts only its own', 'baaaaaa', 3, 'b0 a5 a6'],
    ['keys share evenly', 'aaaabb', 4, 'a2 a3 b4 b5'],
    ['a key that comes gets its share', 'aaaab', 4, 'a1 a2 a3 b4'],
    ['with more keys than room, the oldest goes', 'abcdefg', 3, 'e4 f5 g6'],
    ['a key that went may come again', 'abcda', 3, 'c2 d3 a4'],
    ['no room at all', 'ab', 0, ''],
  ])('%s', (_what, keys, entries, kept) => {
    expect(fill(new Pool({ entries, bytes: 1000 }), [...keys]).join(' ')).toBe(kept)
  })

  test('the bound on octets', () => {
    expect(fill(new Pool({ entries: 100, bytes: 30 }), [...'aaab'], 10)).toEqual(['a1', 'a2', 'b3'])
    expect(fill(new Pool({ entries: 100, bytes: 9 }), [...'ab'], 10)).toEqual([])
  })

  test('newest of a key', () => {
    const pool = new Pool<Entry>({ entries: 3, bytes: 100 })
    fill(pool, [...'abaaa'])
    expect([pool.newest('a')?.number, pool.newest('b')?.number, pool.newest('c')]).toEqual([4, 1, undefined])
  })

  test('whatever comes: both bounds hold, and a ring is in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...'abcdef'), fc.integer({ min: 1, max: 20 })), { maxLength: 200 }),
        fc.integer({ min: 1, max: 12 }),
        (adds, entries) => {
          const pool = new Pool<Entry>({ entries, bytes: 60 })
          const added = new Map<string, number>()
          for (const [number, [key, bytes]] of adds.entries()) {
            pool.add(key, { key, number, bytes })
            added.set(key, (added.get(key) ?? 0) + 1)
            const kept = [...pool.entries()]
            expect(kept.length).toBeLessThanOrEqual(entries)
            expect(kept.reduce((sum, entry) => sum + entry.bytes, 0)).toBeLessThanOrEqual(60)
          }
          for (const key of added.keys()) {
            const ring = [...pool.entries()].filter(entry => entry.key === key).map(({ number }) => number)
            expect(ring).toEqual(ring.toSorted((a, b) => a - b))
            expect(pool.newest(key)?.number).toBe(ring.at(-1))
          }
        },
      ),
    )
  })
})
