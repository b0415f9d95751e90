import { describe, expect, test } from 'vitest'
import { type Answer, probe } from '../../../support/probe.ts'
import { answerTo } from '../build.ts'
import { type Handlers, reply, startDns } from '../dns-server.ts'
import { anchorTexts, answerQuery, midYear } from './lab.ts'

const statuses = ['secure', 'insecure', 'bogus', 'expired', 'not_yet_valid', 'key_missing', 'unchecked']
const year = 365 * 86_400
const ends = Date.UTC(2027, 0, 1) / 1000

const fromLab: Handlers = {
  udp: (query, send) => send(answerQuery(query)),
  tcp: (query, socket) => reply(socket, answerQuery(query)),
}

interface Asked {
  readonly name?: string
  readonly section?: string
  readonly handlers?: Handlers
  readonly timeout?: string
}

async function ask(dnssec: string, { name = 'www.ed25519.test', section = '', handlers, timeout = '5s' }: Asked = {}) {
  await using server = await startDns(handlers ?? fromLab)
  const options = `query_name: ${name}, preferred_ip_protocol: ip4, query_type: A, dnssec: {${dnssec}} ${section}`
  const yaml = `modules: {m: {prober: dns, timeout: ${timeout}, dns: {${options}}}}`
  const answer = await probe(yaml, { target: server.target, module: 'm' }, { now: () => midYear })
  return { answer, server }
}

const state = (answer: Answer) => statuses.filter(status => answer.value('probe_dns_dnssec', { status }) === 1)

const dnssecOk = (query: Buffer) => (query.at(-1 - 4 - 3)! & 0x80) !== 0

describe('validate', () => {
  test('none checks nothing, and asks for nothing', async () => {
    const { answer, server } = await ask('validate: none', { section: ', edns: {nsid: false}' })
    expect(answer.value('probe_success')).toBe(1)
    expect(state(answer)).toEqual(['unchecked'])
    expect(server.udpQueries).toHaveLength(1)
    expect(answer.value('probe_dns_check', { check: 'dnssec' })).toBe(1)
  })

  test.each(['udp', 'tcp'])('signature asks for the keys as it asked before: %s', async transport => {
    const { answer, server } = await ask('validate: signature', { section: `, transport: ${transport}` })
    expect(answer.value('probe_success')).toBe(1)
    expect(state(answer)).toEqual(['secure'])
    for (const status of statuses) expect(answer.value('probe_dns_dnssec', { status })).toBeDefined()
    expect(answer.value('probe_dns_check', { check: 'dnssec' })).toBe(1)
    const queries = transport === 'udp' ? server.udpQueries : server.tcpQueries
    expect(queries).toHaveLength(2)
    expect(queries.every(dnssecOk)).toBe(true)
    expect(answer.value('probe_dns_rrsig_earliest_expiry_timestamp_seconds')).toBe(ends)
    expect(answer.value('probe_dns_rrsig_inception_timestamp_seconds')).toBe(ends - year)
    const types = ['A', 'DNSKEY'].map(type => answer.value('probe_dns_rrsig_expiry_seconds', { type_covered: type }))
    expect(types).toEqual([ends - midYear / 1000, ends - midYear / 1000])
  })

  test.each([
    ['www.rsasha1.test', 'insecure', 'is signed with algorithm RSASHA1-NSEC3-SHA1, which is not supported'],
    ['www.expired.test', 'expired', 'the signature of DNSKEY of expired.test. expired at 2026-02-01T00:00:00Z'],
    ['www.future.test', 'not_yet_valid', 'is not valid before 2026-12-01T00:00:00Z'],
    [
      'www.unsigned.ed25519.test',
      'insecure',
      'the answer is a referral to unsigned.ed25519.test., which is not signed',
    ],
    ['www.signed.ed25519.test', 'unchecked', 'the answer is a referral to signed.ed25519.test.'],
  ])('%s is %s', async (name, status, message) => {
    const { answer } = await ask('validate: signature', { name })
    expect(answer.value('probe_success')).toBe(0)
    expect(state(answer)).toEqual([status])
    expect(answer.reason).toBe('content')
    expect(answer.value('probe_dns_failure', { reason: 'dnssec' })).toBe(1)
    expect(answer.value('probe_dns_check', { check: 'dnssec' })).toBe(0)
    expect(answer.log).toContain(message)
  })

  test('seconds until the end are negative after it', async () => {
    const { answer } = await ask('validate: signature', { name: 'www.expired.test' })
    const left = Date.UTC(2026, 1, 1) / 1000 - midYear / 1000
    expect(answer.value('probe_dns_rrsig_expiry_seconds', { type_covered: 'A' })).toBe(left)
    expect(left).toBeLessThan(0)
  })

  test('a server without DNSSEC', async () => {
    const plain: Handlers = { udp: (query, send) => send(answerTo(query)) }
    const { answer } = await ask('validate: signature', { handlers: plain })
    expect(state(answer)).toEqual(['insecure'])
    expect(answer.names).not.toContain('probe_dns_rrsig_earliest_expiry_timestamp_seconds')
    expect(answer.log).toContain('insecure: A of www.ed25519.test. has no signature')
  })

  test('a server that does not tell its keys', async () => {
    const handlers: Handlers = {
      udp: (query, send) => send(query.includes(Buffer.from('037777', 'hex')) ? answerQuery(query) : answerTo(query)),
    }
    const { answer } = await ask('validate: signature', { handlers })
    expect(state(answer)).toEqual(['key_missing'])
    expect(answer.log).toContain('key_missing: the server has no DNSKEY of ed25519.test.: NOERROR')
  })

  test('a server that is silent when asked for its keys', async () => {
    const handlers: Handlers = {
      udp: (query, send) => query.includes(Buffer.from('037777', 'hex')) && send(answerQuery(query)),
    }
    const { answer } = await ask('validate: signature', { handlers, timeout: '400ms' })
    expect(answer.reason).toBe('timeout')
    expect(answer.names).not.toContain('probe_dns_dnssec')
  })

  test.each(anchorTexts.filter(text => text.startsWith('ed25519.test.')))('anchor: %s', async anchor => {
    const { answer } = await ask(`validate: anchor, anchors: ['${anchor}']`)
    expect(answer.value('probe_success')).toBe(1)
    expect(state(answer)).toEqual(['secure'])
  })

  test('anchor of another key', async () => {
    const [anchor = ''] = anchorTexts.filter(text => text.startsWith('ed25519.test. IN DS'))
    const other = anchor.endsWith('0') ? anchor.replace(/0$/, '1') : anchor.replace(/.$/, '0')
    const { answer } = await ask(`validate: anchor, anchors: ['${other}']`)
    expect(state(answer)).toEqual(['key_missing'])
    expect(answer.log).toContain('no DNSKEY of ed25519.test. matches an anchor')
  })
})

describe('min_signature_lifetime', () => {
  test.each([
    ['212d', 1],
    ['215d', 0],
  ])('%s: %d', async (lifetime, success) => {
    const { answer, server } = await ask(`min_signature_lifetime: ${lifetime}`)
    expect(answer.value('probe_success')).toBe(success)
    expect(state(answer)).toEqual(['unchecked'])
    expect(server.udpQueries.every(dnssecOk)).toBe(true)
    if (success === 1) return
    expect(answer.log).toContain('the signature over A ends at 2027-01-01T00:00:00Z, in less than 5160h')
    expect(answer.value('probe_dns_failure', { reason: 'dnssec' })).toBe(1)
  })

  test('fails when nothing is signed', async () => {
    const plain: Handlers = { udp: (query, send) => send(answerTo(query)) }
    const { answer } = await ask('min_signature_lifetime: 1d', { handlers: plain })
    expect(answer.value('probe_success')).toBe(0)
    expect(answer.log).toContain('min_signature_lifetime: the answer has no signature')
  })
})

describe('require_ad', () => {
  const adBit = 0x20
  const resolver = (flags: number, rcode = 0, ede?: string): Handlers => ({
    udp: (query, send) => {
      const additional = ede === undefined ? [] : [{ owner: '.', type: 41, class: 1232, ttl: 0, rdata: ede }]
      send(answerTo(query, { flags: 0x80 | flags, rcode, additional }))
    },
  })

  test('asks for the flag and takes it', async () => {
    const { answer, server } = await ask('require_ad: true', { handlers: resolver(adBit) })
    expect(answer.value('probe_success')).toBe(1)
    expect(state(answer)).toEqual(['secure'])
    expect(server.udpQueries[0]!.readUInt16BE(2) & adBit).toBe(adBit)
  })

  test('fails without it', async () => {
    const { answer } = await ask('require_ad: true', { handlers: resolver(0) })
    expect(answer.value('probe_success')).toBe(0)
    expect(state(answer)).toEqual(['insecure'])
    expect(answer.value('probe_dns_failure', { reason: 'dnssec' })).toBe(1)
    expect(answer.log).toContain('the AD flag is not set')
  })

  test.each([
    [6, 'bogus'],
    [7, 'expired'],
    [8, 'not_yet_valid'],
    [9, 'key_missing'],
    [10, 'bogus'],
    [22, 'insecure'],
  ])('the extended error %d means %s', async (code, status) => {
    const ede = `000f 0002 ${code.toString(16).padStart(4, '0')}`
    const { answer } = await ask('require_ad: true', { handlers: resolver(0, 2, ede) })
    expect(state(answer)).toEqual([status])
    expect(answer.value('probe_dns_failure', { reason: 'rcode' })).toBe(1)
    expect(answer.value('probe_dns_check', { check: 'dnssec' })).toBe(0)
  })
})

test('signatures that nobody checks still tell their times', async () => {
  await using server = await startDns(fromLab)
  const yaml =
    'modules: {m: {prober: dns, dns: {query_name: www.ed25519.test, query_type: A, preferred_ip_protocol: ip4, edns: {do: true}}}}'
  const answer = await probe(yaml, { target: server.target, module: 'm' }, { now: () => midYear })
  expect(answer.value('probe_dns_rrsig_earliest_expiry_timestamp_seconds')).toBe(ends)
  expect(answer.names).not.toContain('probe_dns_dnssec')
  expect(answer.value('probe_dns_check', { check: 'dnssec' })).toBeUndefined()
})
