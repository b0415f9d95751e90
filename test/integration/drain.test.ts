import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startServer, temporaryFolder, until } from '../support/programs.ts'

/** A target that answers when it is told to. */
async function startTarget() {
  const waiting: ServerResponse[] = []
  const server = createServer((_request, response) => void waiting.push(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    waiting,
    answer() {
      for (const response of waiting) response.end('ok')
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const crashing = new URL('../fixtures/crash/on-signal.mjs', import.meta.url).href

/** sonde with one probe of that target under way, on a connection that asks to be kept. */
async function startBusy(flags: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
  const folder = await temporaryFolder()
  const target = await startTarget()
  const file = join(folder.path, 'modules.yaml')
  await writeFile(file, 'modules: {http_2xx: {prober: http, timeout: 60s}}\n')
  const sonde = await startServer(file, flags, env)
  const socket = connect(Number(new URL(sonde.url).port), '127.0.0.1')
  let received = ''
  socket.on('data', data => {
    received += String(data)
  })
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  socket.write(`GET /probe?target=${encodeURIComponent(target.url)} HTTP/1.1\r\nHost: x\r\n\r\n`)
  await until(() => target.waiting.length === 1)
  const exited = once(sonde.child, 'exit').then(([code]) => code as number)
  return {
    sonde,
    target,
    exited,
    closed,
    received: () => received,
    async [Symbol.asyncDispose]() {
      socket.destroy()
      for (const resource of [sonde, target, folder]) await resource[Symbol.asyncDispose]()
    },
  }
}

const refuses = (url: string) =>
  fetch(url).then(
    () => false,
    () => true,
  )

describe('SIGTERM', () => {
  test('a running probe is answered, its connection closed; new ones are refused; exit 0', async () => {
    await using busy = await startBusy()
    busy.sonde.child.kill('SIGTERM')
    await until(() => refuses(`${busy.sonde.url}/-/healthy`))
    busy.target.answer()
    await busy.closed
    expect(busy.received()).toMatch(/^HTTP\/1.1 200 OK\r\n[\s\S]*\r\nConnection: close\r\n[\s\S]*\nprobe_success 1\n/)
    expect(await busy.exited).toBe(0)
    expect(busy.sonde.output()).toContain('msg="shutting down" cause=SIGTERM')
  })

  test('at --shutdown.timeout it is aborted: 503, no verdict; exit 0', async () => {
    await using busy = await startBusy(['--shutdown.timeout=300ms'])
    busy.sonde.child.kill('SIGTERM')
    expect(await busy.exited).toBe(0)
    await busy.closed
    expect(busy.received()).toMatch(/^HTTP\/1.1 503 /)
    expect(busy.received()).toMatch(/\r\nretry-after: 1\r\n/i)
    expect(busy.received()).not.toContain('probe_success')
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('a second signal, %s, ends it at once with %i', async (signal, code) => {
    await using busy = await startBusy()
    busy.sonde.child.kill('SIGTERM')
    await until(() => busy.sonde.output().includes('shutting down'))
    busy.sonde.child.kill(signal)
    expect(await busy.exited).toBe(code)
  })
})

describe('an error that reaches nobody', () => {
  const start = (kind: string) => startBusy([], { NODE_OPTIONS: `--import=${crashing}`, SONDE_TEST_CRASH: kind })
  const logged = (output: string) => output.split('\n').filter(line => line.includes('injected bug'))

  test.each([
    ['error', 'uncaughtException'],
    ['text', 'uncaughtException'],
    ['rejection', 'unhandledRejection'],
  ])('%s: one line in the log, running probes are answered, exit 70', async (kind, origin) => {
    await using busy = await start(kind)
    busy.sonde.child.kill('SIGUSR2')
    await until(() => refuses(`${busy.sonde.url}/-/healthy`))
    busy.target.answer()
    expect(await busy.exited).toBe(70)
    await busy.closed
    expect(busy.received()).toContain('probe_success 1')
    const lines = logged(busy.sonde.output())
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(new RegExp(`level=ERROR msg="a bug in sonde[^"]*" origin=${origin} error=`))
    expect(busy.sonde.output()).toContain('msg="shutting down" cause=crash')
  })

  test('a probe that does not end is answered with 503 after a short while; SIGTERM does not change the code', async () => {
    await using busy = await start('error')
    busy.sonde.child.kill('SIGUSR2')
    await until(() => busy.sonde.output().includes('injected bug'))
    busy.sonde.child.kill('SIGTERM')
    expect(await busy.exited).toBe(70)
    await busy.closed
    expect(busy.received()).toMatch(/^HTTP\/1.1 503 /)
  })

  test('an error during the drain ends it with 70, too', async () => {
    await using busy = await start('error')
    busy.sonde.child.kill('SIGTERM')
    await until(() => busy.sonde.output().includes('shutting down'))
    busy.sonde.child.kill('SIGUSR2')
    await until(() => busy.sonde.output().includes('injected bug'))
    busy.target.answer()
    expect(await busy.exited).toBe(70)
    await busy.closed
    expect(busy.received()).toContain('probe_success 1')
  })
})
