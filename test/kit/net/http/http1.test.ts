import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { sendHttp1 } from '../../../../src/kit/net/http/http1.ts'
import { until } from '../../../support/programs.ts'
import { serveRaw } from '../../../support/servers.ts'

const head = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig'

/** Sends a large request to a server that has said this and reset the connection before the first octet went out. */
async function sendTo(said: string) {
  await using server = await serveRaw(() => {})
  const socket = connect(server.port, '127.0.0.1').pause()
  socket.on('error', () => {})
  await once(socket, 'connect')
  await until(() => server.connections.size === 1, 2000)
  const [other] = [...server.connections]
  if (said === '') other?.resetAndDestroy()
  else other?.write(said, () => other.resetAndDestroy())
  await until(() => server.connections.size === 0, 2000)
  socket.resume()
  const headers = [['Host', 'localhost'] as const]
  const request = { method: 'POST', path: '/', headers, body: Buffer.alloc(2 ** 20) }
  try {
    const { status, body } = await sendHttp1(socket, request, AbortSignal.timeout(5000))
    return { status, body: Buffer.concat(await body.toArray()).toString() }
  } finally {
    socket.destroy()
  }
}

test('an answer that came before the request was sent is not lost', async () => {
  expect(await sendTo(head)).toEqual({ status: 413, body: 'big' })
})

test('half an answer is a malformed one', async () => {
  await expect(sendTo(head.slice(0, 20))).rejects.toMatchObject({ reason: 'protocol' })
})

test('no answer is a broken connection', async () => {
  await expect(sendTo('')).rejects.toMatchObject({ code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) })
})
