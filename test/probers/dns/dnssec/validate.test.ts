import { describe, expect, test } from 'vitest'
import { anchorsOf, anchorTexts, judge, statusOf } from './lab.ts'

const finding = async (...question: Parameters<typeof judge>) => (await judge(...question)).finding

describe('every algorithm', () => {
  test.each(['rsasha256', 'rsasha512', 'ecdsap256', 'ecdsap384', 'ed25519', 'ed448'])('%s', async algorithm => {
    const zone = `${algorithm}.test`
    expect(await finding(`www.${zone}`, 'A')).toMatchObject({ status: 'secure' })
    expect(await finding(`www.${zone}`, 'TXT')).toMatchObject({ status: 'secure' })
    expect(await finding(`missing.${zone}`, 'A')).toMatchObject({ status: 'secure' })
    expect(await finding(zone, 'DNSKEY')).toMatchObject({ status: 'secure' })
  })

  test('those with SHA-1 are not supported, so the answer is insecure', async () => {
    expect(await finding('www.rsasha1.test', 'A')).toEqual({
      status: 'insecure',
      message: 'A of www.rsasha1.test. is signed with algorithm RSASHA1-NSEC3-SHA1, which is not supported',
    })
  })
})

describe('every kind of record in its canonical form', () => {
  test.each([
    ['@', 'SOA'],
    ['@', 'NS'],
    ['@', 'ANY'],
    ['mixed', 'MX'],
    ['txt', 'TXT'],
    ['srv', 'SRV'],
    ['naptr', 'NAPTR'],
    ['rp', 'RP'],
    ['unknown', 'TYPE65280'],
    ['svcb', 'HTTPS'],
    ['ns1', 'A'],
  ])('%s %s', async (name, type) => {
    const found = await finding(name === '@' ? 'ed25519.test' : `${name}.ed25519.test`, type)
    expect(found).toMatchObject({ status: 'secure' })
  })
})

describe.each(['ed25519', 'nsec3', 'optout', 'iterations'])('what a zone denies, aliases and wildcards: %s', zone => {
  // With opt-out a gap may hold unsigned delegations; more iterations than RFC 9276 allows are as good as no proof.
  const gap = { ed25519: 'secure', nsec3: 'secure', optout: 'insecure', iterations: 'insecure' }[zone]
  const match = zone === 'iterations' ? 'insecure' : 'secure'

  test.each<[name: string, type: string, status: string | undefined]>([
    ['www', 'MX', match],
    ['x.y.missing', 'A', gap],
    ['empty', 'A', match],
    ['alias', 'A', 'secure'],
    ['alias', 'MX', match],
    ['outside', 'A', 'secure'],
    ['dangling', 'A', gap],
    ['a.tree', 'A', 'secure'],
    ['b.tree', 'A', gap],
    ['tree', 'A', match],
    ['x.wild', 'A', gap],
    ['x.y.wild', 'A', gap],
    ['x.wild', 'MX', gap],
    ['*.wild', 'A', 'secure'],
    ['signed', 'DS', 'secure'],
    ['unsigned', 'DS', gap === match ? match : 'insecure'],
    ['www.signed', 'A', 'unchecked'],
    ['www.unsigned', 'A', 'insecure'],
  ])('%s %s: %s', async (name, type, status) => {
    expect(await finding(`${name}.${zone}.test`, type)).toMatchObject({ status })
  })
})

describe('times', () => {
  test('a signature that has ended', async () => {
    expect(await finding('www.expired.test', 'A')).toEqual({
      status: 'expired',
      message: 'the signature of DNSKEY of expired.test. expired at 2026-02-01T00:00:00Z',
    })
  })

  test('a signature that has not begun', async () => {
    expect(await finding('www.future.test', 'A')).toEqual({
      status: 'not_yet_valid',
      message: 'the signature of DNSKEY of future.test. is not valid before 2026-12-01T00:00:00Z',
    })
  })

  test.each([
    [Date.UTC(2026, 0, 1) - 1000, 'not_yet_valid'],
    [Date.UTC(2026, 0, 1), 'secure'],
    [Date.UTC(2027, 0, 1), 'secure'],
    [Date.UTC(2027, 0, 1) + 1000, 'expired'],
  ])('first and last second count: %d', async (nowMs, status) => {
    expect(await statusOf('www.ed25519.test', 'A', { nowMs })).toBe(status)
  })
})

describe('anchors', () => {
  const ofZone = anchorTexts.filter(text => text.startsWith('ed25519.test.'))

  test('each form fits', async () => {
    expect(ofZone).toHaveLength(4)
    for (const text of ofZone) {
      expect(await finding('www.ed25519.test', 'A', { anchors: anchorsOf(text) })).toMatchObject({ status: 'secure' })
    }
  })

  test('one of another zone says nothing', async () => {
    const anchors = anchorsOf(...anchorTexts.filter(text => text.startsWith('ed448.test.')))
    expect(await finding('www.ed25519.test', 'A', { anchors })).toEqual({
      status: 'insecure',
      message: 'there is no anchor for the zone ed25519.test.',
    })
  })

  test('one of another key', async () => {
    const [digest = ''] = ofZone.filter(text => text.includes(' DS '))
    const anchors = anchorsOf(`${digest.slice(0, -1)}${digest.endsWith('0') ? '1' : '0'}`)
    expect(await finding('www.ed25519.test', 'A', { anchors })).toEqual({
      status: 'key_missing',
      message: 'no DNSKEY of ed25519.test. matches an anchor',
    })
  })
})
