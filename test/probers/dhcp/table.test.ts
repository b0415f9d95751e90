import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LeaseTable } from '../../../src/probers/dhcp/table.ts'
import { bestOf } from '../../support/best-of.ts'

const contents = (table: LeaseTable) => {
  const found = new Map<string, readonly [number, number]>()
  for (const { keys, states, ends } of table.shards()) {
    for (const [slot, state] of states.entries()) {
      if (state === 0) continue
      const key = keys.subarray(slot * table.words, (slot + 1) * table.words).join()
      expect(found.has(key)).toBe(false)
      found.set(key, [state, ends[slot]!])
    }
  }
  return found
}

// Few values, so that keys come again.
const word = fc.oneof(fc.integer({ min: 0, max: 30 }), fc.constantFrom(0xffff_ffff, 0x8000_0000, 0x0a00_0001))

test.each([1, 5])('keeps the last entry of each key, keys of %d words', words => {
  const entry = fc.tuple(
    fc.array(word, { minLength: words, maxLength: words }),
    fc.integer({ min: 1, max: 255 }),
    fc.double(),
  )
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 300 }), entries => {
      const table = new LeaseTable({ words })
      const model = new Map<string, readonly [number, number]>()
      for (const [key, state, end] of entries) {
        table.put(Uint32Array.from(key), state, end)
        model.set(key.join(), [state, end])
      }
      expect(contents(table)).toEqual(model)
    }),
  )
})

/** Fills a table; returns how long one put took at most. */
function fill(table: LeaseTable, leases = 200_000): number {
  const key = new Uint32Array(1)
  let longestMs = 0
  for (let address = 0; address < leases; address++) {
    key[0] = 0x0a00_0000 + address
    const startedMs = performance.now()
    table.put(key, 1 + (address % 9), address)
    longestMs = Math.max(longestMs, performance.now() - startedMs)
  }
  return longestMs
}

test('holds 200 000 leases in bounded memory, no put taking long', async () => {
  const table = new LeaseTable({ words: 1 })
  fill(table)
  await bestOf(8, 50, () => fill(new LeaseTable({ words: 1 })))
  let octets = 0
  for (const { keys, states, ends } of table.shards()) octets += keys.byteLength + states.byteLength + ends.byteLength
  expect(contents(table).size).toBe(200_000)
  expect(octets / 200_000).toBeLessThan(40)
})

describe('a fork', () => {
  const step = fc.record({
    table: fc.nat(),
    action: fc.constantFrom('put', 'put', 'put', 'put', 'fork'),
    key: fc.integer({ min: 0, max: 3000 }),
    state: fc.integer({ min: 1, max: 255 }),
  })

  test('and what it was made from go their own ways', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2000 }), steps => {
        const tables = [{ table: new LeaseTable({ words: 1 }), model: new Map<string, readonly [number, number]>() }]
        for (const { table: which, action, key, state } of steps) {
          const { table, model } = tables[which % tables.length]!
          if (action === 'fork' && tables.length < 5) tables.push({ table: table.fork(), model: new Map(model) })
          else {
            table.put(Uint32Array.of(key), state, key)
            model.set(String(key), [state, key])
          }
        }
        for (const { table, model } of tables) expect(contents(table)).toEqual(model)
      }),
      { numRuns: 30 },
    )
  })

  test('takes no time, and then only what is written to', () => {
    const table = new LeaseTable({ words: 1 })
    fill(table, 20_000)
    const shards = new Set([...table.shards()].map(({ keys }) => keys))
    const fork = table.fork()
    for (let i = 0; i < 5; i++) fork.put(Uint32Array.of(0x0a00_0000 + i), 99, i)
    const own = [...fork.shards()].filter(({ keys }) => !shards.has(keys))
    expect(own.length).toBeGreaterThan(0)
    expect(own.length).toBeLessThanOrEqual(5)
    expect(contents(table).get(String(0x0a00_0000))).toEqual([1, 0])
    expect(contents(fork).get(String(0x0a00_0000))).toEqual([99, 0])
  })
})

test('it knows how much memory it takes', () => {
  for (const keepsDetails of [false, true]) {
    const table = new LeaseTable({ words: 5, groupWords: 2, keepsDetails })
    const key = new Uint32Array(5)
    const details = { hwaddr: 'x'.repeat(17), clientId: '', hostname: 'y'.repeat(10) }
    for (let i = 0; i < 20_000; i++) {
      key[0] = i % 15_000
      table.put(key, 1, i, Uint32Array.of(i, i), keepsDetails ? details : undefined)
    }
    let octets = 0
    for (const { keys, states, ends, groups, details: kept } of table.shards()) {
      octets += keys.byteLength + states.byteLength + ends.byteLength + groups.byteLength
      for (const own of kept ?? []) octets += own === undefined ? 0 : 17 + 20 + 160
    }
    expect(table.bytes).toBeGreaterThanOrEqual(octets)
    expect(table.bytes).toBeLessThan(octets * 1.05)
  }
})

test.each([1, 5])('a lease with a key of %d words takes less than a hundred octets', words => {
  const table = new LeaseTable({ words })
  const key = new Uint32Array(words)
  for (let i = 0; i < 100_000; i++) {
    key[0] = i
    table.put(key, 1, i)
  }
  expect(table.bytes / 100_000).toBeLessThan(words === 1 ? 60 : 100)
})
