import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFrame, framed } from '../../../src/probers/dns/transport/frame.ts'

/** What comes out of a frame that gets these chunks. */
function assemble(chunks: readonly Buffer[]): Buffer | undefined {
  const frame = createFrame()
  for (const chunk of chunks) {
    const message = frame.push(chunk)
    if (message !== undefined) return message
  }
  return undefined
}

describe('createFrame', () => {
  test('puts a message together over any split, and drops what follows', () => {
    const message = fc.uint8Array({ maxLength: 300 })
    const cuts = fc.array(fc.nat(400), { maxLength: 20 })
    fc.assert(
      fc.property(message, fc.uint8Array({ maxLength: 20 }), cuts, (octets, after, places) => {
        const stream = Buffer.concat([framed(Buffer.from(octets)), after])
        const edges = [0, ...places.filter(place => place < stream.length).sort((x, y) => x - y), stream.length]
        const chunks = edges.slice(1).map((edge, index) => stream.subarray(edges[index], edge))
        expect(assemble(chunks)).toEqual(Buffer.from(octets))
      }),
    )
  })

  test('waits for the last octet', () => {
    const stream = framed(Buffer.from('abc'))
    for (let length = 0; length < stream.length; length++) {
      const frame = createFrame()
      expect(frame.push(stream.subarray(0, length))).toBeUndefined()
      expect(frame.receivedBytes).toBe(length)
    }
  })

  test('takes the largest message', () => {
    const octets = Buffer.alloc(65_535, 7)
    const stream = framed(octets)
    const pieces = [stream.subarray(0, 1), stream.subarray(1, 40_000), stream.subarray(40_000)]
    expect(assemble(pieces)?.equals(octets)).toBe(true)
  })
})
