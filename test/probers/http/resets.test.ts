import { createServer, type Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { identity } from '../../support/identities.ts'
import { listen } from '../../support/listen.ts'
import { serve, serveRaw } from '../../support/servers.ts'
import { probeHttp } from './support.ts'

const ok = 'HTTP/1.1 200 OK\r\n'
const trusting = { preferred_ip_protocol: 'ip4', tls_config: { insecure_skip_verify: true } }

/** A TLS server that leaves it to `handler` what it says and when it resets the connection underneath. */
async function serveRawTls(protocol: string, handler: (secured: TLSSocket, plain: Socket) => void) {
  const server = createServer(plain => {
    const secured = new TLSSocket(plain, {
      isServer: true,
      ...identity('server', 'intermediate.crt'),
      ALPNProtocols: [protocol],
    })
    handler(
      secured.on('error', () => {}),
      plain,
    )
  })
  const listening = await listen(server)
  return { ...listening, url: `https://${listening.host}/` }
}

/** Runs `work` when the other side, which is in this process, has read what was written. */
const onceRead = (work: () => void) => setImmediate(() => setImmediate(() => setImmediate(work)))

const failedIn = (phase: string, answer: Awaited<ReturnType<typeof probeHttp>>) =>
  answer.value('probe_failure_phase_info', { phase })

const broken: readonly [name: string, said: string, status: number, read: number][] = [
  ['in the head', `${ok}X: `, 0, 0],
  ['in a body with a length', `${ok}Content-Length: 10\r\n\r\nabc`, 200, 3],
  ['in a body without', `${ok}\r\nabc`, 200, 3],
  ['in a chunk', `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nabc`, 200, 3],
]

describe('a connection that is reset', () => {
  test('as soon as it is accepted', async () => {
    await using server = await serveRaw(socket => socket.resetAndDestroy())
    for (const [target, options] of [
      [server.host, {}],
      [server.host, { method: 'POST', body: 'x'.repeat(2 ** 20) }],
    ] as const) {
      expect((await probeHttp(target, options)).reason).toBe('connect')
    }
  })

  test('after the request', async () => {
    await using server = await serveRaw(socket => socket.once('data', () => socket.resetAndDestroy()))
    const answer = await probeHttp(server.host)
    expect([answer.reason, failedIn('processing', answer)]).toEqual(['connect', 1])
  })

  test('in the handshake', async () => {
    await using server = await serveRaw(socket => socket.once('data', () => socket.resetAndDestroy()))
    const answer = await probeHttp(`https://${server.host}`, trusting)
    expect([answer.reason, failedIn('tls', answer)]).toEqual(['tls', 1])
  })

  test.each(broken)('%s', async (_name, said, status, read) => {
    const reset = (socket: Socket) => socket.write(said, () => onceRead(() => socket.resetAndDestroy()))
    await using server = await serveRaw(socket => socket.once('data', () => reset(socket)))
    const answer = await probeHttp(server.host)
    expect([answer.status, answer.reason]).toEqual([200, 'protocol'])
    expect(answer.value('probe_http_status_code')).toBe(status)
    expect(answer.value('probe_http_uncompressed_body_length')).toBe(read)
  })

  test('over TLS, after the request', async () => {
    await using server = await serveRawTls('http/1.1', (secured, plain) =>
      secured.once('data', () => plain.resetAndDestroy()),
    )
    const answer = await probeHttp(server.url, trusting)
    expect([answer.reason, failedIn('processing', answer)]).toEqual(['connect', 1])
    expect(answer.names).toContain('probe_http_duration_seconds')
  })

  test.each(broken)('over TLS, %s', async (_name, said, status, read) => {
    await using server = await serveRawTls('http/1.1', (secured, plain) => {
      secured.once('data', () => secured.write(said, () => onceRead(() => plain.resetAndDestroy())))
    })
    const answer = await probeHttp(server.url, trusting)
    expect([answer.status, answer.reason]).toEqual([200, 'protocol'])
    expect(answer.value('probe_http_status_code')).toBe(status)
    expect(answer.value('probe_http_uncompressed_body_length')).toBe(read)
  })

  test('over HTTP/2, after the request', async () => {
    await using server = await serveRawTls('h2', (secured, plain) =>
      secured.once('data', () => plain.resetAndDestroy()),
    )
    expect((await probeHttp(server.url, trusting)).reason).toBe('connect')
  })
})

/** A frame of HTTP/2 (RFC 9113, 4.1). */
function frame(type: number, flags: number, stream: number, payload: readonly number[] = []): Buffer {
  return Buffer.from([0, 0, payload.length, type, flags, 0, 0, 0, stream, ...payload])
}

/** A server that goes away in peace: with NO_ERROR, and the last stream that it will have answered. */
test.each([
  ['before the answer', [frame(7, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0]), frame(1, 5, 1, [0x88])], undefined, 200],
  ['after it', [frame(1, 5, 1, [0x88]), frame(7, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0])], undefined, 200],
  [
    'in the body',
    [frame(1, 4, 1, [0x88]), frame(7, 0, 0, [0, 0, 0, 1, 0, 0, 0, 0]), frame(0, 1, 1, [0x68, 0x69])],
    undefined,
    200,
  ],
  ['without an answer', [frame(7, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])], 'protocol', 0],
] as const)('GOAWAY without an error, %s', async (_name, frames, reason, status) => {
  const said = Buffer.concat([frame(4, 0, 0), ...frames])
  await using server = await serveRawTls('h2', secured => {
    secured.on('end', () => secured.end())
    secured.once('data', () => secured.write(said))
  })
  const answer = await probeHttp(server.url, trusting)
  expect([answer.reason, answer.value('probe_http_status_code')]).toEqual([reason, status])
})

describe('the wrong scheme', () => {
  test('http to a server of https', async () => {
    await using server = await serve((_request, response) => response.end('fine'), identity('server'))
    const answer = await probeHttp(server.host)
    expect(['connect', 'protocol']).toContain(answer.reason) // some send an alert, others just hang up
    expect(answer.value('probe_http_status_code')).toBe(0)
  })

  test('http to one that says so in TLS', async () => {
    const alert = Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46])
    await using server = await serveRaw(socket => socket.once('data', () => socket.end(alert)))
    expect((await probeHttp(server.host)).reason).toBe('protocol')
  })

  test('http to one that says so in HTTP', async () => {
    const text = 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nThe plain HTTP request was sent to HTTPS port'
    await using server = await serveRaw(socket => socket.once('data', () => socket.end(text)))
    const answer = await probeHttp(server.host)
    expect([answer.reason, answer.value('probe_http_status_code')]).toEqual(['status', 400])
  })
})

test('an early answer to a large body counts, although the server hangs up on the rest', async () => {
  await using server = await serveRaw(socket =>
    socket.once('data', () => {
      const said = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno'
      socket.write(said, () => onceRead(() => socket.resetAndDestroy()))
    }),
  )
  const answer = await probeHttp(server.host, { method: 'POST', body: 'x'.repeat(8 * 2 ** 20) })
  expect([answer.reason, answer.value('probe_http_status_code')]).toEqual(['status', 413])
})
