import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createConnections } from '../../src/http/connections.ts'
import { echo, slow } from '../support/probers.ts'
import { type SondeOptions, startSonde } from '../support/sonde.ts'
import { ask } from '../support/web-client.ts'

const start = (options: SondeOptions = {}) =>
  startSonde('modules: {http_2xx: {prober: echo}, slow: {prober: slow, slow: {takes: 300ms}}}', {
    probers: [echo, slow],
    ...options,
  })
type Running = Awaited<ReturnType<typeof start>>

const portOf = (sonde: Running) => Number(new URL(sonde.url).port)

/** Everything that comes back before the connection ends. */
async function exchange(sonde: Running, sent: string): Promise<string> {
  const socket = connect(portOf(sonde), '127.0.0.1')
  socket.write(sent)
  return Buffer.concat(await socket.toArray()).toString()
}

const get = (headers: string, path = '/-/healthy') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`

describe('what is no request is told so in one line, and the connection is closed', () => {
  test.each([
    ['nonsense', 'hello\r\n\r\n', 400],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000', 400],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n', 400],
    ['a header without a colon', get('Nope\r\n'), 400],
    ['a header with a space before the colon', get('Content-Length : 5\r\n'), 400],
    ['a folded header', get('A: b\r\n c\r\n'), 400],
    ['a control character in a header', get('A: b\u0000c\r\n'), 400],
    ['a lone line feed', 'GET / HTTP/1.1\nHost: x\n\n', 400],
    ['length and encoding', get('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'), 400],
    ['two lengths', get('Content-Length: 5\r\nContent-Length: 6\r\n'), 400],
    ['a negative length', get('Content-Length: -1\r\n'), 400],
    ['a length in hex', get('Content-Length: 0x5\r\n'), 400],
    ['an encoding that is not chunked', get('Transfer-Encoding: xchunked\r\n'), 400],
    ['chunked, but not last', get('Transfer-Encoding: chunked, identity\r\n'), 400],
    ['a bad size of a chunk', `${get('Transfer-Encoding: chunked\r\n', '/nope')}zz\r\n`, undefined],
    ['a URL of 20 kB', get('', `/probe?target=${'x'.repeat(20_000)}`), 431],
    ['headers of 20 kB', get(`A: ${'x'.repeat(20_000)}\r\n`), 431],
    ['a thousand headers', get('A: b\r\n'.repeat(1000)), 431],
    ['headers of no Host', 'GET / HTTP/1.1\r\nHostt: x\r\n\r\n', 400],
    ['a method that is none', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['two Hosts', get('Host: y\r\n'), 400],
    ['HTTP/2.0 in a line of HTTP/1', 'GET /-/healthy HTTP/2.0\r\nHost: x\r\n\r\n', 505],
    ['HTTP/0.9', 'GET /-/healthy\r\n\r\n', 505],
    ['a tunnel', 'CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n', 405],
  ])('%s', async (_name, sent, status) => {
    await using sonde = await start()
    const text = await exchange(sonde, sent)
    if (status !== undefined) expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(text).toMatch(/\r\n\r\n[^\r\n<]+\n$/)
    expect(text).toMatch(/\r\nConnection: close\r\n/)
    expect(text).not.toMatch(/node:|at .*:\d+:\d+/)
  })
})

test('the body of a request is not waited for, and what follows it is no other request', async () => {
  await using sonde = await start()
  const smuggled = 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'
  for (const headers of [`Content-Length: ${smuggled.length}\r\n`, 'Content-Length: 1000000\r\n']) {
    const text = await exchange(sonde, get(headers) + smuggled)
    expect(text.match(/^HTTP\/1.1/gm)).toHaveLength(1)
    expect(text).toMatch(/Connection: close\r\n[\s\S]*\r\nHealthy\n$/)
  }
})

test.each(['100-continue', 'tea'])('Expect: %s is answered like any other request', async expectation => {
  await using sonde = await start()
  const text = await exchange(sonde, get(`Expect: ${expectation}\r\nContent-Length: 1000000\r\n`))
  expect(text.match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 200'])
  expect(text).toMatch(/\r\nHealthy\n$/)
})

test('requests one after another in one go are answered in their order', async () => {
  await using sonde = await start()
  const requests = get('', '/probe?target=x&module=slow') + get('') + get('Connection: close\r\n', '/nope')
  const text = await exchange(sonde, requests)
  expect(text.match(/^HTTP\/1.1 \d+/gm)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 404'])
  expect(text.indexOf('probe_success')).toBeLessThan(text.indexOf('Healthy'))
})

describe('connections', () => {
  const open = async (sonde: Running, count: number) => {
    const sockets: Socket[] = []
    for (let index = 0; index < count; index++) {
      const socket = connect(portOf(sonde), '127.0.0.1').on('error', () => undefined)
      sockets.push(socket)
      await once(socket, 'connect')
    }
    return sockets
  }
  const closed = (sockets: readonly Socket[]) => sockets.map(socket => socket.closed)

  test('when there are too many, the one that idles for longest gives way; it is said once', async () => {
    await using sonde = await start({ web: { maxConnections: 5 } })
    const sockets = await open(sonde, 5)
    expect((await ask(`${sonde.url}/-/healthy`)).status).toBe(200)
    for (const socket of sockets) socket.resume()
    await expect.poll(() => closed(sockets)).toEqual([true, false, false, false, false])
    await open(sonde, 10)
    await expect.poll(() => closed(sockets)).toEqual([true, true, true, true, true])
    expect(sonde.lines.filter(line => line.includes('too many connections'))).toHaveLength(1)
  })

  test('one that waits for an answer does not give way', async () => {
    await using sonde = await start({ web: { maxConnections: 2 } })
    const probe = ask(`${sonde.url}/probe?target=x&module=slow`)
    await expect.poll(async () => (await ask(`${sonde.url}/metrics`)).text).toContain('sonde_probes_in_flight 1\n')
    await open(sonde, 10)
    expect((await probe).status).toBe(200)
  })

  test('when all of them wait for answers, one more is closed at once', async () => {
    await using sonde = await start({ web: { maxConnections: 2 } })
    const probes = [1, 2].map(() => ask(`${sonde.url}/probe?target=x&module=slow`))
    await expect.poll(() => sonde.lines.filter(line => line.includes('beginning probe')).length).toBe(2)
    await expect(ask(`${sonde.url}/-/healthy`)).rejects.toThrow()
    expect((await Promise.all(probes)).map(({ status }) => status)).toEqual([200, 200])
    expect((await ask(`${sonde.url}/-/healthy`)).status).toBe(200)
  })
})

test('an answer that nobody takes is given up', async () => {
  const connections = createConnections(10, undefined, { sweepMs: 20, takeAnswerMs: 100 })
  const body = Buffer.alloc(64 * 2 ** 20)
  const server = createServer((request, response) => {
    connections.asked(request, response)
    response.end(body)
  })
  server.on('connection', socket => connections.admit(socket) && connections.began(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'))
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await closed
  connections.stop()
  server.close()
})
