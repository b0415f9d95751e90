import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { DeadlineExceeded } from '../../../src/kit/failure.ts'
import { anyAddress } from '../../../src/kit/net/policy/policy.ts'
import type { LogFields, ProbeContext } from '../../../src/kit/prober.ts'
import { dns } from '../../../src/probers/dns/index.ts'
import { options } from '../../../src/probers/dns/options.ts'
import { a, answerTo, tc } from './build.ts'
import { type Handlers, reply, startDns } from './dns-server.ts'
import { replyOverHttp, startDoh, startDot } from './encrypted-servers.ts'

function context(signal: AbortSignal) {
  const written: string[] = []
  const logged: LogFields[] = []
  const ignore = () => {}
  const ctx: ProbeContext = {
    signal,
    remainingMs: () => 5000,
    now: Date.now,
    metrics: {
      set: ({ name }, _value, ...labels) => void written.push([name, ...Object.values(labels[0] ?? {})].join(' ')),
      setAt: ignore,
    },
    counters: { add: ignore },
    policy: anyAddress,
    log: { debug: (_, fields = {}) => void logged.push(fields), info: ignore, warn: ignore },
  }
  return { ctx, written, logged }
}

const sockets = () => process.getActiveResourcesInfo().filter(name => /^(UDP|TCP)/.test(name)).length

const until = (check: () => void) => vi.waitFor(check, { interval: 2 })

// Other files run in this process, too, and clients may keep their last connections for some seconds.
beforeAll(() => vi.waitFor(() => expect(sockets()).toBe(0), { timeout: 20_000 }))

// What one test leaves behind must not hide what the next one does.
beforeEach(() => until(() => expect(sockets()).toBe(0)))

const config = (section: object = {}) =>
  options.parse({ query_name: 'x', query_type: 'A', preferred_ip_protocol: 'ip4', ...section })

const run = (target: string, signal: AbortSignal, section: object = {}) => {
  const { ctx, written, logged } = context(signal)
  const request = dns.accept({ target, params: new Map() }, config(section), anyAddress)
  return { done: dns.probe(ctx, request, config(section)), written, logged }
}

const truncating: Handlers['udp'] = (query, send) => send(answerTo(query, { flags: tc }))

describe('an aborted probe settles at once with the reason of its signal and leaves no socket', () => {
  test.each<[phase: string, handlers: Handlers, section: object]>([
    ['waiting over udp', { udp: () => {} }, {}],
    ['waiting over tcp', { tcp: () => {} }, { transport_protocol: 'tcp' }],
    [
      'inside a frame',
      { tcp: (_, socket) => void socket.write(Buffer.from([0, 99, 1])) },
      { transport_protocol: 'tcp' },
    ],
    ['after the fallback', { udp: truncating, tcp: () => {} }, {}],
    ['with a retry to come', { udp: () => {} }, { retries: 3 }],
    ['before a TLS handshake', { tcp: () => {} }, { transport: 'dot' }],
    ['before a TLS handshake for HTTPS', { tcp: () => {} }, { transport: 'doh' }],
  ])('%s', async (_phase, handlers, section) => {
    await using server = await startDns(handlers)
    const before = sockets()
    const controller = new AbortController()
    const { done, written } = run(server.target, controller.signal, section)
    const settled = done.then(
      () => undefined,
      (error: unknown) => error,
    )
    const queries = handlers.tcp === undefined ? server.udpQueries : server.tcpQueries
    await until(() => expect(queries).toHaveLength(1))
    const aborted = performance.now()
    controller.abort(new DeadlineExceeded())
    // What is to be in the answer must be there before anything else runs.
    expect(written).toContain('probe_dns_failure timeout')
    expect(await settled).toBe(controller.signal.reason)
    expect(performance.now() - aborted).toBeLessThan(200)
    await until(() => expect(sockets()).toBe(before))
  })

  test.each<[phase: string, transport: string, octets: Buffer]>([
    ['waiting over tls', 'dot', Buffer.alloc(0)],
    ['inside a frame', 'dot', Buffer.from([0, 99, 1])],
    ['waiting over https', 'doh', Buffer.alloc(0)],
    ['inside a body', 'doh', Buffer.alloc(20)],
    ['waiting over HTTP/1.1', 'doh_http1', Buffer.alloc(0)],
    ['inside a body of HTTP/1.1', 'doh_http1', Buffer.alloc(20)],
  ])('%s: %s', async (_phase, transport, octets) => {
    let isAsked = false
    await using server =
      transport === 'dot'
        ? await startDot((_, socket) => {
            isAsked = true
            if (octets.length > 0) socket.write(octets)
          })
        : await startDoh((_, response) => {
            isAsked = true
            if (octets.length === 0) return
            response.writeHead(200, { 'content-type': 'application/dns-message' })
            response.write(octets)
          })
    const before = sockets()
    const controller = new AbortController()
    const section = { transport, tls_config: { insecure_skip_verify: true } }
    const { done, written } = run(`127.0.0.1:${server.port}`, controller.signal, section)
    const settled = done.catch((error: unknown) => error)
    await until(() => expect(isAsked).toBe(true))
    const aborted = performance.now()
    controller.abort(new DeadlineExceeded())
    expect(written).toContain('probe_dns_failure timeout')
    expect(await settled).toBe(controller.signal.reason)
    expect(performance.now() - aborted).toBeLessThan(200)
    await until(() => expect(sockets()).toBe(before))
    await until(() => expect(server.connections.size).toBe(0))
  })

  test('before it began', async () => {
    const reason = new DeadlineExceeded()
    await expect(run('127.0.0.1:9', AbortSignal.abort(reason)).done).rejects.toBe(reason)
    expect(sockets()).toBe(0)
  })

  test('in the midst of long checks', async () => {
    const answer = Array.from({ length: 4000 }, (_, index) => a(`192.0.${index >> 8}.${index & 255}`))
    await using server = await startDns({ tcp: (query, socket) => reply(socket, answerTo(query, { answer })) })
    const controller = new AbortController()
    const patterns = Array.from({ length: 100 }, (_, index) => `(a|b|[0-9.]+)*${index}x$`)
    const section = { transport_protocol: 'tcp', validate_answer_rrs: { fail_if_matches_regexp: patterns } }
    const { done, written } = run(server.target, controller.signal, section)
    const settled = done.catch((error: unknown) => error)
    await until(() => expect(written).toContain('probe_dns_rcode'))
    const aborted = performance.now()
    controller.abort(new DeadlineExceeded())
    expect(await settled).toBe(controller.signal.reason)
    expect(performance.now() - aborted).toBeLessThan(200)
  })
})

test.each(['dot', 'doh', 'doh_http1'])('a probe over %s leaves no socket, however it ends', async transport => {
  await using dot = await startDot((query, socket) => reply(socket, answerTo(query)))
  await using doh = await startDoh((query, response) => replyOverHttp(response, answerTo(query)))
  const before = sockets()
  const { port, connections } = transport === 'dot' ? dot : doh
  for (const tls_config of [{ insecure_skip_verify: true }, {}]) {
    const { done } = run(`127.0.0.1:${port}`, new AbortController().signal, { transport, tls_config })
    const failed = await done.then(
      () => false,
      () => true,
    )
    expect(failed).toBe(!('insecure_skip_verify' in tls_config))
    await until(() => expect([sockets(), connections.size]).toEqual([before, 0]))
  }
})

test('a probe that succeeds leaves no socket', async () => {
  await using server = await startDns({ udp: truncating, tcp: (query, socket) => reply(socket, answerTo(query)) })
  const before = sockets()
  await run(server.target, new AbortController().signal).done
  await until(() => expect(sockets()).toBe(before))
})

test('records are not made into text unless somebody reads it', async () => {
  await using server = await startDns({ udp: (query, send) => send(answerTo(query, { answer: [a('192.0.2.1')] })) })
  const { done, logged } = run(server.target, new AbortController().signal)
  await done
  const [record] = logged.flatMap(fields => fields.record ?? [])
  expect(record).toBeTypeOf('function')
  expect((record as () => string)()).toBe('x.\t300\tIN\tA\t192.0.2.1')
})
