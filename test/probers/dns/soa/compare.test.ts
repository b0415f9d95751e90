import { describe, expect, test } from 'vitest'
import { pemFile } from '../../../support/identities.ts'
import { probe } from '../../../support/probe.ts'
import { a, answerTo, name, type Rr, type Shape } from '../build.ts'
import { closedPort, type Handlers, reply, startDns } from '../dns-server.ts'
import { replyOverHttp, startDoh } from '../encrypted-servers.ts'

const aa = 0x0400
const zone = 'example.test'

const soa = (serial: number, owner = zone): Rr => ({
  owner,
  type: 6,
  rdata: `${name('ns')}${name('h')}${serial.toString(16).padStart(8, '0')}${'00000001'.repeat(4)}`,
})

/** Answers over UDP like a server of the zone; the second shape is for queries of NS records. */
const serving = (shape: Shape, ns: Shape = {}): NonNullable<Handlers['udp']> => {
  return (query, send) => send(answerTo(query, query.at(-3 - optBytes(query)) === 2 ? ns : shape))
}

// The type stands before the class, and both before the OPT record.
const optBytes = (query: Buffer) => (query.readUInt16BE(10) === 0 ? 0 : 15)

const at = (serial: number, flags = aa): Shape => ({ flags, answer: [soa(serial)] })

const yaml = (options: string, timeout = '5s', more = '') =>
  `modules: {m: {prober: dns, timeout: ${timeout}, dns: {query_name: ${zone}, query_type: SOA, preferred_ip_protocol: ip4,
    ${more} soa: ${options}}}}`

const listed = (...servers: readonly string[]) => `{servers: [${servers.map(each => JSON.stringify(each)).join(', ')}]}`

describe('a list of servers', () => {
  test('that agree', async () => {
    await using first = await startDns({ udp: serving(at(7)) })
    await using second = await startDns({ udp: serving(at(7)) })
    const answer = await probe(yaml(listed(second.target)), { target: first.target, module: 'm' })
    expect(answer.value('probe_success')).toBe(1)
    for (const server of [first.target, second.target]) {
      expect(answer.value('probe_dns_server_up', { server })).toBe(1)
      expect(answer.value('probe_dns_server_serial', { server })).toBe(7)
      expect(answer.value('probe_dns_server_authoritative', { server })).toBe(1)
    }
    expect(answer.value('probe_dns_serial')).toBe(7)
    expect(answer.value('probe_dns_serial_lag')).toBe(0)
    expect(answer.value('probe_dns_servers_consistent')).toBe(1)
    expect(answer.value('probe_dns_check', { check: 'serial' })).toBe(1)
    expect([first, second].map(({ udpQueries }) => udpQueries.length)).toEqual([1, 1])
  })

  test('the target may be among them', async () => {
    await using first = await startDns({ udp: serving(at(7)) })
    const server = `localhost:${first.port}`
    const answer = await probe(yaml(listed(server)), { target: first.target, module: 'm' })
    expect(answer.series.filter(({ name }) => name === 'probe_dns_server_up')).toEqual([
      { name: 'probe_dns_server_up', labels: { server }, value: 1 },
    ])
  })

  test.each([
    ['{max_serial_lag: 99,', 0],
    ['{max_serial_lag: 100,', 1],
  ])('one of which is 100 behind: %s', async (limit, success) => {
    await using first = await startDns({ udp: serving(at(40)) })
    await using second = await startDns({ udp: serving(at(2 ** 32 - 60)) })
    const options = listed(second.target).replace('{', limit)
    const answer = await probe(yaml(options), { target: first.target, module: 'm' })
    expect(answer.value('probe_success')).toBe(success)
    expect(answer.value('probe_dns_serial_lag')).toBe(100)
    expect(answer.value('probe_dns_servers_consistent')).toBe(success)
    expect(answer.value('probe_dns_check', { check: 'serial' })).toBe(success)
    expect(answer.reason).toBe(success === 1 ? undefined : 'content')
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(success === 1 ? undefined : 1)
  })

  test.each([
    ['is not authoritative', at(7, 0), '', { up: 1, authoritative: 0, serial: 7 }, 'the answer is not authoritative'],
    [
      'is not authoritative, and need not be',
      at(7, 0),
      'require_aa: false,',
      { up: 1, authoritative: 0, serial: 7 },
      undefined,
    ],
    ['refuses', { rcode: 5 }, '', { up: 1, authoritative: 0, serial: undefined }, 'it answers REFUSED'],
    [
      'has no SOA record',
      { flags: aa },
      '',
      { up: 1, authoritative: 1, serial: undefined },
      'no SOA record of the zone',
    ],
    [
      'has that of another zone',
      { flags: aa, answer: [soa(7, 'test')] },
      '',
      { up: 1, authoritative: 1, serial: undefined },
      'no SOA record',
    ],
    [
      'answers nonsense',
      { additional: Array(2).fill({ owner: '.', type: 41, rdata: '' }) },
      '',
      { up: 0, authoritative: undefined, serial: undefined },
      'two_opt',
    ],
  ] as const)('one of which %s', async (_what, shape, more, expected, message) => {
    await using first = await startDns({ udp: serving(at(7)) })
    await using second = await startDns({ udp: serving(shape) })
    const options = listed(second.target).replace('{', `{${more}`)
    const answer = await probe(yaml(options), { target: first.target, module: 'm' })
    const of = (what: string) => answer.value(`probe_dns_server_${what}`, { server: second.target })
    expect({ up: of('up'), authoritative: of('authoritative'), serial: of('serial') }).toEqual(expected)
    expect(answer.value('probe_success')).toBe(message === undefined ? 1 : 0)
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(message === undefined ? undefined : 1)
    expect(answer.value('probe_dns_server_up', { server: first.target })).toBe(1)
    if (message !== undefined) expect(answer.log).toContain(message)
  })

  test('some of which do not answer: the others do, and the deadline is kept', async () => {
    await using first = await startDns({ udp: serving(at(7)) })
    await using second = await startDns({ udp: serving(at(7)) })
    const silent = await Promise.all(Array.from({ length: 9 }, () => startDns({ udp: () => {} })))
    const closed = `127.0.0.1:${await closedPort()}`
    const servers = [...silent.map(({ target }) => target), closed, second.target]
    const answer = await probe(yaml(listed(...servers), '2s'), { target: first.target, module: 'm' })
    for (const server of silent) await server[Symbol.asyncDispose]()
    expect(answer.reason).toBe('content')
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
    expect(answer.value('probe_duration_seconds')).toBeLessThan(2)
    const up = answer.series.filter(({ name }) => name === 'probe_dns_server_up')
    expect(up).toHaveLength(servers.length + 1)
    expect(
      up
        .filter(({ value }) => value === 1)
        .map(({ labels }) => labels.server)
        .sort(),
    ).toEqual([first.target, second.target].sort())
    expect(answer.value('probe_dns_servers_consistent')).toBe(0)
    expect(answer.value('probe_dns_serial_lag')).toBe(0)
  })

  test('one that loses a query is asked again', async () => {
    await using first = await startDns({ udp: serving(at(7)) })
    let asked = 0
    const answering = serving(at(7))
    await using second = await startDns({ udp: (query, send) => void (++asked > 1 && answering(query, send)) })
    const answer = await probe(yaml(listed(second.target), '3s', 'retries: 1,'), { target: first.target, module: 'm' })
    expect(answer.value('probe_success')).toBe(1)
    expect(asked).toBe(2)
  })

  test('over TCP', async () => {
    const tcp: Handlers = { tcp: (query, socket) => reply(socket, answerTo(query, at(7))) }
    await using first = await startDns(tcp)
    await using second = await startDns(tcp)
    const text = yaml(listed(second.target), '5s', 'transport: tcp,')
    const answer = await probe(text, { target: first.target, module: 'm' })
    expect(answer.value('probe_success')).toBe(1)
    expect(second.tcpQueries).toHaveLength(1)
  })

  test('one that the targets of the module leave out is not asked', async () => {
    await using first = await startDns({ udp: serving(at(7)) })
    await using second = await startDns({ udp: serving(at(7)) })
    const text = (...allow: readonly string[]) =>
      `targets: {allow: [${allow.map(each => `'${each}'`).join(', ')}]}\n${yaml(listed(second.target))}`
    const refused = await probe(text(first.target), { target: first.target, module: 'm' })
    expect([refused.status, refused.reason, second.udpQueries]).toEqual([200, 'denied', []])
    const admitted = await probe(text(first.target, second.target), { target: first.target, module: 'm' })
    expect(admitted.value('probe_success')).toBe(1)
  })

  test('one that the policy refuses is not asked, the others are', async () => {
    await using first = await startDns({ udp: serving(at(7)) })
    const options = listed('169.254.169.254')
    const answer = await probe(yaml(options), { target: first.target, module: 'm' })
    expect([answer.status, answer.reason]).toEqual([200, 'denied'])
    expect(answer.value('probe_dns_failure', { reason: 'other' })).toBe(1)
    expect(answer.value('probe_dns_server_up', { server: '169.254.169.254' })).toBeUndefined()
    expect(answer.value('probe_dns_server_up', { server: first.target })).toBe(1)
  })

  test('a name that nobody knows', async () => {
    await using first = await startDns({ udp: serving(at(7)) })
    const answer = await probe(yaml(listed('nowhere.invalid')), { target: first.target, module: 'm' })
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
    expect(answer.value('probe_dns_server_up', { server: 'nowhere.invalid' })).toBe(0)
  })
})

describe('the servers that NS records name', () => {
  const ns = (host: string): Rr => ({ owner: zone, type: 2, rdata: name(host) })
  const glue = (host: string, address: string): Rr => ({ ...a(address), owner: host })

  test('are asked at their glue, at the port of the target', async () => {
    const told: Shape = {
      flags: aa,
      answer: [ns('ns1.example.test'), ns('NS2.example.test')],
      additional: [
        glue('ns1.example.test', '127.0.0.1'),
        { owner: 'ns2.example.test', type: 28, rdata: '00000000000000000000000000000001' },
        glue('ns2.example.test', '127.0.0.2'),
      ],
    }
    await using first = await startDns({ udp: serving(at(7), told) })
    await using second = await startDns({ udp: serving(at(5)), host: '127.0.0.2', port: first.port })
    const answer = await probe(yaml('{from_ns: true}'), { target: first.target, module: 'm' })
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
    expect(answer.value('probe_dns_serial_lag')).toBe(2)
    const serials = answer.series.filter(each => each.name === 'probe_dns_server_serial')
    expect(Object.fromEntries(serials.map(({ labels, value }) => [labels.server, value]))).toEqual({
      'ns1.example.test.': 7,
      'NS2.example.test.': 5,
    })
    expect(second.udpQueries).toHaveLength(1)
  })

  test('are looked up without glue', async () => {
    await using first = await startDns({ udp: serving(at(7), { flags: aa, answer: [ns('localhost')] }) })
    const answer = await probe(yaml('{from_ns: true}'), { target: first.target, module: 'm' })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_server_serial', { server: 'localhost.' })).toBe(7)
  })

  test('are asked for again when there is no answer', async () => {
    const answering = serving(at(7), { flags: aa, answer: [ns('localhost')] })
    let asked = 0
    await using first = await startDns({ udp: (query, send) => void (++asked !== 2 && answering(query, send)) })
    const answer = await probe(yaml('{from_ns: true}', '3s', 'retries: 1,'), { target: first.target, module: 'm' })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_attempts')).toBe(1)
    expect(asked).toBe(4)
  })

  test('pass the policy', async () => {
    const told = {
      flags: aa,
      answer: [ns('ns1.example.test')],
      additional: [glue('ns1.example.test', '169.254.169.254')],
    }
    await using first = await startDns({ udp: serving(at(7), told) })
    const answer = await probe(yaml('{from_ns: true}'), { target: first.target, module: 'm' })
    expect([answer.status, answer.reason]).toEqual([200, 'denied'])
  })

  test('pass it by their names, too', async () => {
    const told = { flags: aa, answer: [ns('ns1.example.test')], additional: [glue('ns1.example.test', '127.0.0.1')] }
    await using first = await startDns({ udp: serving(at(7), told) })
    const reasonWith = async (rules: string) =>
      (await probe(`targets: {${rules}}\n${yaml('{from_ns: true}')}`, { target: first.target, module: 'm' })).reason
    expect(await reasonWith('deny: [NS1.example.test]')).toBe('denied')
    expect(await reasonWith('allow: [127.0.0.0/8]')).toBeUndefined()
  })

  test('are at most twenty', async () => {
    const names = Array.from({ length: 60 }, (_, at) => `ns${at}.example.test`)
    const told = { flags: aa, answer: names.map(ns), additional: names.map(each => glue(each, '127.0.0.1')) }
    await using first = await startDns({
      udp: serving(at(7), { flags: aa | 0x0200 }),
      tcp: (query, socket) => reply(socket, answerTo(query, told)),
    })
    const answer = await probe(yaml('{from_ns: true}'), { target: first.target, module: 'm' })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.series.filter(({ name }) => name === 'probe_dns_server_up')).toHaveLength(20)
  })

  test('are there at all', async () => {
    await using first = await startDns({ udp: serving(at(7), { flags: aa, answer: [{ ...ns('x'), owner: 'test' }] }) })
    const answer = await probe(yaml('{from_ns: true}'), { target: first.target, module: 'm' })
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
    expect(answer.log).toContain('no NS records of the zone')
  })

  test('a name that is no host name', async () => {
    await using first = await startDns({ udp: serving(at(7), { flags: aa, answer: [ns('a\\.b\\000\\255.test')] }) })
    const answer = await probe(yaml('{from_ns: true}'), { target: first.target, module: 'm' })
    expect(answer.value('probe_dns_server_up', { server: 'a\\.b\\000\\255.test.' })).toBe(0)
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
  })

  test.each(['ns.1', '[x.test', '%.test', 'xn--a'])('a name that no URL can have, over HTTPS: %s', async host => {
    const told = { flags: aa, answer: [ns(host)], additional: [glue(host, '127.0.0.1')] }
    const isNs = (query: Buffer) => query.at(-3 - optBytes(query)) === 2
    await using server = await startDoh((query, response) =>
      replyOverHttp(response, answerTo(query, isNs(query) ? told : at(7))),
    )
    const text = yaml('{from_ns: true}', '5s', `transport: doh, tls_config: {ca_file: ${pemFile('ca.crt')}},`)
    const answer = await probe(text, { target: `127.0.0.1:${server.port}`, module: 'm' })
    expect(answer.status).toBe(200)
    expect(answer.value('probe_dns_server_up', { server: `${host}.` })).toBe(0)
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
  })
})
