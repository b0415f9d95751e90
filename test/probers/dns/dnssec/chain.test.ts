import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Anchor, dsAnchor } from '../../../../src/probers/dns/dnssec/anchor.ts'
import type { Fetch } from '../../../../src/probers/dns/dnssec/keys.ts'
import { typeName } from '../../../../src/probers/dns/wire/iana.ts'
import type { Message } from '../../../../src/probers/dns/wire/message.ts'
import { nameText } from '../../../../src/probers/dns/wire/name.ts'
import { parseName } from '../../../../src/probers/dns/wire/parse-name.ts'
import { judge } from './lab.ts'
import { createZone, messageOf, record } from './signer.ts'

const sha256 = (zone: Buffer, rdata: Buffer) => createHash('sha256').update(zone).update(rdata).digest()
const sha384 = (zone: Buffer, rdata: Buffer) => createHash('sha384').update(zone).update(rdata).digest()

const [root, org, example] = [createZone('.'), createZone('org.'), createZone('example.org.')]
const anchorOf = (zone: ReturnType<typeof createZone>): Anchor => {
  const ds = record(zone.ds(sha256))
  return dsAnchor(ds.name, ds.rdata)!
}

const address = 'www.example.org. A 192.0.2.1'
const soa = (zone: string) => `${zone} SOA a. b. 1 2 3 4 5`

const honest: Readonly<Record<string, Message>> = {
  '. DNSKEY': root.keys,
  'org. DNSKEY': org.keys,
  'example.org. DNSKEY': example.keys,
  'org. DS': messageOf(root.signed([org.ds(sha256)])),
  'example.org. DS': messageOf(org.signed([example.ds(sha256)])),
  'unsigned.org. DS': messageOf(
    [],
    [...org.signed([soa('org.')]), ...org.signed(['unsigned.org. NSEC z.org. NS RRSIG NSEC'])],
  ),
  'www.unsigned.org. SOA': messageOf([], [record(soa('unsigned.org.'))]),
}

function serve(changes: Readonly<Record<string, Message>> = {}) {
  const asked: string[] = []
  const fetch: Fetch = async ({ name, type }) => {
    const question = `${nameText(name)} ${typeName(type)}`
    asked.push(question)
    return { ...honest, ...changes }[question] ?? messageOf([], [], 5)
  }
  return { fetch, asked }
}

async function find(
  anchors: readonly Anchor[] | undefined,
  changes: Readonly<Record<string, Message>> = {},
  message = messageOf(example.signed([address])),
) {
  const { fetch, asked } = serve(changes)
  const setting = { fetch, message, ...(anchors !== undefined && { anchors }) }
  return { ...(await judge('www.example.org', 'A', setting)), asked }
}

describe('the way from an anchor down to the zone', () => {
  test('asks for the DS records of each zone below the anchor', async () => {
    const { finding, asked } = await find([anchorOf(root)])
    expect(finding).toMatchObject({ status: 'secure' })
    expect(asked).toEqual(['example.org. DS', 'org. DS', '. DNSKEY', 'org. DNSKEY', 'example.org. DNSKEY'])
  })

  test('starts at the nearest anchor', async () => {
    expect((await find([anchorOf(root), anchorOf(example)])).asked).toEqual(['example.org. DNSKEY'])
    expect((await find([anchorOf(org)])).asked).not.toContain('. DNSKEY')
  })

  test.each<[what: string, changes: Readonly<Record<string, Message>>, status: string, message: string | RegExp]>([
    ['another key at the top', { '. DNSKEY': createZone('.').keys }, 'key_missing', 'no DNSKEY of . matches an anchor'],
    [
      'another key in the middle',
      { 'org. DNSKEY': createZone('org.').keys },
      'key_missing',
      'no DNSKEY of org. matches an anchor',
    ],
    [
      'a DS record by another key',
      { 'org. DS': messageOf(createZone('.').signed([org.ds(sha256)])) },
      'key_missing',
      /^DS of org\. is signed by key \d+ \(ED25519\) of \., which is not there$/,
    ],
    [
      'a DS record that the zone signs itself',
      { 'org. DS': messageOf(org.signed([org.ds(sha256)])) },
      'bogus',
      'DS of org. is signed by org., which cannot hold it',
    ],
    ['no DS record', { 'org. DS': messageOf([]) }, 'bogus', 'no signature tells of DS of org.: NOERROR'],
    [
      'a DS record without signature',
      { 'org. DS': messageOf([record(org.ds(sha256))]) },
      'bogus',
      /no signature tells/,
    ],
    [
      'a denial by the zone itself',
      { 'org. DS': messageOf([], org.signed(['org. NSEC org. NS RRSIG NSEC'])) },
      'key_missing',
      /^NSEC of org\. is signed by key/,
    ],
    [
      'a denial of the apex',
      { 'example.org. DS': messageOf([], org.signed(['example.org. NSEC z.org. NS SOA RRSIG NSEC'])) },
      'bogus',
      'that example.org. has no DS is not proven',
    ],
    [
      'a digest of a kind that is not supported',
      { 'org. DS': messageOf(root.signed([org.ds(sha256).replace(' 15 2 ', ' 15 3 ')])) },
      'insecure',
      'DS of org. has only algorithms and digests that are not supported',
    ],
    [
      'another digest',
      { 'org. DS': messageOf(root.signed([org.ds(sha384).replace(' 15 2 ', ' 15 4 ')])) },
      'secure',
      /./,
    ],
  ])('%s', async (_, changes, status, message) => {
    const { finding } = await find([anchorOf(root)], changes)
    expect(finding.status).toBe(status)
    if (typeof message === 'string') expect(finding.message).toBe(message)
    else expect(finding.message).toMatch(message)
  })
})

describe('an answer without signatures', () => {
  const bare = messageOf([record('www.unsigned.org. A 192.0.2.1')])
  const ask = async (anchors: readonly Anchor[], changes: Readonly<Record<string, Message>> = {}, message = bare) => {
    const { fetch } = serve(changes)
    return (await judge('www.unsigned.org', 'A', { fetch, message, anchors })).finding
  }

  test('is insecure where the zone above proves that it need not have any', async () => {
    expect(await ask([anchorOf(root)])).toEqual({
      status: 'insecure',
      message: 'unsigned.org. has no DS in the zone above',
    })
  })

  test('is bogus where nothing proves that', async () => {
    const message = 'A of www.unsigned.org. has no signature, and . signs'
    expect(await ask([anchorOf(root)], { 'unsigned.org. DS': messageOf([]) })).toEqual({ status: 'bogus', message })
    expect(await ask([anchorOf(root)], { 'www.unsigned.org. SOA': messageOf([]) })).toEqual({
      status: 'bogus',
      message,
    })
    // A zone beside the name proves nothing for it.
    const beside = messageOf([], [record(soa('insecure.unsigned.org.'))])
    expect(await ask([anchorOf(root)], { 'www.unsigned.org. SOA': beside })).toEqual({ status: 'bogus', message })
  })

  test('is bogus below an anchor of the zone itself', async () => {
    const anchors = [{ zone: parseName('unsigned.org'), matches: () => true }]
    expect((await ask(anchors)).status).toBe('bogus')
  })

  test('is insecure where no anchor is', async () => {
    expect((await ask([anchorOf(example)])).status).toBe('insecure')
  })
})
