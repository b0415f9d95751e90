import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { probe } from '../../support/probe.ts'
import { a, answerTo, tc } from './build.ts'
import { closedPort, type Handlers, reply, startDns } from './dns-server.ts'
import { replyOverHttp, startDoh, startDot } from './encrypted-servers.ts'

const run = (target: string, dns: object, timeout: string) =>
  probe(
    JSON.stringify({
      modules: {
        m: {
          prober: 'dns',
          timeout,
          dns: {
            query_name: 'www.example.org',
            query_type: 'A',
            preferred_ip_protocol: 'ip4',
            tls_config: { insecure_skip_verify: true },
            ...dns,
          },
        },
      },
    }),
    { target, module: 'm' },
  )

const healthy = (query: Buffer) => answerTo(query, { answer: [a('192.0.2.1')] })

/** Calls `answer` from the `nth` time on. */
const fromTimeOn = <T extends unknown[]>(nth: number, answer: (...args: T) => void) => {
  let times = 0
  return (...args: T) => void (++times >= nth && answer(...args))
}

async function ask(handlers: Handlers, dns: object, timeout: string) {
  await using server = await startDns(handlers)
  return { answer: await run(server.target, dns, timeout), server }
}

describe('retries', () => {
  test.each([1, 2, 3])('the answer to query %i counts', async nth => {
    const udp = fromTimeOn(nth, (query: Buffer, send: (octets: Buffer) => void) => send(healthy(query)))
    const { answer, server } = await ask({ udp }, { retries: 2 }, '1500ms')
    expect(answer.value('probe_success'), answer.log).toBe(1)
    expect(answer.value('probe_dns_attempts')).toBe(nth)
    expect(answer.names).not.toContain('probe_attempts')
    const ids = server.udpQueries.map(query => query.readUInt16BE())
    expect(ids).toHaveLength(nth)
    expect(new Set(ids).size).toBeGreaterThan(nth > 2 ? 1 : nth - 1)
  })

  test('share the one deadline evenly', async () => {
    const times: number[] = []
    const udp = () => void times.push(performance.now())
    const { answer } = await ask({ udp }, { retries: 3 }, '1s')
    expect(answer.reason).toBe('timeout')
    expect(answer.value('probe_dns_failure', { reason: 'timeout' })).toBe(1)
    expect(answer.value('probe_dns_attempts')).toBe(4)
    expect(answer.value('probe_duration_seconds')).toBeLessThan(1.5)
    expect(times).toHaveLength(4)
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0))
    for (const gap of gaps) expect(gap).toBeGreaterThan(150)
  })

  test('come from another port', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    const ports = new Set<number>()
    socket.on('message', (_, { port }) => ports.add(port))
    await run(`127.0.0.1:${socket.address().port}`, { retries: 3 }, '600ms')
    socket.close()
    expect(ports.size).toBeGreaterThan(1)
  })

  test.each<[string, Handlers]>([
    ['a response code', { udp: (query, send) => send(answerTo(query, { rcode: 2 })) }],
    ['a malformed answer', { udp: (query, send) => send(healthy(query).subarray(0, -1)) }],
  ])('do not follow %s', async (_case, handlers) => {
    const { answer, server } = await ask(handlers, { retries: 3 }, '5s')
    expect(answer.value('probe_success')).toBe(0)
    expect(answer.value('probe_dns_attempts')).toBe(1)
    expect(server.udpQueries).toHaveLength(1)
  })

  test('do not follow a refused connection', async () => {
    const answer = await run(`127.0.0.1:${await closedPort()}`, { retries: 3, transport: 'tcp' }, '5s')
    expect(answer.value('probe_dns_failure', { reason: 'connect_refused' })).toBe(1)
    expect(answer.value('probe_dns_attempts')).toBe(1)
  })

  test('over tcp', async () => {
    const tcp = fromTimeOn(2, (query: Buffer, socket: Parameters<typeof reply>[0]) => reply(socket, healthy(query)))
    const { answer } = await ask({ tcp }, { retries: 1, transport: 'tcp' }, '1s')
    expect(answer.value('probe_success'), answer.log).toBe(1)
    expect(answer.value('probe_dns_attempts')).toBe(2)
  })

  test.each(['dot', 'doh'])('over %s', async transport => {
    await using dot = await startDot(fromTimeOn(2, (query, socket) => reply(socket, healthy(query))))
    await using doh = await startDoh(fromTimeOn(2, (query, response) => replyOverHttp(response, healthy(query))))
    const target = `127.0.0.1:${transport === 'dot' ? dot.port : doh.port}`
    const answer = await run(target, { retries: 1, transport }, '2s')
    expect(answer.value('probe_success'), answer.log).toBe(1)
    expect(answer.value('probe_dns_attempts')).toBe(2)
  })

  test('cover the TCP that follows a truncated answer', async () => {
    const { answer, server } = await ask(
      {
        udp: (query, send) => send(answerTo(query, { flags: tc })),
        tcp: fromTimeOn(2, (query: Buffer, socket: Parameters<typeof reply>[0]) => reply(socket, healthy(query))),
      },
      { retries: 1 },
      '1s',
    )
    expect(answer.value('probe_success'), answer.log).toBe(1)
    expect(answer.value('probe_dns_attempts')).toBe(2)
    expect(answer.value('probe_dns_tcp_fallback')).toBe(1)
    expect([server.udpQueries.length, server.tcpQueries.length]).toEqual([2, 2])
  })

  test('skipped datagrams of all tries count', async () => {
    const wrong = (query: Buffer) => answerTo(query, { id: query.readUInt16BE() ^ 1 })
    const { answer } = await ask({ udp: (query, send) => send(wrong(query)) }, { retries: 2 }, '600ms')
    expect(answer.reason).toBe('timeout')
    expect(answer.value('probe_dns_ignored_responses')).toBe(3)
  })

  test('are apart from those of the module', async () => {
    await using server = await startDns({ udp: () => {} })
    const yaml = `modules: {m: {prober: dns, timeout: 800ms, retries: {attempts: 2, delay: 0s}, dns: {query_name: x, query_type: A, preferred_ip_protocol: ip4, retries: 1}}}`
    const answer = await probe(yaml, { target: server.target, module: 'm' })
    expect(answer.reason).toBe('timeout')
    expect(answer.value('probe_attempts')).toBe(2)
    expect(server.udpQueries.length).toBe(4)
  })
})
