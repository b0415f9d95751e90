import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Address } from '../../../src/kit/net/address.ts'
import { connectFirst, connectTcp } from '../../../src/kit/net/connect.ts'

const server = createServer((socket: Socket) => socket.on('error', () => {}).end('hello'))
let port = 0

beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})

afterAll(() => server.close())

const v4 = (address: string): Address => ({ address, family: 4 })

function context(signal = AbortSignal.timeout(5000)) {
  const lines: string[] = []
  const line = (message: string, fields = {}) => lines.push(`${message} ${JSON.stringify(fields)}`)
  return { signal, remainingMs: () => 5000, log: { debug: line, info: line, warn: line }, lines }
}

describe('connectFirst', () => {
  test('takes the next address when one does not take the connection', async () => {
    const ctx = context()
    const { socket, address } = await connectFirst([v4('127.0.0.2'), v4('127.0.0.3'), v4('127.0.0.1')], { port }, ctx)
    socket.destroy()
    expect(address).toEqual(v4('127.0.0.1'))
    expect(ctx.lines.map(line => /"address":"([^"]*)"/.exec(line)?.[1])).toEqual(['127.0.0.2', '127.0.0.3'])
  })

  test('takes the other family', async () => {
    const { socket, address } = await connectFirst(
      [{ address: '::1', family: 6 }, v4('127.0.0.1')],
      { port },
      context(),
    )
    socket.destroy()
    expect(address.family).toBe(4)
  })

  test('throws what the last address failed with', async () => {
    const attempt = connectFirst([v4('127.0.0.2'), v4('127.0.0.3')], { port }, context())
    await expect(attempt).rejects.toMatchObject({ code: 'ECONNREFUSED', address: '127.0.0.3' })
  })

  test('tries nothing more once the signal has aborted', async () => {
    const ctx = context(AbortSignal.abort(new Error('enough')))
    await expect(connectFirst([v4('127.0.0.2'), v4('127.0.0.1')], { port }, ctx)).rejects.toThrow('enough')
    expect(ctx.lines).toEqual([])
  })
})

test('a connection comes from the address that is asked for', async () => {
  const accepted = once(server, 'connection')
  const socket = await connectTcp({ address: '127.0.0.1', port, source: '127.0.0.9' }, AbortSignal.timeout(5000))
  const [peer] = (await accepted) as [Socket]
  expect(peer.remoteAddress).toBe('127.0.0.9')
  socket.destroy()
})
