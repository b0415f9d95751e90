import { constants, createSecureServer, type SecureServerOptions, type ServerHttp2Stream } from 'node:http2'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { identity, pemFile } from '../../support/identities.ts'
import { listen } from '../../support/listen.ts'
import { until } from '../../support/programs.ts'
import { serve } from '../../support/servers.ts'
import { probeHttp } from './support.ts'

type Handler = (stream: ServerHttp2Stream, headers: Record<string, unknown>, body: string) => void

const trusting = { preferred_ip_protocol: 'ip4', tls_config: { ca_file: pemFile('ca.crt') } }

/** A real HTTP/2 server with the test certificate, which speaks HTTP/1.1 too if asked for it. */
async function serveHttp2(handler: Handler, options: SecureServerOptions = {}) {
  const server = createSecureServer({ ...identity('server', 'intermediate.crt'), ...options })
  server.on('request', (request, response) => request.httpVersion === '1.1' && response.end('fine'))
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    const chunks: Buffer[] = []
    stream.on('data', chunk => chunks.push(chunk as Buffer))
    stream.on('end', () => handler(stream, headers, Buffer.concat(chunks).toString()))
  })
  const listening = await listen(server)
  return { ...listening, url: `https://localhost:${listening.port}/` }
}

/** A TLS server that has agreed on HTTP/2 and then says what it likes. */
async function serveRawHttp2(handler: (socket: TLSSocket) => void) {
  const server = createTlsServer({ ...identity('server', 'intermediate.crt'), ALPNProtocols: ['h2'] }, socket => {
    socket.on('error', () => {})
    socket.resume()
    handler(socket)
  })
  const listening = await listen(server)
  return { ...listening, url: `https://localhost:${listening.port}/` }
}

const fine: Handler = stream => {
  stream.respond({ ':status': 200, 'content-type': 'text/plain' })
  stream.end('fine')
}

describe('HTTP/2', () => {
  test('is spoken when the server offers it', async () => {
    await using server = await serveHttp2(fine)
    const answer = await probeHttp(server.url, {
      ...trusting,
      valid_http_versions: ['HTTP/2.0'],
      fail_if_body_not_matches_regexp: ['^fine$'],
    })
    expect([answer.reason, answer.value('probe_success'), answer.value('probe_http_version')]).toEqual([
      undefined,
      1,
      2,
    ])
    expect(answer.value('probe_http_status_code')).toBe(200)
    expect(answer.value('probe_http_content_length')).toBe(-1)
    expect(answer.value('probe_http_uncompressed_body_length')).toBe(4)
    expect(answer.value('probe_http_ssl')).toBe(1)
    for (const phase of ['resolve', 'connect', 'tls', 'processing', 'transfer']) {
      expect(answer.value('probe_http_duration_seconds', { phase })).toBeGreaterThanOrEqual(0)
    }
    await until(() => server.connections.size === 0, 2000)
  })

  test('is not spoken with enable_http2: false', async () => {
    await using server = await serveHttp2(fine, { allowHTTP1: true })
    const answer = await probeHttp(server.url, { ...trusting, enable_http2: false })
    expect([answer.value('probe_http_version'), answer.value('probe_success')]).toEqual([1.1, 1])
  })

  test('is not spoken with a server that does not offer it', async () => {
    await using server = await serve(
      (_request, response) => response.end('fine'),
      identity('server', 'intermediate.crt'),
    )
    const answer = await probeHttp(`https://localhost:${server.port}`, trusting)
    expect([answer.value('probe_http_version'), answer.value('probe_success')]).toEqual([1.1, 1])
  })

  test('a server that speaks nothing else fails in the handshake with enable_http2: false', async () => {
    await using server = await serveHttp2(fine)
    expect((await probeHttp(server.url, { ...trusting, enable_http2: false })).reason).toBe('tls')
  })

  test('the request arrives whole', async () => {
    let seen: Record<string, unknown> = {}
    await using server = await serveHttp2((stream, headers, body) => {
      seen = { ...headers, body }
      fine(stream, headers, body)
    })
    const answer = await probeHttp(`${server.url}a/b?c=d%20e`, {
      ...trusting,
      method: 'POST',
      body: 'hällo',
      headers: { Host: 'localhost', 'X-One': 'ü', Connection: 'keep-alive', TE: 'gzip', Cookie: 'a=1' },
      http_headers: { 'X-Two': { values: ['1', '2'] } },
      basic_auth: { username: 'u', password: 'p' },
    })
    expect(answer.value('probe_success')).toBe(1)
    expect(seen).toMatchObject({
      ':method': 'POST',
      ':scheme': 'https',
      ':authority': 'localhost',
      ':path': '/a/b?c=d%20e',
      'x-one': Buffer.from('ü').toString('latin1'),
      'x-two': '1, 2',
      cookie: 'a=1',
      'content-length': '6',
      authorization: `Basic ${Buffer.from('u:p').toString('base64')}`,
      body: 'hällo',
    })
    expect(Object.keys(seen).filter(name => /^(host|connection|te)$/.test(name))).toEqual([])
  })

  test('headers with a meaning of their own do no harm', async () => {
    let seen: Record<string, unknown> = {}
    await using server = await serveHttp2((stream, headers, body) => {
      seen = headers
      fine(stream, headers, body)
    })
    const headers = { 'HTTP2-Settings': 'AAA', constructor: 'v', __proto__: null }
    const answer = await probeHttp(server.url, { ...trusting, headers })
    expect(answer.value('probe_success')).toBe(1)
    expect([seen.constructor, seen['http2-settings']]).toEqual(['v', undefined])
  })

  test('header checks see each value', async () => {
    await using server = await serveHttp2(stream => {
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] }, { endStream: true })
    })
    const header = 'Set-Cookie'
    const passes = await probeHttp(server.url, {
      ...trusting,
      fail_if_header_not_matches: [{ header, regexp: '^b=2$' }],
    })
    const fails = await probeHttp(server.url, { ...trusting, fail_if_header_matches: [{ header, regexp: '^a=1$' }] })
    expect([passes.reason, fails.reason]).toEqual([undefined, 'content'])
  })

  test('redirects go from one version to the other', async () => {
    await using server = await serveHttp2((stream, headers) => {
      if (headers[':path'] !== '/') return fine(stream, headers, '')
      stream.respond({ ':status': 302, location: '/next' }, { endStream: true })
    })
    await using old = await serve((_request, response) => {
      response.writeHead(302, { location: server.url }).end()
    })
    const answer = await probeHttp(old.host, trusting)
    expect([answer.value('probe_http_redirects'), answer.value('probe_http_version')]).toEqual([2, 2])
    await until(() => old.connections.size + server.connections.size === 0, 2000)
  })

  test('interim answers are passed over', async () => {
    await using server = await serveHttp2((stream, headers) => {
      for (let n = 0; n < 3; n++) stream.additionalHeaders({ ':status': 103 })
      fine(stream, headers, '')
    })
    expect((await probeHttp(server.url, trusting)).value('probe_http_status_code')).toBe(200)
  })
})

describe('HTTP/2 gone wrong', () => {
  const cases: [string, Handler, string][] = [
    ['a stream reset before the answer', stream => stream.close(constants.NGHTTP2_REFUSED_STREAM), 'protocol'],
    [
      'GOAWAY before the answer',
      ({ session }) => {
        session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0)
        session?.destroy()
      },
      'protocol',
    ],
    ['a connection closed before the answer', ({ session }) => session?.destroy(), 'connect'],
    [
      'a connection closed in the body',
      stream => {
        stream.respond({ ':status': 200 })
        stream.write('some', () => stream.session?.destroy())
      },
      'protocol',
    ],
    [
      'a body shorter than announced',
      stream => {
        stream.respond({ ':status': 200, 'content-length': '10' })
        stream.end('some')
      },
      'protocol',
    ],
    [
      'too many interim answers',
      (stream, headers) => {
        for (let n = 0; n < 6; n++) stream.additionalHeaders({ ':status': 103 })
        fine(stream, headers, '')
      },
      'protocol',
    ],
    [
      'a head of half a megabyte',
      stream => {
        const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`x-${n}`, 'v'.repeat(10_000)]))
        stream.respond({ ':status': 200, ...many }, { endStream: true })
      },
      'protocol',
    ],
    [
      'a body above the limit',
      stream => {
        stream.respond({ ':status': 200 })
        const more = () => stream.destroyed || stream.write(Buffer.alloc(65_536), more)
        more()
      },
      'too_large',
    ],
    ['no answer', () => {}, 'timeout'],
    [
      'an answer without an end',
      stream => {
        stream.respond({ ':status': 200 })
        stream.write('some')
      },
      'timeout',
    ],
  ]

  test.each(cases)('%s', async (_name, handler, reason) => {
    await using server = await serveHttp2(handler)
    const answer = await probeHttp(server.url, { ...trusting, body_size_limit: '1MB' }, { timeout: '1s' })
    expect(answer.reason).toBe(reason)
    await until(() => server.connections.size === 0, 2000)
  })

  test.each([
    ['garbage', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', 'protocol'],
    ['half a frame', Buffer.from([0, 0, 6, 4]), 'timeout'],
    [
      'settings without end',
      Buffer.concat(Array.from({ length: 100 }, () => Buffer.from('000000040000000000', 'hex'))),
      'timeout',
    ],
  ])('%s', async (_name, said, reason) => {
    await using server = await serveRawHttp2(socket => socket.write(said))
    const answer = await probeHttp(server.url, trusting, { timeout: '1s' })
    expect(answer.reason).toBe(reason)
  })

  test('the phase of a timeout is told', async () => {
    await using server = await serveHttp2(() => {})
    const answer = await probeHttp(server.url, trusting, { timeout: '500ms' })
    expect(answer.value('probe_failure_phase_info', { phase: 'processing' })).toBe(1)
  })
})
