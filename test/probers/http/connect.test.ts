import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { serve } from '../../support/servers.ts'
import { probeHttp } from './support.ts'

const fine = (address: string) => serve((_request, response) => response.end('fine'), undefined, address)

/** A port with a queue for two connections that nobody ever takes from: its thread sleeps. */
async function listenAsleep() {
  const thread = new Worker(
    `const { parentPort } = require('node:worker_threads')
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port)
      setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    })`,
    { eval: true },
  )
  const [port] = (await once(thread, 'message')) as [number]
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => void (await thread.terminate()),
  }
}

test('a server that never takes the connection: the deadline, in its phase', async () => {
  await using server = await listenAsleep()
  const timeout = '300ms'
  const waiting = Array.from({ length: 6 }, () => probeHttp(server.host, {}, { timeout }))
  const answers = await Promise.all(waiting)
  expect(answers.map(({ status, reason }) => [status, reason])).toEqual(answers.map(() => [200, 'timeout']))
  // The first ones fill the queue, which the kernel takes for connected.
  const dropped = answers.filter(answer => answer.value('probe_failure_phase_info', { phase: 'connect' }) === 1)
  expect(dropped.length).toBeGreaterThan(0)
  for (const answer of dropped) {
    expect(answer.log).toContain('phase=connect')
    expect(answer.value('probe_http_duration_seconds', { phase: 'connect' })).toBeGreaterThan(0.15)
    expect(answer.value('probe_http_duration_seconds', { phase: 'processing' })).toBe(0)
    expect(answer.value('probe_duration_seconds')).toBeLessThan(2)
  }
})

describe('connect_fallback', () => {
  test('tries the other family, and tells of the address it used', async () => {
    await using server = await fine('127.0.0.1')
    const target = `http://localhost:${server.port}/`
    const answer = await probeHttp(target, { connect_fallback: true })
    expect([answer.reason, answer.value('probe_ip_protocol')]).toEqual([undefined, 4])
    expect(answer.value('probe_ip_addr_hash')).toBe(3_668_918_509)
  })

  test('in vain: the failure of the last one', async () => {
    const answer = await probeHttp('http://localhost:1/', { connect_fallback: true })
    expect([answer.reason, answer.value('probe_failure_phase_info', { phase: 'connect' })]).toEqual(['connect', 1])
  })

  test('does not repeat what the server answered', async () => {
    await using server = await serve((_request, response) => response.writeHead(500).end())
    const answer = await probeHttp(`http://localhost:${server.port}/`, { connect_fallback: true })
    expect(answer.reason).toBe('status')
    expect(server.asked).toHaveLength(1)
  })
})

describe('source_ip_address', () => {
  test('is where the connection comes from', async () => {
    let from: string | undefined
    await using server = await serve((request, response) => {
      from = request.socket.remoteAddress
      response.end('fine')
    })
    const answer = await probeHttp(`http://localhost:${server.port}/`, { source_ip_address: '127.0.0.9' })
    expect([answer.reason, from, answer.value('probe_ip_protocol')]).toEqual([undefined, '127.0.0.9', 4])
  })

  test('leaves no address of the other family', async () => {
    await using server = await fine('127.0.0.1')
    const answer = await probeHttp(server.host, { source_ip_address: '::1' })
    expect([answer.reason, answer.value('probe_ip_protocol')]).toEqual(['resolve', 0])
  })

  test('that is not ours', async () => {
    await using server = await fine('127.0.0.1')
    const answer = await probeHttp(server.host, { source_ip_address: '192.0.2.1' })
    expect([answer.status, answer.reason]).toEqual([200, 'connect'])
  })
})
