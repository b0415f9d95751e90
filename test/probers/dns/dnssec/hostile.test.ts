import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { keyTag } from '../../../../src/probers/dns/dnssec/key.ts'
import type { Fetch } from '../../../../src/probers/dns/dnssec/keys.ts'
import type { Message } from '../../../../src/probers/dns/wire/message.ts'
import type { ResourceRecord } from '../../../../src/probers/dns/wire/record.ts'
import { judge } from './lab.ts'
import { createZone, messageOf, record } from './signer.ts'

/** A key with the tag of another, as anybody can make one (KeyTrap). */
function colliding(tag: number, algorithm: number, bytes: number): ResourceRecord {
  const rdata = Buffer.concat([Buffer.from([1, 1, 3, algorithm]), randomBytes(bytes)])
  const place = bytes % 2 === 0 ? rdata.length - 2 : rdata.length - 3
  rdata.writeUInt16BE(0, place)
  const lacking = tag - keyTag(rdata) + 65_536
  for (const off of [0, -1, 1]) {
    rdata.writeUInt16BE((lacking + off) % 65_536, place)
    if (keyTag(rdata) === tag) return { ...record('hostile.test. A 192.0.2.1'), type: 48, rdata }
  }
  return colliding(tag, algorithm, bytes)
}

const repeat = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at))

async function timed(name: string, type: string, message: Message, fetch: Fetch) {
  const started = performance.now()
  const { finding } = await judge(name, type, { message, fetch })
  return { finding, tookMs: performance.now() - started }
}

describe('what a hostile server can make us do is bounded', () => {
  test.each([15, 16])('1000 keys of one tag, 1000 signatures by it: algorithm %d', async algorithm => {
    const zone = createZone('hostile.test.')
    const tag = keyTag(zone.key.rdata)
    const bytes = algorithm === 15 ? 32 : 57
    const keys = repeat(1000, () => colliding(tag, algorithm, bytes))
    const [address, signature] = zone.signed(['www.hostile.test. A 192.0.2.1']) as [ResourceRecord, ResourceRecord]
    const forged = repeat(1000, () => {
      const rdata = Buffer.from(signature.rdata)
      rdata.writeUInt8(algorithm, 2)
      randomBytes(40).copy(rdata, rdata.length - 40)
      return { ...signature, rdata, values: signature.values!.with(8, rdata.subarray(-64)) }
    })
    const message = messageOf([address, ...forged])
    const forgedKeys = messageOf([zone.key, ...keys, ...forged.map(one => ({ ...one, name: zone.key.name }))])
    const { finding, tookMs } = await timed('www.hostile.test', 'A', message, async () => forgedKeys)
    expect(finding.status).toMatch(/bogus|key_missing/)
    expect(tookMs).toBeLessThan(3000)
  })

  test('a zone whose keys are sound and whose answer has 1000 wrong signatures', async () => {
    const zone = createZone('hostile.test.')
    const [address, signature] = zone.signed(['www.hostile.test. A 192.0.2.1']) as [ResourceRecord, ResourceRecord]
    const wrong = { ...signature, values: signature.values!.with(8, Buffer.alloc(64)) }
    const message = messageOf([address, ...repeat(1000, () => wrong)])
    const { finding } = await timed('www.hostile.test', 'A', message, async () => zone.keys)
    expect(finding).toEqual({ status: 'bogus', message: expect.stringContaining('is wrong') })
  })

  test('many RRsets that do not verify: gives up after a few', async () => {
    const zone = createZone('hostile.test.')
    const sets = repeat(200, index => {
      const [address, signature] = zone.signed([`n${index}.hostile.test. A 192.0.2.1`]) as [
        ResourceRecord,
        ResourceRecord,
      ]
      return [address, { ...signature, values: signature.values!.with(8, Buffer.alloc(64)) }]
    })
    const { finding } = await timed('n0.hostile.test', 'A', messageOf(sets.flat()), async () => zone.keys)
    expect(finding.status).toBe('bogus')
    expect(finding.message).toContain('is wrong')
    const last = await judge('n0.hostile.test', 'A', {
      message: messageOf(sets.slice(0, 17).flat()),
      fetch: async () => zone.keys,
    })
    expect(last.finding.status).toBe('bogus')
  })

  test('more RRsets than any answer has', async () => {
    const records = repeat(257, index => record(`n${index}.hostile.test. A 192.0.2.1`))
    const { finding } = await timed('n0.hostile.test', 'A', messageOf(records), async () => messageOf([]))
    expect(finding).toEqual({ status: 'bogus', message: 'gave up: more than 256 RRsets' })
  })

  test('a new zone with every RRset: asks for the keys of a few', async () => {
    let asked = 0
    const sets = repeat(100, index => createZone(`z${index}.test.`).signed([`a.z${index}.test. A 192.0.2.1`]))
    const fetch: Fetch = async () => {
      asked++
      return messageOf([])
    }
    const { finding } = await timed('a.z0.test', 'A', messageOf(sets.flat()), fetch)
    expect(finding.status).toBe('bogus')
    expect(asked).toBe(8)
  })

  test('5000 records with long names', async () => {
    const zone = createZone('hostile.test.')
    const label = 'x'.repeat(63)
    const targets = repeat(5000, index => `hostile.test. MX ${index} ${label}.${label}.${label}.hostile.test.`)
    const records = zone.signed(targets)
    const wrong = { ...records.at(-1)!, values: records.at(-1)!.values!.with(8, Buffer.alloc(64)) }
    const message = messageOf([...records.slice(0, -1), ...repeat(30, () => wrong)])
    const { finding, tookMs } = await timed('hostile.test', 'MX', message, async () => zone.keys)
    expect(finding.status).toBe('bogus')
    expect(tookMs).toBeLessThan(5000)
  })

  test('the longest name and as many iterations as are allowed', async () => {
    const zone = createZone('test.')
    const name = `${repeat(120, () => 'a').join('.')}.test`
    const gap = (first: string, next: string) =>
      zone.signed([`${first}.test. NSEC3 1 0 100 ${'ff'.repeat(255)} ${next} A`])
    const authority = [...zone.signed(['test. SOA a. b. 1 2 3 4 5']), ...gap('0'.repeat(32), `${'0'.repeat(31)}1`)]
    const { finding, tookMs } = await timed(name, 'A', messageOf([], authority, 3), async () => zone.keys)
    expect(finding).toEqual({ status: 'bogus', message: expect.stringMatching(/does not exist is not proven$/) })
    expect(tookMs).toBeLessThan(3000)
  })
})
