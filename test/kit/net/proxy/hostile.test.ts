import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { ProbeFailure } from '../../../../src/kit/failure.ts'
import { identity } from '../../../support/identities.ts'
import { freePort, until } from '../../../support/programs.ts'
import { startOddProxy } from '../../../support/proxies.ts'
import { open, trusting } from './support.ts'

const target = 'target.test:443'

/** Answers what the client says first, then leaves the connection open. */
const saying = (text: string | Buffer) => startOddProxy(client => client.once('data', () => client.write(text)))

/** Answers each thing that the client says with the next of these. */
const answering = (...texts: readonly (string | readonly number[])[]) =>
  startOddProxy(client => {
    const left = [...texts]
    client.on('data', () => {
      const text = left.shift()
      if (text !== undefined) client.write(Buffer.from(text))
    })
  })

const notHttp = 'the proxy did not answer CONNECT in HTTP'

test.each([
  ['garbage', Buffer.from([0x15, 3, 1, 0, 2, 2, 0x46]), notHttp],
  ['another protocol', 'SSH-2.0-test\r\n', notHttp],
  ['another protocol, bit by bit', 'HTTQ', notHttp],
  ['another version', 'HTTP/2.0 200 OK\r\n\r\n', notHttp],
  ['no status', 'HTTP/1.1 OK\r\n\r\n', notHttp],
  ['a short status', 'HTTP/1.1 20\r\n\r\n', notHttp],
  ['a long status', 'HTTP/1.1 2000 OK\r\n\r\n', notHttp],
  ['a huge head', `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(2731)}\r\n`, 'more than 16384 octets'],
  ['a head without end', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(2 ** 20)}`, 'more than 16384 octets'],
])('CONNECT answered with %s', async (_name, text, message) => {
  await using proxy = await saying(text)
  const opening = open(`http://${proxy.host}`, target)
  await expect(opening).rejects.toMatchObject({ reason: 'connect', message: expect.stringContaining(message) })
  await until(() => proxy.connections.size === 0)
})

test('a head just short of too large, octet by octet', async () => {
  const head = 'HTTP/1.0 200\n\n'
  await using proxy = await startOddProxy(client => {
    client.setNoDelay(true).once('data', async () => {
      for (const octet of `${head}early`) {
        await new Promise(resolve => client.write(octet, resolve))
        await new Promise(setImmediate)
      }
      client.end()
    })
  })
  const { socket } = await open(`http://${proxy.host}`, target)
  expect(Buffer.concat(await socket.toArray()).toString()).toBe('early')
})

const notSocks = 'the proxy did not answer in SOCKS5'

test.each([
  ['HTTP', ['HTTP/1.1 400 Bad Request\r\n\r\n'], 'connect', notSocks],
  ['SOCKS4', [[0, 90]], 'connect', notSocks],
  ['a way to log in that was not offered', [[5, 1]], 'connect', notSocks],
  [
    'a login in another version',
    [
      [5, 2],
      [5, 0],
    ],
    'connect',
    notSocks,
  ],
  [
    'a refused login',
    [
      [5, 2],
      [1, 255],
    ],
    'auth',
    'the proxy did not accept user name and password',
  ],
  ['no way to log in', [[5, 255]], 'auth', 'the proxy wants another kind of login'],
  [
    'another version later',
    [
      [5, 0],
      [4, 0, 0, 1],
    ],
    'connect',
    notSocks,
  ],
  [
    'a reserved octet',
    [
      [5, 0],
      [5, 0, 1, 1],
    ],
    'connect',
    notSocks,
  ],
  [
    'an unknown type of address',
    [
      [5, 0],
      [5, 0, 0, 2],
    ],
    'connect',
    notSocks,
  ],
  [
    'just a code',
    [
      [5, 0],
      [5, 5, 0, 0],
    ],
    'connect',
    'the proxy answered: connection refused',
  ],
])('a SOCKS proxy that answers with %s', async (_name, answers, reason, message) => {
  await using proxy = await answering(...answers)
  await expect(open(`socks5://me:hunter2@${proxy.host}`, target)).rejects.toMatchObject({ reason, message })
  await until(() => proxy.connections.size === 0)
})

const hungUp = { reason: 'connect', message: 'the proxy hung up before it had answered' }

test.each(['http', 'socks5'])('a %s proxy that hangs up or breaks off at any octet of its answer', async scheme => {
  const answer =
    scheme === 'http' ? Buffer.from('HTTP/1.1 200 OK\r\n\r\n') : Buffer.from([5, 0, 5, 0, 0, 3, 2, 97, 98, 0, 0])
  for (const length of answer.keys()) {
    for (const end of [(client: Socket) => client.end(), (client: Socket) => client.resetAndDestroy()]) {
      await using proxy = await startOddProxy(client => {
        client.once('data', () => client.write(answer.subarray(0, length), () => end(client)))
      })
      await expect(open(`${scheme}://${proxy.host}`, target)).rejects.toMatchObject(hungUp)
      await until(() => proxy.connections.size === 0)
    }
  }
})

test.each(['http', 'socks5'])('a %s proxy that hangs up at once', async scheme => {
  await using proxy = await startOddProxy(client => client.destroy())
  await expect(open(`${scheme}://${proxy.host}`, target)).rejects.toMatchObject(hungUp)
})

test.each(['http', 'socks5'])('random octets in place of a %s proxy only ever fail the probe', async scheme => {
  await using proxy = await startOddProxy(client => {
    client.once('data', () =>
      client.end(Buffer.concat([Buffer.from([5, 0]), randomBytes(64)]).subarray(scheme === 'http' ? 2 : 0)),
    )
  })
  for (let round = 0; round < 100; round++) {
    const failure = await open(`${scheme}://${proxy.host}`, target).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(ProbeFailure)
  }
})

test('no proxy there', async () => {
  const port = await freePort()
  await expect(open(`http://127.0.0.1:${port}`, target)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

test('no such proxy', async () => {
  await expect(open('http://nope.invalid', target)).rejects.toMatchObject({
    code: expect.stringMatching(/ENOTFOUND|EAI_/),
  })
})

test('an https proxy that speaks plainly', async () => {
  await using proxy = await saying('HTTP/1.1 400 Bad Request\r\n\r\n')
  const opening = open(`https://${proxy.host}`, target, { tls_config: trusting })
  await expect(opening).rejects.toMatchObject({ reason: 'tls' })
  await until(() => proxy.connections.size === 0)
})

test('an https proxy that hangs up in the handshake', async () => {
  await using proxy = await startOddProxy(client => client.once('data', () => client.destroy()))
  const opening = open(`https://${proxy.host}`, target, { tls_config: trusting })
  await expect(opening).rejects.toMatchObject({ reason: 'tls' })
})

test('the name of the target is too long for SOCKS', async () => {
  await using proxy = await answering([5, 0])
  const opening = open(`socks5://${proxy.host}`, `${'a.'.repeat(128)}test:80`)
  await expect(opening).rejects.toMatchObject({ reason: 'connect', message: expect.stringContaining('too long') })
  await until(() => proxy.connections.size === 0)
})

/** Keeps saying a little, so that the other side never runs into silence. */
const dripping = (head: string) =>
  startOddProxy(client => {
    client.write(head)
    const timer = setInterval(() => client.write('x'), 5)
    client.on('close', () => clearInterval(timer))
  })

test.each([
  ['never answers CONNECT', 'http', () => answering()],
  ['drips', 'http', () => dripping('HTTP/1.1 200 OK\r\nX: ')],
  ['never answers the greeting', 'socks5', () => answering()],
  ['never answers the login', 'socks5', () => answering([5, 2])],
  ['never answers the request', 'socks5', () => answering([5, 2], [1, 0])],
  ['answers half', 'socks5', () => answering([5, 2], [1, 0], [5, 0, 0, 1, 127])],
  ['never shakes hands', 'https', () => answering()],
] as const)('an abort ends the wait for a proxy that %s', async (_name, scheme, start) => {
  await using proxy = await start()
  const controller = new AbortController()
  const gone = new Error('gone')
  const url = `${scheme}://me:hunter2@${proxy.host}`
  const opening = open(url, target, { tls_config: trusting }, controller.signal)
  opening.catch(() => {})
  await until(() => [...proxy.connections].some(({ bytesRead }) => bytesRead > 0))
  await new Promise(resolve => setTimeout(resolve, 30)) // whichever octet it has come to
  const started = performance.now()
  controller.abort(gone)
  await expect(opening).rejects.toBe(gone)
  expect(performance.now() - started).toBeLessThan(1000)
  await until(() => proxy.connections.size === 0)
})

test('an abort before the start', async () => {
  await using proxy = await answering()
  const gone = new Error('gone')
  await expect(open(`http://${proxy.host}`, target, {}, AbortSignal.abort(gone))).rejects.toBe(gone)
})

test('an abort in the handshake of an https proxy leaves nothing behind', async () => {
  await using proxy = await startOddProxy(() => {})
  for (let delayMs = 0; delayMs < 10; delayMs++) {
    const tls_config = { insecure_skip_verify: false, ca: identity('server').cert }
    const opening = open(`https://${proxy.host}`, target, { tls_config }, AbortSignal.timeout(delayMs))
    await expect(opening).rejects.toMatchObject({ name: 'TimeoutError' })
  }
  await until(() => proxy.connections.size === 0)
})
