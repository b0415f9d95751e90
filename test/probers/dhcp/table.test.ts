import fc from 'fast-check'
import { expect, test } from 'vitest'
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
function fill(table: LeaseTable): number {
  const key = new Uint32Array(1)
  let longestMs = 0
  for (let address = 0; address < 200_000; address++) {
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
  await bestOf(3, 50, () => fill(new LeaseTable({ words: 1 })))
  let octets = 0
  for (const { keys, states, ends } of table.shards()) octets += keys.byteLength + states.byteLength + ends.byteLength
  expect(contents(table).size).toBe(200_000)
  expect(octets / 200_000).toBeLessThan(40)
})
