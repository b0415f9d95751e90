import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reasons } from '../../../src/kit/failure.ts'
import { identity } from '../../support/identities.ts'
import { until } from '../../support/programs.ts'
import { serve, serveRaw, serveText } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { probeHttp } from './support.ts'

const ok = 'HTTP/1.1 200 OK\r\n'

describe('answers that break the rules', () => {
  test.each([
    ['nothing', '', 'connect'],
    ['garbage', '\x00\x01\x02garbage\r\n\r\n', 'protocol'],
    ['a greeting of another protocol', '220 mail.example.org ESMTP\r\n', 'protocol'],
    ['HTTP/0.9', '<html>hello</html>', 'protocol'],
    ['half a status line', 'HTTP/1.1 2', 'protocol'],
    ['a head that breaks off', `${ok}Content-Length: 5\r\nX: `, 'protocol'],
    ['a bad status', 'HTTP/1.1 abc OK\r\n\r\n', 'protocol'],
    ['a bad header', `${ok}Bad Header: x\r\n\r\n`, 'protocol'],
    ['a length that is none', `${ok}Content-Length: five\r\n\r\n12345`, 'protocol'],
    ['two lengths', `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\n12345`, 'protocol'],
    ['a body that breaks off', `${ok}Content-Length: 10\r\n\r\n12345`, 'protocol'],
    ['chunks that break off', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n`, 'protocol'],
    ['a bad chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\nzz\r\nmore`, 'protocol'],
    ['a header without an end', `${ok}X: ${'x'.repeat(300_000)}\r\n\r\n`, 'protocol'],
    ['headers without number', `${ok}${'X: y\r\n'.repeat(200_000)}\r\n`, 'protocol'],
    ['interim answers without end', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(1000), 'protocol'],
  ])('%s', async (_name, text, reason) => {
    await using server = await serveText(text)
    const answer = await probeHttp(server.host)
    expect([answer.status, answer.reason]).toEqual([200, reason])
  })

  test.each([
    ['HTTP/1.0, to its end', 'HTTP/1.0 200 OK\r\n\r\nhello', { version: 1, length: -1, read: 5 }],
    ['no reason phrase', 'HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello', { version: 1.1, length: 5, read: 5 }],
    ['one interim answer', `HTTP/1.1 103 Early Hints\r\n\r\n${ok}\r\nhello`, { version: 1.1, length: -1, read: 5 }],
    [
      'more than the length',
      `${ok}Content-Length: 5\r\nConnection: close\r\n\r\nhello, world`,
      { version: 1.1, length: 5, read: 5 },
    ],
    ['2,500 headers', `${ok}${'X-A: y\r\n'.repeat(2500)}Last: 1\r\n\r\nhello`, { version: 1.1, length: -1, read: 5 }],
  ])('fine all the same: %s', async (_name, text, expected) => {
    await using server = await serveText(text)
    const rules = text.includes('Last') ? { fail_if_header_not_matches: [{ header: 'last', regexp: '1' }] } : {}
    const answer = await probeHttp(server.host, rules)
    expect(answer.reason).toBeUndefined()
    expect({
      version: answer.value('probe_http_version'),
      length: answer.value('probe_http_content_length'),
      read: answer.value('probe_http_uncompressed_body_length'),
    }).toEqual(expected)
  })

  test.each([
    ['nothing', '', 'connect'],
    ['half a head', ok, 'protocol'],
  ])('over TLS: %s', async (_name, text, reason) => {
    const server = createServer(identity('server'), socket => socket.once('data', () => socket.end(text)))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const target = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const answer = await probeHttp(target, { tls_config: { insecure_skip_verify: true } })
    server.close()
    expect(answer.reason).toBe(reason)
  })

  test('a switch of protocols is an answer without a body', async () => {
    await using server = await serveText(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nmore',
    )
    const answer = await probeHttp(server.host, {
      valid_status_codes: [101],
      headers: { Connection: 'Upgrade', Upgrade: 'x' },
    })
    expect([answer.reason, answer.value('probe_http_status_code')]).toEqual([undefined, 101])
  })

  test('any octets: an ordinary answer of sonde, and the process lives', async () => {
    let text: Uint8Array = Buffer.alloc(0)
    await using server = await serveRaw(socket => socket.once('data', () => socket.end(text)))
    await using sonde = await startSonde('modules: {http_2xx: {prober: http, timeout: 2s, http: {compression: gzip}}}')
    const octets = fc.uint8Array({ maxLength: 300 })
    const head = fc
      .array(fc.constantFrom('Content-Length: 3', 'Transfer-Encoding: chunked', 'Location: /', 'X', ': y', 'A: \x01'))
      .map(lines => `HTTP/1.1 ${lines.length % 2 ? 200 : 302} OK\r\n${lines.join('\r\n')}\r\n\r\n`)
    await fc.assert(
      fc.asyncProperty(fc.oneof(octets, fc.tuple(head, octets)), async input => {
        text = Array.isArray(input) ? Buffer.concat([Buffer.from(input[0]), input[1]]) : input
        const response = await sonde.get(`/probe?target=${server.host}`)
        const reason = /reason="(\w+)"/.exec(await response.text())?.[1]
        expect(response.status).toBe(200)
        expect([undefined, ...reasons]).toContain(reason)
        expect(reason).not.toBe('timeout')
      }),
      { numRuns: 150 },
    )
  })
})

describe('the deadline, in every phase', () => {
  const trickle = (start: string, part: string) => (socket: Socket) => {
    socket.write(start)
    const timer = setInterval(() => socket.write(part), 20)
    socket.on('close', () => clearInterval(timer))
  }

  test.each([
    ['processing: silence', () => serveRaw(() => {}), 'http', 'processing', 0, 0],
    ['processing: a head that never ends', () => serveRaw(trickle(ok, 'X: y\r\n')), 'http', 'processing', 0, 0],
    ['transfer: a body that never ends', () => serveRaw(trickle(`${ok}\r\n`, 'x')), 'http', 'transfer', 200, 1],
    ['tls: silence', () => serveRaw(() => {}), 'https', 'tls', 0, 0],
    ['processing over TLS', () => serve(() => {}, identity('server', 'intermediate.crt')), 'https', 'processing', 0, 0],
  ] as const)('%s', async (_name, start, scheme, phase, status, least) => {
    await using server = await start()
    const options = { tls_config: { insecure_skip_verify: true } }
    const answer = await probeHttp(`${scheme}://${server.host}`, options, { timeout: '300ms' })
    expect([answer.status, answer.reason]).toEqual([200, 'timeout'])
    expect(answer.log).toContain(`phase=${phase}`)
    expect(answer.value('probe_duration_seconds')).toBeLessThan(0.6)
    expect(answer.value('probe_http_duration_seconds', { phase })).toBeGreaterThan(0.15)
    expect(answer.value('probe_http_status_code')).toBe(status)
    expect(answer.value('probe_http_uncompressed_body_length')).toBeGreaterThanOrEqual(least)
    await until(() => server.connections.size === 0, 2000)
  })

  test('one deadline for all redirects', async () => {
    await using server = await serve((_request, response) => {
      setTimeout(() => response.writeHead(302, { location: '/again' }).end(), 60)
    })
    const answer = await probeHttp(server.host, {}, { timeout: '200ms' })
    expect(answer.reason).toBe('timeout')
    expect(answer.value('probe_http_redirects')).toBeGreaterThan(0)
    await until(() => server.connections.size === 0, 2000)
  })
})

test('a connection that switched protocols, which HTTP no longer owns, is closed', async () => {
  const text = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'
  await using server = await serveRaw(socket => socket.once('data', () => socket.write(text)))
  expect((await probeHttp(server.host, { valid_status_codes: [101] })).reason).toBeUndefined()
  await until(() => server.connections.size === 0, 2000)
})

test('every connection is closed, whatever the verdict', async () => {
  await using server = await serve((request, response) => {
    if (request.url === '/r') response.writeHead(302, { location: '/' }).end('moved')
    else response.writeHead(request.url === '/404' ? 404 : 200).end('x'.repeat(100_000))
  })
  await using sonde = await startSonde(
    'modules: {http_2xx: {prober: http}, small: {prober: http, http: {body_size_limit: 10}}}',
  )
  for (const query of ['target=HOST', 'target=HOST/r', 'target=HOST/404', 'target=HOST&module=small']) {
    await (await sonde.get(`/probe?${query.replace('HOST', server.host)}`)).text()
    await until(() => server.connections.size === 0, 1000)
  }
})
