import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Malformed, type MalformedReason, malformedReasons } from '../../../src/probers/dns/wire/malformed.ts'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { recordText } from '../../../src/probers/dns/wire/record.ts'
import { answers } from './vectors.ts'

// A broken RDATA loses its record alone.
const lostMessages = new Set<MalformedReason>(malformedReasons.filter(reason => reason !== 'bad_rdata'))

/** Reads and prints everything; whatever comes out must be text or the one error class. Returns milliseconds. */
function survive(octets: Buffer): number {
  const started = performance.now()
  try {
    const { answer, authority, additional } = readMessage(octets)
    for (const record of [...answer, ...authority, ...additional]) {
      if (/[^\t\u0020-\u007e]/.test(recordText(record))) throw new Error('text with octets that do not print')
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    if (!lostMessages.has(error.reason)) throw error
  }
  return performance.now() - started
}

/** A small generator with a fixed seed, so that a failure can be repeated. */
function random(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutated(octets: Buffer, next: (below: number) => number): Buffer {
  const changed = Buffer.from(octets)
  for (let times = 1 + next(6); times > 0; times--) changed[next(changed.length)] = next(256)
  switch (next(4)) {
    case 0:
      return changed.subarray(0, next(changed.length))
    case 1:
      return Buffer.concat([changed, changed.subarray(next(changed.length))])
    default:
      return changed
  }
}

describe('the reader ends with a message or with Malformed', () => {
  test('on 20,000 mutated answers', () => {
    const next = random(2026)
    let slowestMs = 0
    for (let round = 0; round < 20_000; round++) {
      const [, octets] = answers[next(answers.length)]!
      slowestMs = Math.max(slowestMs, survive(mutated(octets, next)))
    }
    expect(slowestMs).toBeLessThan(200)
  })

  test('on any octets', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), octets => void survive(Buffer.from(octets))))
  })

  test('on any RDATA of any type', () => {
    const types = fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 65_535 }))
    fc.assert(
      fc.property(types, fc.uint8Array({ maxLength: 80 }), (type, rdata) => {
        const head = Buffer.from('00008400000000010000000000000000010000003c0000', 'hex')
        head.writeUInt16BE(type, 13)
        head.writeUInt16BE(rdata.length, 21)
        survive(Buffer.concat([head, rdata]))
      }),
      { numRuns: 3000 },
    )
  })
})

describe('64 KiB that are meant to be expensive', () => {
  const header = (records: number) => {
    const octets = Buffer.alloc(12)
    octets.writeUInt16BE(0x8400, 2)
    octets.writeUInt16BE(records, 6)
    return octets
  }
  const fixed = (type: number, bytes: number) => {
    const octets = Buffer.from('000000010000003c0000', 'hex')
    octets.writeUInt16BE(type, 0)
    octets.writeUInt16BE(bytes, 8)
    return octets
  }
  const pointer = (target: number) => Buffer.from([0xc0 | (target >> 8), target & 0xff])
  const fill = (first: Buffer, unit: (index: number) => Buffer) => {
    const parts: Buffer[] = []
    for (let bytes = first.length; ; ) {
      const part = unit(parts.length)
      bytes += part.length
      if (bytes > 65_535 - 12) break
      parts.push(part)
    }
    return Buffer.concat([header(parts.length + 1), first, ...parts])
  }
  const longName = Buffer.from(`${'0161'.repeat(126)}00`, 'hex')
  const root = Buffer.from([0])

  /** Pointers, each to the one before it, in the RDATA of a record of a type that is not read. */
  const chain = Buffer.concat([root, fixed(65_280, 8000), Buffer.alloc(8000, Buffer.from([0]))])
  for (let at = 11 + 2; at + 2 <= chain.length; at += 2) pointer(12 + at - 2).copy(chain, at)
  root.copy(chain, 11)

  const bits = Buffer.concat(
    Array.from({ length: 256 }, (_, window) => Buffer.concat([Buffer.from([window, 32]), Buffer.alloc(32, 0xff)])),
  )

  test.each([
    [
      'names of 255 octets through pointers',
      fill(Buffer.concat([longName, fixed(16, 1), root]), () =>
        Buffer.concat([pointer(12), fixed(14, 4), pointer(12), pointer(12)]),
      ),
    ],
    [
      'names that add a label to a long one',
      fill(Buffer.concat([longName, fixed(16, 1), root]), () =>
        Buffer.concat([
          Buffer.from([0]),
          fixed(14, 8),
          Buffer.from('0162', 'hex'),
          pointer(14),
          Buffer.from('0163', 'hex'),
          pointer(14),
        ]),
      ),
    ],
    [
      'owners along a chain of pointers',
      fill(chain, index => Buffer.concat([pointer(12 + 13 + 2 * (index % 3900)), fixed(16, 1), root])),
    ],
    [
      'owners along a chain of pointers, deepest first',
      fill(chain, index => Buffer.concat([pointer(12 + 13 + 2 * (3900 - (index % 3900))), fixed(16, 1), root])),
    ],
    [
      'bitmaps of all types',
      fill(Buffer.concat([root, fixed(16, 1), root]), () =>
        Buffer.concat([root, fixed(47, bits.length + 1), root, bits]),
      ),
    ],
    [
      'empty strings',
      fill(Buffer.concat([root, fixed(16, 1), root]), () =>
        Buffer.concat([root, fixed(16, 60_000), Buffer.alloc(60_000)]),
      ),
    ],
    ['empty records', fill(Buffer.concat([root, fixed(16, 1), root]), () => Buffer.concat([root, fixed(10, 0)]))],
    [
      'names of HIP through pointers',
      fill(Buffer.concat([longName, fixed(16, 1), root]), () =>
        Buffer.concat([root, fixed(55, 60_004), Buffer.alloc(4), Buffer.alloc(60_000, pointer(12))]),
      ),
    ],
    [
      'APL of empty prefixes',
      fill(Buffer.concat([root, fixed(16, 1), root]), () =>
        Buffer.concat([root, fixed(42, 60_000), Buffer.alloc(60_000, Buffer.from('00020000', 'hex'))]),
      ),
    ],
  ])('%s', (_case, octets) => {
    expect(octets.length).toBeGreaterThan(10_000)
    const started = performance.now()
    try {
      readMessage(octets)
    } catch (error) {
      expect(error).toBeInstanceOf(Malformed)
    }
    const readMs = performance.now() - started
    const bothMs = survive(octets)
    expect(readMs).toBeLessThan(150)
    expect(bothMs).toBeLessThan(1000)
  })
})
