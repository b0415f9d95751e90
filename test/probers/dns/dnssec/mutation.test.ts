import { describe, expect, test } from 'vitest'
import { canonicalRdata } from '../../../../src/probers/dns/dnssec/canonical.ts'
import { keyOf, lowerName } from '../../../../src/probers/dns/dnssec/names.ts'
import { readSignature } from '../../../../src/probers/dns/dnssec/rrset.ts'
import { Malformed } from '../../../../src/probers/dns/wire/malformed.ts'
import { type Message, readMessage } from '../../../../src/probers/dns/wire/message.ts'
import type { ResourceRecord } from '../../../../src/probers/dns/wire/record.ts'
import { fetchCaptured, judge, octetsOf, type Setting } from './lab.ts'

function read(octets: Buffer): Message | undefined {
  try {
    return readMessage(octets)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

function dataOf(record: ResourceRecord): string {
  const signature = readSignature(record)
  const octets = signature === undefined ? canonicalRdata(record) : Buffer.concat([signature.head, signature.octets])
  return octets.toString('hex')
}

const headerBytes = 12

/** What DNSSEC protects of a message: not the case of names, not the TTLs, which count down. */
const substance = ({ answer, authority }: Message) =>
  JSON.stringify(
    [answer, authority].map(records =>
      records.map(record => [keyOf(lowerName(record.name)), record.type, record.class, dataOf(record)]),
    ),
  )

/** The octets with one bit the other way round. */
function flipped(octets: Buffer, bit: number): Buffer {
  const changed = Buffer.from(octets)
  changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
  return changed
}

/** Flips one bit after another; returns the bits which should have mattered and did not, or the other way round. */
async function surprises(octets: Buffer, step: number, statusOf: (message: Message) => Promise<string>, from = 0) {
  const original = readMessage(octets)
  const found: { bit: number; status: string }[] = []
  let harmful = 0
  for (let bit = from * 8; bit < octets.length * 8; bit += step) {
    const message = read(flipped(octets, bit))
    if (message === undefined) continue
    const isHarmless = substance(message) === substance(original) && message.rcode === original.rcode
    if (!isHarmless) harmful++
    const status = await statusOf(message)
    if ((status === 'secure') !== isHarmless) found.push({ bit, status })
  }
  return { found, harmful }
}

describe('one bit that is not as it was signed', () => {
  test.each([
    ['an answer', 'www', 'A', 2],
    ['names in data', 'mixed', 'MX', 3],
    ['strings', 'txt', 'TXT', 3],
    ['an alias', 'alias', 'A', 7],
    ['a name that does not exist', 'x.y.missing', 'A', 7],
    ['a type that does not exist', 'www', 'MX', 7],
    ['a wildcard', 'x.wild', 'A', 3],
    ['a type that a wildcard lacks', 'x.wild', 'MX', 7],
  ])('of %s', async (_, name, type, step) => {
    const question = `${name}.ed25519.test`
    const statusOf = async (message: Message) => (await judge(question, type, { message })).finding.status
    const { found, harmful } = await surprises(octetsOf(question, type), step, statusOf)
    expect(found).toEqual([])
    expect(harmful).toBeGreaterThan(100)
  })

  test.each([
    ['a name that does not exist', 'x.y.missing', 'A'],
    ['a wildcard', 'x.wild', 'A'],
  ])('of hashed %s', async (_, name, type) => {
    const question = `${name}.nsec3.test`
    const statusOf = async (message: Message) => (await judge(question, type, { message })).finding.status
    const { found, harmful } = await surprises(octetsOf(question, type), 11, statusOf)
    expect(found).toEqual([])
    expect(harmful).toBeGreaterThan(100)
  })

  test('of the keys', async () => {
    const statusOf = async (keys: Message) => {
      const fetch: Setting['fetch'] = async () => keys
      return (await judge('www.ed25519.test', 'A', { fetch })).finding.status
    }
    const { found, harmful } = await surprises(octetsOf('ed25519.test', 'DNSKEY'), 3, statusOf, headerBytes)
    expect(found).toEqual([])
    expect(harmful).toBeGreaterThan(300)
  })
})

test('the signature, its times and its TTL: bogus', async () => {
  const octets = octetsOf('www.ed25519.test', 'A')
  const message = readMessage(octets)
  const { rdata } = message.answer.find(({ type }) => type === 46)!
  const start = rdata.byteOffset - octets.byteOffset
  const signer = 'ed25519.test'.length + 2
  const protectedOctets = [...Array(rdata.length).keys()].filter(at => (at >= 4 && at < 16) || at >= 18 + signer)
  for (const at of protectedOctets) {
    const changed = readMessage(flipped(octets, (start + at) * 8))
    const { finding } = await judge('www.ed25519.test', 'A', { message: changed })
    expect(finding.status).toBe('bogus')
    expect(finding.message).toMatch(
      /^the signature of A of www\.ed25519\.test\. by key \d+ \(ED25519\) of ed25519\.test\. is wrong$/,
    )
  }
})

test('what is taken away is missed', async () => {
  const message = readMessage(octetsOf('www.ed25519.test', 'A'))
  const first = { ...message, answer: message.answer.slice(1) }
  expect((await judge('www.ed25519.test', 'A', { message: first })).finding.status).toBe('bogus')
  const unsigned = { ...message, answer: message.answer.filter(({ type }) => type !== 46), authority: [] }
  expect((await judge('www.ed25519.test', 'A', { message: unsigned })).finding.status).toBe('insecure')
  const keys = await fetchCaptured({
    name: lowerName(Buffer.from('\x07ed25519\x04test\0', 'latin1')),
    type: 48,
    class: 1,
  })
  const unsignedKeys = { ...keys, answer: keys.answer.filter(({ type }) => type !== 46) }
  const { finding } = await judge('www.ed25519.test', 'A', { fetch: async () => unsignedKeys })
  expect(finding).toEqual({ status: 'bogus', message: 'DNSKEY of ed25519.test. has no signature' })
})

test('a signature without its records is no answer', async () => {
  const message = readMessage(octetsOf('alias.ed25519.test', 'A'))
  const answer = message.answer.filter(({ type }) => type !== 1)
  const { finding } = await judge('alias.ed25519.test', 'A', { message: { ...message, answer } })
  expect(finding.status).toBe('bogus')
  expect(finding.message).toMatch(/^that www\.ed25519\.test\. has no A is not proven/)
})
