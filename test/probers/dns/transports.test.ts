import { createServer, type Socket } from 'node:net'
import { setImmediate as tick } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { identity, pemFile } from '../../support/identities.ts'
import { type Answer, probe } from '../../support/probe.ts'
import { a, answerTo, name, tc } from './build.ts'
import { closedPort, reply, startDns } from './dns-server.ts'
import { type DohHandler, hangUp, replyOverHttp, startDoh, startDot } from './encrypted-servers.ts'

/** Probes with a module of these options; the query is for an A record, and the test authority trusted. */
function ask(target: string, options: object, { timeout = '5s', query = {} } = {}): Promise<Answer> {
  const dns = {
    query_name: 'www.example.org',
    query_type: 'A',
    preferred_ip_protocol: 'ip4',
    tls_config: { ca_file: pemFile('ca.crt') },
    ...options,
  }
  const yaml = JSON.stringify({ modules: { m: { prober: 'dns', timeout, dns } } })
  return probe(yaml, { target, module: 'm', ...query })
}

const healthy = (query: Buffer) => answerTo(query, { flags: 0x0580, answer: [a('192.0.2.1', 60), a('192.0.2.2', 300)] })

const doh: DohHandler = (query, response) => replyOverHttp(response, healthy(query))

const phases = (answer: Answer) =>
  answer.series.flatMap(({ name, labels }) => (name === 'probe_dns_duration_seconds' ? [labels.phase] : [])).sort()

function expectSuccess(answer: Answer, transport: string) {
  expect(answer.status, answer.text).toBe(200)
  expect(answer.value('probe_success'), answer.log).toBe(1)
  expect(answer.value('probe_dns_query_succeeded')).toBe(1)
  expect(answer.value('probe_dns_answer_rrs')).toBe(2)
  expect(answer.value('probe_dns_attempts')).toBe(1)
  expect(answer.value('probe_dns_query_info', { transport })).toBe(1)
  expect(answer.names).not.toContain('probe_dns_failure')
}

function expectFailure(answer: Answer, shared: string, detail: string) {
  expect(answer.status, answer.text).toBe(200)
  expect(answer.value('probe_success')).toBe(0)
  expect([answer.reason, answer.value('probe_dns_failure', { reason: detail })], answer.log).toEqual([shared, 1])
  expect(answer.series.filter(series => series.name === 'probe_dns_failure')).toHaveLength(1)
}

function expectTls(answer: Answer) {
  expect(answer.value('probe_ssl_earliest_cert_expiry')).toBeGreaterThan(4e9)
  expect(answer.value('probe_tls_version_info', { version: 'TLS 1.3' })).toBe(1)
  expect(answer.value('probe_dns_duration_seconds', { phase: 'tls' })).toBeGreaterThan(0)
  expect(phases(answer)).toEqual(['connect', 'request', 'resolve', 'tls'])
}

describe('DNS over TLS', () => {
  test.each<[string, object]>([
    ['transport: dot', { transport: 'dot' }],
    ["blackbox_exporter's keys", { transport_protocol: 'tcp', dns_over_tls: true }],
  ])('asks by %s', async (_form, options) => {
    await using server = await startDot((query, socket) => reply(socket, healthy(query)))
    const answer = await ask(`localhost:${server.port}`, options)
    expectSuccess(answer, 'dot')
    expectTls(answer)
    expect(answer.value('probe_ssl_verified')).toBe(1)
    expect(server.handshakes).toEqual([{ alpn: 'dot', name: 'localhost' }])
    expect(readMessage(server.queries[0]!).questions).toMatchObject([{ type: 1, class: 1 }])
    expect(answer.value('probe_dns_response_bytes')).toBe(healthy(server.queries[0]!).length)
  })

  test('verifies the address of a target without a name, and sends no name then', async () => {
    await using server = await startDot((query, socket) => reply(socket, healthy(query)))
    expectSuccess(await ask(`tls://127.0.0.1:${server.port}`, { transport: 'dot' }), 'dot')
    expect(server.handshakes).toEqual([{ alpn: 'dot', name: false }])
  })

  test('does not insist on ALPN', async () => {
    await using server = await startDot((query, socket) => reply(socket, healthy(query)), { ALPNProtocols: undefined })
    expectSuccess(await ask(`localhost:${server.port}`, { transport: 'dot' }), 'dot')
    expect(server.handshakes[0]?.alpn).toBe(false)
  })

  test.each<[string, string, string[], object]>([
    ['another name', 'other-name', [], {}],
    ['an unknown authority', 'server', ['intermediate.crt'], { ca_file: pemFile('other-ca.crt') }],
    ['an expired certificate', 'expired', [], {}],
    ['another name than server_name', 'server', ['intermediate.crt'], { server_name: 'dns.example' }],
  ])('refuses %s, and tells what it saw', async (_case, cert, chain, tls) => {
    await using server = await startDot(() => {}, identity(cert, ...chain))
    const tls_config = { ca_file: pemFile('ca.crt'), ...tls }
    const answer = await ask(`localhost:${server.port}`, { transport: 'dot', tls_config })
    expectFailure(answer, 'tls', 'tls_certificate')
    expect(answer.value('probe_tls_version_info', { version: 'TLS 1.3' })).toBe(1)
    expect(answer.value('probe_ssl_verified')).toBe(0)
    expect(answer.names).toContain('probe_ssl_earliest_cert_expiry')
    expect(server.queries).toEqual([])
  })

  test('takes any certificate when told so, and server_name for the target', async () => {
    await using server = await startDot((query, socket) => reply(socket, healthy(query)), identity('self-signed'))
    const tls_config = { insecure_skip_verify: true, server_name: 'dns.sonde.test' }
    expectSuccess(await ask(`localhost:${server.port}`, { transport: 'dot', tls_config }), 'dot')
    expect(server.handshakes[0]?.name).toBe('dns.sonde.test')
  })

  test('shows a client certificate, and says when it is missed', async () => {
    const options = { requestCert: true, rejectUnauthorized: true, ca: identity('ca').cert }
    await using server = await startDot((query, socket) => reply(socket, healthy(query)), options)
    const ca_file = pemFile('ca.crt')
    const files = { cert_file: pemFile('client.crt'), key_file: pemFile('client.key') }
    expectSuccess(await ask(`localhost:${server.port}`, { transport: 'dot', tls_config: { ca_file, ...files } }), 'dot')
    const without = await ask(`localhost:${server.port}`, { transport: 'dot', tls_config: { ca_file } })
    expectFailure(without, 'tls', 'tls_handshake')
  })

  test.each<[string, (query: Buffer, socket: Socket) => void, shared: string, detail: string]>([
    ['half a frame', (_, socket) => void socket.write(Buffer.from([0, 9, 1])), 'timeout', 'timeout'],
    ['silence', () => {}, 'timeout', 'timeout'],
    ['a close inside a frame', (_, socket) => void socket.end(Buffer.from([0, 9, 1])), 'connect', 'closed'],
    ['a close', (_, socket) => void socket.end(), 'connect', 'closed'],
    [
      'another ID',
      (query, socket) => reply(socket, answerTo(query, { id: query.readUInt16BE() ^ 1 })),
      'protocol',
      'mismatch',
    ],
    ['a broken message', (query, socket) => reply(socket, healthy(query).subarray(0, -1)), 'protocol', 'malformed'],
    ['a truncated answer', (query, socket) => reply(socket, answerTo(query, { flags: tc })), 'protocol', 'truncated'],
    ['another rcode', (query, socket) => reply(socket, answerTo(query, { rcode: 5 })), 'status', 'rcode'],
  ])('fails on %s', async (_case, handler, shared, detail) => {
    await using server = await startDot(handler)
    const timeout = shared === 'timeout' ? '300ms' : '5s'
    expectFailure(await ask(`localhost:${server.port}`, { transport: 'dot' }, { timeout }), shared, detail)
  })

  test('one octet at a time', async () => {
    await using server = await startDot(async (query, socket) => {
      const octets = healthy(query)
      for (const octet of [octets.length >> 8, octets.length & 255, ...octets]) {
        socket.write(Buffer.from([octet]))
        await tick()
      }
    })
    expectSuccess(await ask(`localhost:${server.port}`, { transport: 'dot' }), 'dot')
  })
})

test.each(['dot', 'doh', 'doh_http1'])('one octet now and then over %s, until the deadline', async transport => {
  const drip = (write: (octets: Buffer) => unknown, gone: (stop: () => void) => unknown) => {
    const timer = setInterval(() => write(Buffer.from([1])), 20)
    gone(() => clearInterval(timer))
  }
  await using dot = await startDot((_, socket) =>
    drip(
      octets => socket.write(octets),
      stop => socket.on('close', stop),
    ),
  )
  await using http = await startDoh((_, response) => {
    response.writeHead(200, { 'content-type': 'application/dns-message' })
    drip(
      octets => response.write(octets),
      stop => response.on('close', stop),
    )
  })
  const port = transport === 'dot' ? dot.port : http.port
  const answer = await ask(`localhost:${port}`, { transport }, { timeout: '500ms' })
  expectFailure(answer, 'timeout', 'timeout')
  expect(answer.value('probe_duration_seconds')).toBeLessThan(1)
})

/** A server that says something else than TLS to whoever connects. */
async function startRaw(handler: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    handler(socket)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

describe.each(['dot', 'doh', 'doh_http1'])('the handshake of %s', transport => {
  test.each<[string, (socket: Socket) => void, shared: string, detail: string]>([
    ['garbage', socket => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'tls', 'tls_handshake'],
    ['an end at once', socket => void socket.end(), 'tls', 'tls_handshake'],
    ['silence', () => {}, 'timeout', 'timeout'],
  ])('%s', async (_case, handler, shared, detail) => {
    await using server = await startRaw(handler)
    const timeout = shared === 'timeout' ? '300ms' : '5s'
    const answer = await ask(`127.0.0.1:${server.port}`, { transport }, { timeout })
    expectFailure(answer, shared, detail)
    expect(answer.names).not.toContain('probe_ssl_earliest_cert_expiry')
    expect(phases(answer)).toContain('tls')
  })

  test('a closed port', async () => {
    expectFailure(await ask(`127.0.0.1:${await closedPort()}`, { transport }), 'connect', 'connect_refused')
  })

  test('files of tls_config that are not there', async () => {
    const tls_config = { ca_file: '/does/not/exist' }
    const answer = await ask('127.0.0.1', { transport, tls_config })
    expectFailure(answer, 'not_found', 'other')
  })
})

describe('DNS over HTTPS', () => {
  test.each<[version: string, transport: string, method: string, server: object]>([
    ['2.0', 'doh', 'POST', {}],
    ['2.0', 'doh', 'GET', {}],
    ['2.0', 'doh', 'POST', { http1: false }],
    ['1.1', 'doh', 'POST', { http2: false }],
    ['1.1', 'doh', 'GET', { http2: false }],
    ['1.1', 'doh_http1', 'POST', {}],
    ['1.1', 'doh_http1', 'GET', {}],
  ])('by HTTP/%s: %s, %s', async (version, transport, method, serverOptions) => {
    await using server = await startDoh(doh, serverOptions)
    const answer = await ask(`localhost:${server.port}`, { transport, doh: { method } })
    expectSuccess(answer, transport)
    expectTls(answer)
    expect(answer.value('probe_http_status_code')).toBe(200)
    const [asked] = server.asked
    expect(asked).toMatchObject({ version, method })
    expect(asked?.headers.accept).toBe('application/dns-message')
    expect(readMessage(asked!.query)).toMatchObject({ id: 0, questions: [{ type: 1, class: 1 }] })
    if (method === 'GET') {
      expect(asked?.path).toBe(`/dns-query?dns=${asked?.query.toString('base64url')}`)
    } else {
      expect(asked?.path).toBe('/dns-query')
      expect(asked?.headers['content-type']).toBe('application/dns-message')
      expect(asked?.headers['content-length']).toBe(String(asked?.query.length))
    }
  })

  test.each<[target: (port: number) => string, doh: object, path: string]>([
    [port => `https://localhost:${port}/resolve`, {}, '/resolve'],
    [port => `https://localhost:${port}/resolve`, { path: '/other' }, '/resolve'],
    [port => `https://localhost:${port}/a?key=b%20c`, {}, '/a?key=b%20c'],
    [port => `HTTPS://localhost:${port}`, { path: '/other' }, '/other'],
    [port => `https://localhost:${port}/`, {}, '/dns-query'],
    [port => `https://127.0.0.1:${port}/x`, {}, '/x'],
    [port => `127.0.0.1:${port}`, {}, '/dns-query'],
  ])('%s with %j asks at %s', async (target, options, path) => {
    await using server = await startDoh(doh)
    expectSuccess(await ask(target(server.port), { transport: 'doh', doh: options }), 'doh')
    expect(server.asked[0]?.path).toBe(path)
  })

  test('a GET adds to the query of a URL', async () => {
    await using server = await startDoh(doh)
    const target = `https://localhost:${server.port}/a?key=b`
    expectSuccess(await ask(target, { transport: 'doh', doh: { method: 'GET' } }), 'doh')
    expect(server.asked[0]?.path).toMatch(/^\/a\?key=b&dns=[\w-]+$/)
  })

  test.each(['POST', 'GET'])('HTTP/1.1 asked of a server that speaks HTTP/2 alone, by %s', async method => {
    await using server = await startDoh(doh, { http1: false })
    const answer = await ask(`localhost:${server.port}`, { transport: 'doh_http1', doh: { method } })
    expectFailure(answer, 'tls', 'tls_handshake')
  })

  const failures: [string, DohHandler, shared: string, detail: string][] = [
    ['HTTP 500', (_, response) => void response.writeHead(500).end(), 'status', 'http_status'],
    ['HTTP 404', (_, response) => void response.writeHead(404).end('no'), 'status', 'http_status'],
    ['HTTP 401', (_, response) => void response.writeHead(401).end(), 'auth', 'http_status'],
    ['HTTP 407', (_, response) => void response.writeHead(407).end(), 'auth', 'http_status'],
    [
      'a redirect',
      (_, response) => void response.writeHead(302, { location: 'https://localhost/' }).end(),
      'status',
      'http_status',
    ],
    ['no content type', (_, response) => void response.end(Buffer.alloc(12)), 'protocol', 'http_content_type'],
    [
      'a web page',
      (_, response) => replyOverHttp(response, Buffer.from('<p>'), 'text/html'),
      'protocol',
      'http_content_type',
    ],
    [
      'another type with that name in it',
      (query, response) => replyOverHttp(response, healthy(query), 'application/dns-message2'),
      'protocol',
      'http_content_type',
    ],
    ['an empty body', (_, response) => replyOverHttp(response, Buffer.alloc(0)), 'protocol', 'malformed'],
    [
      'HTTP 204',
      (_, response) => void response.writeHead(204, { 'content-type': 'application/dns-message' }).end(),
      'protocol',
      'malformed',
    ],
    ['65,536 octets', (_, response) => replyOverHttp(response, Buffer.alloc(65_536)), 'too_large', 'malformed'],
    [
      'half a message',
      (query, response) => replyOverHttp(response, healthy(query).subarray(0, -1)),
      'protocol',
      'malformed',
    ],
    ['another ID', (query, response) => replyOverHttp(response, answerTo(query, { id: 1 })), 'protocol', 'mismatch'],
    ['the query itself', (query, response) => replyOverHttp(response, query), 'protocol', 'mismatch'],
    [
      'a truncated answer',
      (query, response) => replyOverHttp(response, answerTo(query, { flags: tc })),
      'protocol',
      'truncated',
    ],
    ['another rcode', (query, response) => replyOverHttp(response, answerTo(query, { rcode: 2 })), 'status', 'rcode'],
    ['silence', () => {}, 'timeout', 'timeout'],
    [
      'a body without end',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/dns-message' })
        response.write(Buffer.alloc(20))
      },
      'timeout',
      'timeout',
    ],
    ['a hang-up', (_, response) => hangUp(response), 'connect', 'closed'],
    [
      'a body that breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/dns-message', 'content-length': '100' })
        response.write(Buffer.alloc(20), () => setImmediate(() => hangUp(response)))
      },
      'protocol',
      'malformed',
    ],
  ]
  describe.each(['doh', 'doh_http1'])('%s', transport => {
    test.each(failures)('fails on %s', async (_case, handler, shared, detail) => {
      await using server = await startDoh(handler)
      const timeout = shared === 'timeout' ? '400ms' : '5s'
      const answer = await ask(`localhost:${server.port}`, { transport }, { timeout })
      expectFailure(answer, shared, detail)
      expect(answer.value('probe_tls_version_info', { version: 'TLS 1.3' }), answer.text).toBe(
        ['silence', 'a hang-up'].includes(_case) ? undefined : 1,
      )
    })

    test('takes the largest message, and a content type with a parameter', async () => {
      const padding = { owner: '.', type: 65_280, rdata: '00'.repeat(65_535 - 12 - 21 - 11) }
      const handler: DohHandler = (query, response) => {
        const octets = answerTo(query, { additional: [padding] })
        expect(octets.length).toBe(65_535)
        replyOverHttp(response, octets, 'Application/DNS-Message; charset=x')
      }
      await using server = await startDoh(handler)
      const answer = await ask(`localhost:${server.port}`, { transport })
      expect(answer.value('probe_success'), answer.log).toBe(1)
      expect(answer.value('probe_dns_response_bytes')).toBe(65_535)
    })
  })

  test('refuses a certificate before it asks', async () => {
    await using server = await startDoh(doh, identity('expired'))
    const answer = await ask(`localhost:${server.port}`, { transport: 'doh' })
    expectFailure(answer, 'tls', 'tls_certificate')
    expect(answer.value('probe_ssl_verified')).toBe(0)
    expect(answer.names).toContain('probe_ssl_earliest_cert_expiry')
    expect(answer.names).not.toContain('probe_http_status_code')
    expect(server.asked).toEqual([])
  })

  test.each(['doh', 'doh_http1'])('%s shows a client certificate, and says when it is missed', async transport => {
    const options = { requestCert: true, rejectUnauthorized: true, ca: identity('ca').cert }
    await using server = await startDoh(doh, options)
    const ca_file = pemFile('ca.crt')
    const files = { cert_file: pemFile('client.crt'), key_file: pemFile('client.key') }
    const target = `localhost:${server.port}`
    expectSuccess(await ask(target, { transport, tls_config: { ca_file, ...files } }), transport)
    for (const tls_config of [{ ca_file }, { insecure_skip_verify: true }]) {
      const without = await ask(target, { transport, tls_config })
      expectFailure(without, 'tls', 'tls_handshake')
      expect(without.names).toContain('probe_ssl_earliest_cert_expiry')
    }
  })

  test('answers that are no HTTP', async () => {
    await using server = await startDot((_, socket) => void socket.end('SSH-2.0-x\r\n'), {
      ALPNProtocols: ['http/1.1'],
    })
    expectFailure(await ask(`localhost:${server.port}`, { transport: 'doh' }), 'protocol', 'malformed')
  })

  test('octets that are no HTTP/2', async () => {
    await using server = await startDot((_, socket) => void socket.write(Buffer.alloc(100, 0xff)), {
      ALPNProtocols: ['h2'],
    })
    expectFailure(await ask(`localhost:${server.port}`, { transport: 'doh' }), 'protocol', 'malformed')
  })
})

describe('source_ip_address', () => {
  test.each(['dot', 'doh'])('over %s', async transport => {
    await using dot = await startDot((query, socket) => reply(socket, healthy(query)))
    await using http = await startDoh(doh)
    const target = `localhost:${transport === 'dot' ? dot.port : http.port}`
    expectSuccess(await ask(target, { transport, source_ip_address: '127.0.0.1' }), transport)
    const absent = await ask(target, { transport, source_ip_address: '192.0.2.1' })
    expectFailure(absent, 'connect', 'unreachable')
    const other = await ask(target, { transport, source_ip_address: '::1', ip_protocol_fallback: false })
    expectFailure(other, 'connect', 'unreachable')
  })
})

test('tcp has no phase tls and no metrics of TLS', async () => {
  await using server = await startDns({ tcp: (query, socket) => reply(socket, healthy(query)) })
  const answer = await ask(server.target, { transport: 'tcp', tls_config: undefined })
  expectSuccess(answer, 'tcp')
  expect(phases(answer)).toEqual(['connect', 'request', 'resolve'])
  expect(answer.names).not.toContain('probe_tls_version_info')
})

describe('targets that do not fit the transport are a 400', () => {
  test.each([
    ['udp', 'https://dns.example/dns-query'],
    ['tcp', 'tls://dns.example'],
    ['dot', 'https://dns.example/dns-query'],
    ['doh', 'tls://dns.example'],
    ['doh', 'http://dns.example/dns-query'],
    ['doh', 'https://dns.example/dns-query#x'],
    ['doh', 'https://user@dns.example/dns-query'],
    ['doh', 'https:///dns-query'],
    ['doh', 'dns.example/dns-query'],
    ['dot', 'tls://dns.example/path'],
    ['dot', 'ftp://dns.example'],
  ])('%s: %s', async (transport, target) => {
    const answer = await ask(target, { transport, tls_config: undefined })
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('malformed target')])
  })

  test('and one that the policy refuses a 403', async () => {
    expect((await ask('https://169.254.169.254/', { transport: 'doh' })).status).toBe(403)
    expect((await ask('tls://[fe80::1]', { transport: 'dot' })).status).toBe(403)
  })
})

test('names with octets that need escapes go over each transport', async () => {
  const owner = 'a\\.b\\000.example.org'
  const named = (query: Buffer) => answerTo(query, { answer: [{ owner, type: 2, rdata: name(owner) }] })
  await using http = await startDoh((query, response) => replyOverHttp(response, named(query)))
  await using dot = await startDot((query, socket) => reply(socket, named(query)))
  for (const [transport, port] of [
    ['doh', http.port],
    ['dot', dot.port],
  ] as const) {
    const answer = await ask(`localhost:${port}`, {
      transport,
      query_name: owner,
      query_type: 'NS',
      validate_answer_rrs: { fail_if_none_matches_regexp: ['^a\\\\\\.b\\\\000\\.example\\.org\\.\\t'] },
    })
    expect(answer.value('probe_success'), answer.log).toBe(1)
  }
})
