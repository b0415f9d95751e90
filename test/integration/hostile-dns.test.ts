import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { get } from '../support/load.ts'
import { startServer, temporaryFolder } from '../support/programs.ts'

const hostile: readonly { readonly label: string; readonly hex: string }[] = JSON.parse(
  readFileSync(new URL('../fixtures/dns/hostile.json', import.meta.url), 'utf8'),
)

const probes = 2000
const atOnce = 100
const timeoutMs = 400

/** Answers each query with the next hostile message, under the query's own ID so that it is looked at. */
async function startHostileServer() {
  const socket = createSocket('udp4')
  let answered = 0
  socket.on('message', (query, { address, port }) => {
    const octets = Buffer.from(hostile[answered++ % hostile.length]?.hex ?? '', 'hex')
    if (octets.length >= 2) query.copy(octets, 0, 0, 2)
    socket.send(octets, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    target: `127.0.0.1:${socket.address().port}`,
    answered: () => answered,
    async [Symbol.asyncDispose]() {
      socket.close()
    },
  }
}

test(`${probes} hostile answers in a row: the process lives and every probe ends by its deadline`, async () => {
  await using folder = await temporaryFolder()
  await using server = await startHostileServer()
  const file = join(folder.path, 'modules.yaml')
  await writeFile(
    file,
    `modules: {d: {prober: dns, timeout: ${timeoutMs}ms, dns: {query_name: x.test, query_type: A}}}\n`,
  )
  await using sonde = await startServer(file)
  const agent = new Agent({ keepAlive: true })
  let slowestMs = 0
  let next = 0
  const client = async () => {
    while (next++ < probes) {
      const startedMs = performance.now()
      const { status, text } = await get(`${sonde.url}/probe?module=d&target=${server.target}`, agent)
      slowestMs = Math.max(slowestMs, performance.now() - startedMs)
      expect(status).toBe(200)
      expect(text).toContain('probe_success 0')
      expect(text).toMatch(/probe_failure_info\{reason="(timeout|protocol|status)"\} 1/)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client))
  agent.destroy()
  expect(server.answered()).toBeGreaterThanOrEqual(probes)
  expect(slowestMs).toBeLessThan(timeoutMs + 500)
  expect(sonde.child.exitCode).toBeNull()
  expect((await fetch(`${sonde.url}/-/healthy`)).status).toBe(200)
}, 120_000)
