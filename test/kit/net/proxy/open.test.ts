import { once } from 'node:events'
import { request } from 'node:http'
import { createSecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { expect, test } from 'vitest'
import { headerSecret } from '../../../../src/kit/net/http/header-options.ts'
import { sendHttp1 } from '../../../../src/kit/net/http/http1.ts'
import { sendHttp2 } from '../../../../src/kit/net/http/http2.ts'
import { parseProxy } from '../../../../src/kit/net/proxy/proxy-url.ts'
import { proxyAuthorization } from '../../../../src/kit/net/proxy/tunnel.ts'
import { loadTls } from '../../../../src/kit/net/tls/context.ts'
import { secure } from '../../../../src/kit/net/tls/secure.ts'
import { identity } from '../../../support/identities.ts'
import { until } from '../../../support/programs.ts'
import { startHttpProxy, startSocksProxy } from '../../../support/proxies.ts'
import { serve } from '../../../support/servers.ts'
import { open, trusting } from './support.ts'

const server = identity('server', 'intermediate.crt')
const signal = () => AbortSignal.timeout(10_000)
const large = 'x'.repeat(2 ** 20)

/** Asks for `/` over a socket and reads the whole answer. */
async function ask(socket: Socket): Promise<string> {
  const wanted = { method: 'GET', path: '/', headers: [['Host', 'target.test'] as const], body: undefined }
  const { body } = await sendHttp1(socket, wanted, signal())
  return Buffer.concat(await body.toArray()).toString()
}

/** Shakes hands over a socket with a target that is `localhost`. */
async function shakeHands(socket: Socket, alpn: readonly string[] = []) {
  const circumstances = { signal: signal(), now: Date.now, alpn, opened: () => {} }
  return secure(socket, 'localhost', await loadTls(trusting), circumstances)
}

/** The proxies of all kinds. */
const kinds = [
  ['http', () => startHttpProxy()],
  ['https', () => startHttpProxy({ tls: server })],
  ['socks5', () => startSocksProxy()],
  ['socks5h', () => startSocksProxy()],
] as const

test.each(kinds)('plain HTTP over a connection through a proxy: %s', async (scheme, start) => {
  await using target = await serve((_request, response) => response.end(large))
  await using proxy = await start()
  const { socket, owners } = await open(`${scheme}://${proxy.host}`, target.host, { tls_config: trusting })
  expect(await ask(socket)).toBe(large)
  expect(owners.at(-1)).toBe(socket)
  expect(owners).toHaveLength(scheme === 'https' ? 2 : 1)
  socket.destroy()
  await until(() => proxy.connections.size === 0 && target.connections.size === 0)
})

test.each(kinds)('HTTPS over a connection through a proxy: %s', async (scheme, start) => {
  await using target = await serve((_request, response) => response.end(large), server)
  await using proxy = await start()
  const { socket } = await open(`${scheme}://${proxy.host}`, `localhost:${target.port}`, { tls_config: trusting })
  const { socket: secured, facts, fault } = await shakeHands(socket)
  expect(fault).toBeUndefined()
  expect(facts.version).toBe('TLS 1.3')
  expect(await ask(secured)).toBe(large)
  secured.destroy()
  await until(() => proxy.connections.size === 0 && target.connections.size === 0)
})

test.each(kinds)('HTTP/2 over a connection through a proxy: %s', async (scheme, start) => {
  const target = createSecureServer(server, (_request, response) => response.end(large)).listen(0, '127.0.0.1')
  await once(target, 'listening')
  await using proxy = await start()
  const to = `localhost:${(target.address() as AddressInfo).port}`
  const { socket } = await open(`${scheme}://${proxy.host}`, to, { tls_config: trusting })
  const { socket: secured } = await shakeHands(socket, ['h2'])
  const owners: { destroy(): unknown }[] = []
  const wanted = { method: 'GET', path: '/', headers: [['Host', to] as const], body: undefined }
  const { body, status } = await sendHttp2(secured, wanted, owner => owners.push(owner), signal())
  expect([status, Buffer.concat(await body.toArray()).toString() === large]).toEqual([200, true])
  owners.at(-1)?.destroy()
  await until(() => proxy.connections.size === 0)
  target.close()
  await once(target, 'close')
})

test('destroying TLS within TLS at once, after the handshake, or while octets flow crashes nothing', async () => {
  await using target = await serve((_request, response) => response.end(large), server)
  await using proxy = await startHttpProxy({ tls: server })
  for (const when of ['at once', 'shaken', 'flowing']) {
    const { socket } = await open(`https://${proxy.host}`, target.host, { tls_config: trusting })
    if (when === 'at once') {
      socket.destroy()
      continue
    }
    const { socket: secured } = await shakeHands(socket)
    if (when === 'flowing') {
      const asked = ask(secured)
      asked.catch(() => {})
      await until(() => secured.bytesRead > 10_000)
    }
    secured.destroy()
  }
  await until(() => proxy.connections.size === 0 && target.connections.size === 0)
})

test.each(['http', 'https'])('without a tunnel, the %s proxy gets the request itself', async scheme => {
  await using target = await serve((_request, response) => response.end('fine'))
  await using proxy = await startHttpProxy({ login: 'me:hunter2', ...(scheme === 'https' && { tls: server }) })
  const url = `${scheme}://me:hunter2@${proxy.host}`
  const { socket, log } = await open(url, undefined, { tls_config: trusting })
  const status = await new Promise((resolve, reject) => {
    const headers = { host: target.host, 'proxy-authorization': proxyAuthorization(parseProxy(url)) ?? '' }
    request({ createConnection: () => socket, path: `http://${target.host}/a?b`, headers })
      .on('response', response => resolve(response.statusCode))
      .on('error', reject)
      .end()
  })
  socket.destroy()
  expect(status).toBe(200)
  expect(proxy.asked).toMatchObject([{ method: 'GET', url: `http://${target.host}/a?b` }])
  expect(target.asked[0]?.url).toBe('/a?b')
  expect(log).not.toMatch(/hunter2|bWU6/)
})

test.each([
  ['http://a.test', undefined],
  ['http://me@a.test', 'Basic bWU6'],
  ['https://me:p%C3%A4ss@a.test', `Basic ${Buffer.from('me:päss').toString('base64')}`],
])('proxyAuthorization of %s', (url, expected) => {
  expect(proxyAuthorization(parseProxy(url))).toBe(expected)
})

const secrets = (...values: readonly string[]) => values.map(value => headerSecret().parse(value))

test.each([
  [
    '',
    {},
    [
      ['Host', ''],
      ['User-Agent', expect.stringMatching(/^sonde\/\d/)],
    ],
  ],
  [
    'me:hunter2@',
    {},
    [
      ['Host', ''],
      ['User-Agent', expect.anything()],
      ['Proxy-Authorization', 'Basic bWU6aHVudGVyMg=='],
    ],
  ],
  [
    '',
    { 'X-Team': ['a', 'ä'], 'user-agent': ['mine'], 'Proxy-Authorization': ['Bearer hunter2'] },
    [
      ['Host', ''],
      ['X-Team', 'a'],
      ['X-Team', 'Ã¤'],
      ['user-agent', 'mine'],
      ['Proxy-Authorization', 'Bearer hunter2'],
    ],
  ],
  [
    'me:hunter2@',
    { 'proxy-authorization': ['Bearer abc'] },
    [
      ['Host', ''],
      ['User-Agent', expect.anything()],
      ['Proxy-Authorization', 'Basic bWU6aHVudGVyMg=='],
    ],
  ],
])('headers of CONNECT with %j and %j', async (credentials, configured, expected) => {
  await using target = await serve((_request, response) => response.end())
  await using proxy = await startHttpProxy()
  const headers = Object.fromEntries(Object.entries(configured).map(([name, values]) => [name, secrets(...values)]))
  const to = `[::1]:${target.port}`
  const opened = await open(`http://${credentials}${proxy.host}`, to, { proxy_connect_header: headers })
  opened.socket.destroy()
  const [asked] = proxy.asked
  expect(asked).toMatchObject({ method: 'CONNECT', url: to })
  const raw = asked?.rawHeaders ?? []
  const lines = raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1]]] : []))
  expect(lines).toEqual(expected.map(([name, value]) => [name, name === 'Host' ? to : value]))
  expect(opened.log).toContain(`asking the proxy for a tunnel to=${to}`)
  expect(opened.log).toContain('the proxy answered status=200')
  expect(opened.log).not.toMatch(/hunter2|bWU6/)
})

test.each([
  ['target.test', 'name', 'target.test'],
  ['127.0.0.1', 'ip4', '127.0.0.1'],
  ['[2001:db8::7]', 'ip6', '20010db8000000000000000000000007'],
])('SOCKS gets %s as %s', async (host, type, octets) => {
  await using target = await serve((_request, response) => response.end('fine'))
  await using proxy = await startSocksProxy()
  const { socket, log } = await open(`socks5://${proxy.host}`, `${host}:${target.port}`)
  expect(await ask(socket)).toBe('fine')
  socket.destroy()
  expect(proxy.asked).toEqual([{ login: undefined, type, host: octets, port: target.port }])
  expect(log).toContain(`asking the proxy for a connection to=${host}:${target.port} login=false`)
  expect(log).toContain('the proxy answered reply=succeeded')
})

test.each([
  ['an IPv6 address', [4, ...Array(16).fill(1)]],
  ['a name', [3, 3, 1, 2, 3]],
  ['an empty name', [3, 0]],
])('SOCKS answers with %s', async (_name, bound) => {
  await using target = await serve((_request, response) => response.end('fine'))
  await using proxy = await startSocksProxy({ bound })
  const { socket } = await open(`socks5://${proxy.host}`, target.host)
  expect(await ask(socket)).toBe('fine')
  socket.destroy()
})

test.each([
  ['me:p%C3%A4ss', 'me:päss', undefined, 'me:päss'],
  ['me', 'me:', undefined, 'me:'],
  ['me:wrong', 'me:päss', 'the proxy did not accept user name and password', 'me:wrong'],
  ['', 'me:päss', 'the proxy wants a login', undefined],
])('login %j to a SOCKS proxy that wants %j', async (credentials, login, failure, got) => {
  await using target = await serve((_request, response) => response.end('fine'))
  await using proxy = await startSocksProxy({ login })
  const opening = open(`socks5://${credentials}@${proxy.host}`, target.host)
  if (failure === undefined) {
    const { socket, log } = await opening
    socket.destroy()
    expect(proxy.asked[0]?.login).toBe(got)
    expect(log).not.toContain('päss')
  } else {
    await expect(opening).rejects.toMatchObject({ reason: 'auth', message: failure })
  }
  await until(() => proxy.connections.size === 0)
})

test('a login that a SOCKS proxy does not ask for is not sent', async () => {
  await using target = await serve((_request, response) => response.end('fine'))
  await using proxy = await startSocksProxy()
  const { socket } = await open(`socks5://me:hunter2@${proxy.host}`, target.host)
  socket.destroy()
  expect(proxy.asked[0]?.login).toBeUndefined()
})

test.each([
  [1, 'general failure'],
  [2, 'connection not allowed by its rules'],
  [3, 'network unreachable'],
  [4, 'host unreachable'],
  [5, 'connection refused'],
  [6, 'TTL expired'],
  [7, 'command not supported'],
  [8, 'address type not supported'],
  [99, 'code 99'],
])('SOCKS code %i is %s', async (code, expected) => {
  await using proxy = await startSocksProxy({ code })
  await expect(open(`socks5://${proxy.host}`, 'target.test:1')).rejects.toMatchObject({
    reason: 'connect',
    message: `the proxy answered: ${expected}`,
  })
  await until(() => proxy.connections.size === 0)
})

test.each([
  ['http', () => startHttpProxy({ early: 'early' })],
  ['https', () => startHttpProxy({ early: 'early', tls: server })],
  ['socks5', () => startSocksProxy({ early: 'early' })],
] as const)('octets that follow the answer of the proxy at once are not lost: %s', async (scheme, start) => {
  await using target = await serve((_request, response) => response.end())
  await using proxy = await start()
  const { socket } = await open(`${scheme}://${proxy.host}`, target.host, { tls_config: trusting })
  const [octets] = await socket.take(1).toArray()
  expect(octets.toString()).toBe('early')
  socket.destroy()
})

test.each([
  ['http', () => startHttpProxy({ early: 'early' })],
  ['https', () => startHttpProxy({ early: 'early', tls: server })],
] as const)('and they spoil a handshake that they are no part of: %s', async (scheme, start) => {
  await using target = await serve((_request, response) => response.end(), server)
  await using proxy = await start()
  const { socket } = await open(`${scheme}://${proxy.host}`, target.host, { tls_config: trusting })
  await expect(shakeHands(socket)).rejects.toMatchObject({ reason: 'tls' })
  socket.destroy()
})

test.each([
  ['407 Proxy Authentication Required', 'auth'],
  ['403 Forbidden', 'connect'],
  ['204 No Content', 'connect'],
  ['100 Continue', 'connect'],
  ['502 Bad Gateway', 'connect'],
  ['503', 'connect'],
  ['404 \u0007bell', 'connect'],
])('CONNECT answered with %j', async (status, reason) => {
  await using proxy = await startHttpProxy({ answer: `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n` })
  await expect(open(`http://${proxy.host}`, 'target.test:443')).rejects.toMatchObject({
    reason,
    message: `the proxy answered CONNECT with status ${status.slice(0, 3)}`,
  })
  await until(() => proxy.connections.size === 0)
})

test('a wrong login for CONNECT', async () => {
  await using proxy = await startHttpProxy({ login: 'me:hunter2' })
  await expect(open(`http://me:wrong@${proxy.host}`, 'target.test:443')).rejects.toMatchObject({ reason: 'auth' })
})

test.each([
  ['an unknown authority', server, {}, 'https://127.0.0.1', /not accepted: (SELF_SIGNED|UNABLE)/],
  ['another name', identity('other-name'), trusting, 'https://localhost', /not valid for localhost/],
  [
    "the target's name",
    identity('other-name'),
    { ...trusting, server_name: 'elsewhere.test' },
    'https://localhost',
    /not valid for localhost/,
  ],
])('a certificate of the proxy for %s', async (_name, tls, config, url, message) => {
  await using proxy = await startHttpProxy({ tls })
  const tls_config = { insecure_skip_verify: false, ...config }
  const opening = open(`${url}:${proxy.port}`, 'target.test:443', { tls_config })
  await expect(opening).rejects.toMatchObject({ reason: 'tls', message: expect.stringMatching(message) })
  expect(proxy.asked).toEqual([])
  await until(() => proxy.connections.size === 0)
})

test('any certificate of the proxy will do with insecure_skip_verify', async () => {
  await using proxy = await startHttpProxy({ tls: identity('self-signed') })
  const { socket, log } = await open(`https://${proxy.host}`, undefined, { tls_config: { insecure_skip_verify: true } })
  socket.destroy()
  expect(log).toContain('verified=skipped')
})

test('a proxy is reached at any address that its name has', async () => {
  await using proxy = await startHttpProxy()
  const { socket } = await open(`http://localhost:${proxy.port}`, undefined, { preferred_ip_protocol: 'ip6' })
  expect(socket.remoteAddress).toBe('127.0.0.1')
  socket.destroy()
})

test('from the local address that is wanted', async () => {
  await using proxy = await startHttpProxy()
  const { socket } = await open(`http://${proxy.host}`, undefined, { source_ip_address: '127.0.0.9' })
  expect(socket.localAddress).toBe('127.0.0.9')
  socket.destroy()
  const other = open(`http://${proxy.host}`, undefined, { source_ip_address: '::1' })
  await expect(other).rejects.toMatchObject({ reason: 'resolve' })
})
