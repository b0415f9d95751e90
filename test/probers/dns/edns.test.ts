import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { options } from '../../../src/probers/dns/options.ts'
import { extendedErrorName, readEdnsOptions, writeClientSubnet } from '../../../src/probers/dns/wire/edns-options.ts'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { probe } from '../../support/probe.ts'
import { a, answerTo, type Shape } from './build.ts'
import { type Handlers, reply, startDns } from './dns-server.ts'
import { replyOverHttp, startDoh, startDot } from './encrypted-servers.ts'
import { answers } from './vectors.ts'

const read = (...given: readonly (readonly [code: number, hex: string])[]) =>
  readEdnsOptions({ options: given.map(([code, hex]) => ({ code, data: Buffer.from(hex, 'hex') })) })

const ascii = (text: string) => Buffer.from(text).toString('hex')

describe('options of an answer', () => {
  test.each([
    [ascii('fixture-ns1'), 'fixture-ns1'],
    [ascii('a b"c'), 'a b"c'],
    [ascii('a\\b'), 'a\\\\b'],
    ['00ff0a7f', '\\000\\255\\010\\127'],
    [ascii('x'.repeat(70)), 'x'.repeat(64)],
    ['', undefined],
  ])('NSID %s', (hex, nsid) => {
    expect(read([3, hex])).toMatchObject({ nsid, malformed: [] })
  })

  test.each([
    ['00011814c00002', { family: 4, sourcePrefix: 24, scopePrefix: 20 }],
    ['00010000', { family: 4, sourcePrefix: 0, scopePrefix: 0 }],
    ['0001200fc0000201', { family: 4, sourcePrefix: 32, scopePrefix: 15 }],
    ['0002383020010db8000000', { family: 6, sourcePrefix: 56, scopePrefix: 48 }],
  ])('client subnet %s', (hex, expected) => {
    expect(read([8, hex])).toMatchObject({ clientSubnet: expected, malformed: [] })
  })

  test.each<[number, string, string]>([
    [8, 'no family', '000318000102'],
    [8, 'a prefix longer than the address', '00012100c000020100'],
    [8, 'a scope longer than the address', '00011821c00002'],
    [8, 'a prefix longer than an IPv6 address', '00028100'],
    [8, 'too many octets', '00011800c0000201'],
    [8, 'too few octets', '00011800c000'],
    [8, 'half a head', '000118'],
    [8, 'nothing', ''],
    [10, 'nothing', ''],
    [10, 'seven octets', '01020304050607'],
    [10, 'nine octets', '010203040506070809'],
    [10, 'fifteen octets', '00'.repeat(15)],
    [10, 'forty-one octets', '00'.repeat(41)],
    [15, 'nothing', ''],
    [15, 'one octet', '00'],
  ])('broken, of code %i: %s', (code, _what, hex) => {
    expect(read([code, hex])).toEqual({
      nsid: undefined,
      clientSubnet: undefined,
      cookie: undefined,
      extendedErrors: [],
      malformed: [code],
    })
  })

  test.each([8, 16, 24, 40])('a cookie of %i octets', bytes => {
    expect(read([10, '07'.repeat(bytes)]).cookie).toHaveLength(bytes)
  })

  test('extended errors, several and in order', () => {
    const { extendedErrors, malformed } = read([15, '0009'], [15, `0016${ascii('at 192.0.2.1\n')}`], [15, 'ffff'])
    expect(extendedErrors).toEqual([
      { code: 9, name: 'DNSKEY Missing', text: '' },
      { code: 22, name: 'No Reachable Authority', text: 'at 192.0.2.1\ufffd' },
      { code: 65_535, name: 'EDE65535', text: '' },
    ])
    expect(malformed).toEqual([])
  })

  test('the text of an extended error is cut, and what is no UTF-8 replaced', () => {
    expect(read([15, `0000${ascii('x'.repeat(1000))}`]).extendedErrors[0]?.text).toHaveLength(64)
    expect(read([15, '0000ff']).extendedErrors[0]?.text).toBe('\ufffd')
  })

  test('the first of a kind counts, broken ones for nothing, unknown ones and padding not at all', () => {
    const told = read([8, '00'], [3, ''], [3, ascii('one')], [3, ascii('two')], [12, '0000'], [65_001, '01'])
    expect(told).toMatchObject({ nsid: 'one', clientSubnet: undefined, malformed: [8] })
  })

  test('of captured answers', () => {
    const told = answers.flatMap(([label, octets]) => {
      const { edns } = readMessage(octets)
      return edns === undefined || edns.options.length === 0 ? [] : [{ label, ...readEdnsOptions(edns) }]
    })
    expect(told).toMatchObject([
      { nsid: 'fixture-ns1', malformed: [] },
      {
        extendedErrors: [{ code: 9, text: expect.stringMatching(/^validation failure <a\.expired\.test\. A IN>/) }],
        malformed: [],
      },
    ])
    expect(told[0]?.cookie).toHaveLength(24)
  })

  test('any octets make no exception, and texts of bounded size that print', () => {
    const option = fc.record({
      code: fc.oneof(fc.constantFrom(3, 8, 10, 12, 15), fc.nat(65_535)),
      data: fc.uint8Array({ maxLength: 300 }).map(octets => Buffer.from(octets)),
    })
    fc.assert(
      fc.property(fc.array(option, { maxLength: 8 }), given => {
        const { nsid = '', extendedErrors } = readEdnsOptions({ options: given })
        expect(nsid.length).toBeLessThanOrEqual(4 * 64)
        expect(nsid).toMatch(/^[ -~]*$/)
        for (const { text } of extendedErrors) {
          expect(text.length).toBeLessThanOrEqual(64)
          expect(text.isWellFormed()).toBe(true)
        }
      }),
    )
  })

  test('names of extended errors', () => {
    expect([0, 6, 24, 30].map(extendedErrorName)).toEqual([
      'Other Error',
      'DNSSEC Bogus',
      'Invalid Data',
      'Invalid Query Type',
    ])
    expect(extendedErrorName(31)).toBe('EDE31')
  })
})

describe('client subnets in queries have no bits behind the prefix', () => {
  test.each([
    ['192.0.2.0/24', '00011800c00002'],
    ['192.0.255.77/20', '00011400c000f0'],
    ['255.255.255.255/1', '0001010080'],
    ['192.0.2.77/32', '00012000c000024d'],
    ['0.0.0.0/0', '00010000'],
    ['2001:db8::/32', '0002200020010db8'],
    ['2001:db8:ffff:ffff::1/49', '0002310020010db8ffff80'],
    ['::1/128', `00028000${'00'.repeat(15)}01`],
    ['::/0', '00020000'],
  ])('%s', (client_subnet, hex) => {
    const { edns } = options.parse({ query_name: 'x', edns: { client_subnet } })
    if (edns === false || edns.client_subnet === undefined) throw new Error('there is no subnet')
    expect(writeClientSubnet(edns.client_subnet.subnet).toString('hex')).toBe(hex)
  })
})

const section = (extra: object) => ({
  query_name: 'www.example.org',
  query_type: 'A',
  preferred_ip_protocol: 'ip4',
  tls_config: { insecure_skip_verify: true },
  ...extra,
})

const run = (target: string, extra: object) =>
  probe(JSON.stringify({ modules: { m: { prober: 'dns', timeout: '5s', dns: section(extra) } } }), {
    target,
    module: 'm',
  })

async function ask(handlers: Handlers, extra: object) {
  await using server = await startDns(handlers)
  return { answer: await run(server.target, extra), server }
}

const opt = (rdata: string, ttl = 0) => ({ owner: '.', type: 41, class: 1232, ttl, rdata })

const option = (code: number, hex: string) =>
  code.toString(16).padStart(4, '0') + (hex.length / 2).toString(16).padStart(4, '0') + hex

const answering =
  (shape: (query: Buffer) => Shape): NonNullable<Handlers['udp']> =>
  (query, send) =>
    send(answerTo(query, shape(query)))

const optionsOf = (query: Buffer) =>
  readMessage(query).edns?.options.map(({ code, data }) => [code, data.toString('hex')] as const) ?? []

const cookieOf = (query: Buffer) => optionsOf(query).find(([code]) => code === 10)?.[1] ?? ''

describe('queries', () => {
  test('ask for the NSID unless told otherwise', async () => {
    const { server } = await ask({ udp: answering(() => ({})) }, {})
    expect(optionsOf(server.udpQueries[0]!)).toEqual([[3, '']])
    const { server: without } = await ask({ udp: answering(() => ({})) }, { edns: { nsid: false } })
    expect(optionsOf(without.udpQueries[0]!)).toEqual([])
  })

  test('have what the module says', async () => {
    const edns = { do: true, client_subnet: '192.0.2.77/24', cookie: true, padding: 128 }
    const { server } = await ask({ udp: answering(() => ({})) }, { edns, checking_disabled: true })
    const [query] = server.udpQueries
    const { edns: sent, flags } = readMessage(query!)
    expect(sent).toMatchObject({ dnssecOk: true, udpBytes: 1232, version: 0 })
    expect(flags).toMatchObject({ rd: true, cd: true, ad: false })
    expect(query!.length).toBe(128)
    const [nsid, subnet, cookie, padding] = optionsOf(query!)
    expect([nsid, subnet]).toEqual([
      [3, ''],
      [8, '00011800c00002'],
    ])
    expect(cookie?.[1]).toMatch(/^[0-9a-f]{16}$/)
    expect(padding?.[0]).toBe(12)
  })

  test.each<[object, number]>([
    [{}, 0x0100],
    [{ flags: { require: ['aa'] } }, 0x0100],
    [{ flags: { require: ['ad'] } }, 0x0120],
    [{ flags: { forbid: ['ad'] } }, 0x0120],
    [{ dnssec: { require_ad: true } }, 0x0120],
    [{ dnssec: { require_ad: true }, edns: false, recursion_desired: false }, 0x0020],
  ])('ask for AD where it matters: %j', async (extra, bits) => {
    const { server } = await ask({ udp: answering(() => ({})) }, extra)
    expect(server.udpQueries[0]?.readUInt16BE(2)).toBe(bits)
  })

  test('have another cookie each time', async () => {
    const cookies = new Set<string>()
    for (let round = 0; round < 3; round++) {
      const { server } = await ask({ udp: answering(() => ({})) }, { edns: { cookie: true } })
      cookies.add(cookieOf(server.udpQueries[0]!))
    }
    expect(cookies.size).toBe(3)
  })

  test.each(['dot', 'doh'])('are padded over %s', async transport => {
    await using dot = await startDot((query, socket) => reply(socket, answerTo(query)))
    await using doh = await startDoh((query, response) => replyOverHttp(response, answerTo(query)))
    const target = `127.0.0.1:${transport === 'dot' ? dot.port : doh.port}`
    const answer = await run(target, { transport, edns: { padding: 128 } })
    expect(answer.value('probe_success'), answer.log).toBe(1)
    expect((transport === 'dot' ? dot.queries[0] : doh.asked[0]?.query)?.length).toBe(128)
  })
})

describe('what the options of an answer tell', () => {
  test('is in the metrics', async () => {
    const rdata = [
      option(3, ascii('lhr "1"')),
      option(8, '00011814c00002'),
      option(15, `0012${ascii('ads')}`),
      option(15, '0003'),
      option(15, '7777'),
    ]
    const { answer } = await ask(
      { udp: answering(() => ({ answer: [a('192.0.2.1')], additional: [opt(rdata.join(''))] })) },
      { edns: { client_subnet: '192.0.2.0/24' } },
    )
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_nsid_info', { nsid: 'lhr "1"' })).toBe(1)
    expect(answer.value('probe_dns_ecs_scope_prefix_length')).toBe(20)
    const errors = answer.series.filter(({ name }) => name === 'probe_dns_ede')
    expect(errors.map(({ labels }) => [labels.code, labels.name])).toEqual([
      ['18', 'Prohibited'],
      ['3', 'Stale Answer'],
      ['30583', 'EDE30583'],
    ])
    expect(answer.value('probe_dns_additional_rrs')).toBe(0)
    expect(answer.names).not.toContain('probe_dns_cookie_echoed')
    expect(answer.log).toContain('text=ads')
  })

  test('is absent when the answer has none', async () => {
    const { answer } = await ask({ udp: answering(() => ({})) }, {})
    for (const name of ['nsid_info', 'ede', 'ecs_scope_prefix_length', 'cookie_echoed']) {
      expect(answer.names).not.toContain(`probe_dns_${name}`)
    }
  })

  test('is bounded: extended errors without end', async () => {
    const rdata = Array.from({ length: 200 }, (_, code) => option(15, (1000 + code).toString(16).padStart(4, '0')))
    const { answer } = await ask({ udp: answering(() => ({ additional: [opt(rdata.join(''))] })) }, {})
    expect(answer.series.filter(({ name }) => name === 'probe_dns_ede')).toHaveLength(10)
  })

  test('an option longer than its record loses the message', async () => {
    const { answer } = await ask({ udp: answering(() => ({ additional: [opt('000300ff')] })) }, {})
    expect(answer.value('probe_dns_failure', { reason: 'malformed' })).toBe(1)
  })
})

describe('cookies', () => {
  const edns = { cookie: true, nsid: false }
  const server = '1122334455667788'
  const withCookie = (rcode: number, cookie: string): Shape => ({
    rcode: rcode & 15,
    additional: [opt(option(10, cookie), (rcode >> 4) * 2 ** 24)],
  })

  test.each<[string, (query: Buffer) => Shape, number]>([
    ['the same', query => withCookie(0, cookieOf(query)), 1],
    ['the same and one of the server', query => withCookie(0, cookieOf(query) + server), 1],
    ['another', () => withCookie(0, '0102030405060708'), 0],
    ['a broken one', query => withCookie(0, cookieOf(query).slice(2)), 0],
    ['none', () => ({}), 0],
  ])('echoed: %s', async (_case, shape, expected) => {
    const { answer } = await ask({ udp: answering(shape) }, { edns })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_cookie_echoed')).toBe(expected)
  })

  /** A server that wants to see its own cookie. */
  const strict = answering(query =>
    cookieOf(query).endsWith(server) ? withCookie(0, cookieOf(query)) : withCookie(23, cookieOf(query) + server),
  )

  test('BADCOOKIE: the query is sent again with that of the server', async () => {
    const { answer, server: asked } = await ask({ udp: strict }, { edns })
    expect(answer.value('probe_success'), answer.log).toBe(1)
    expect(answer.value('probe_dns_rcode')).toBe(0)
    expect(answer.value('probe_dns_cookie_echoed')).toBe(1)
    expect(answer.value('probe_dns_attempts')).toBe(1)
    const [first, second] = asked.udpQueries
    expect(asked.udpQueries).toHaveLength(2)
    expect(cookieOf(second!)).toBe(cookieOf(first!) + server)
    expect(second!.readUInt16BE()).not.toBe(first!.readUInt16BE())
  })

  test.each<[string, object, (query: Buffer) => Shape, number]>([
    ['when it says so again', { edns }, query => withCookie(23, cookieOf(query).slice(0, 16) + server), 2],
    ['with the cookie of somebody else', { edns }, () => withCookie(23, `0102030405060708${server}`), 1],
    ['without a cookie of its own', { edns }, query => withCookie(23, cookieOf(query)), 1],
    ['when we sent none', {}, () => withCookie(23, `0102030405060708${server}`), 1],
  ])('BADCOOKIE fails the probe %s', async (_case, extra, shape, queries) => {
    const { answer, server: asked } = await ask({ udp: answering(shape) }, extra)
    expect(answer.value('probe_dns_failure', { reason: 'rcode' })).toBe(1)
    expect(answer.value('probe_dns_rcode_info', { rcode: 'BADCOOKIE' })).toBe(1)
    expect(answer.value('probe_dns_rcode')).toBe(23)
    expect(asked.udpQueries).toHaveLength(queries)
  })

  test('BADCOOKIE is a success when the module wants it', async () => {
    const { answer, server: asked } = await ask({ udp: strict }, { edns, valid_rcodes: ['BADCOOKIE'] })
    expect(answer.value('probe_success')).toBe(1)
    expect(asked.udpQueries).toHaveLength(1)
  })

  test('BADVERS is a response code like any other', async () => {
    const { answer } = await ask({ udp: answering(() => ({ additional: [opt('', 2 ** 24)] })) }, {})
    expect(answer.value('probe_dns_failure', { reason: 'rcode' })).toBe(1)
    expect(answer.value('probe_dns_rcode')).toBe(16)
  })
})
