import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseExposition, type Series, sampleValue } from '../support/exposition.ts'
import { get } from '../support/load.ts'
import { start, startServer, temporaryFolder } from '../support/programs.ts'

const hostile: readonly { readonly label: string; readonly hex: string }[] = JSON.parse(
  readFileSync(new URL('../fixtures/dns/hostile.json', import.meta.url), 'utf8'),
)

const probes = 1000
const atOnce = 50
const timeoutMs = 400
// The timer of a deadline may come late on a busy machine.
const graceMs = 500

const durationMs = (series: readonly Series[]) => (sampleValue(series, 'probe_duration_seconds') ?? 0) * 1000

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
      const { status, text } = await get(`${sonde.url}/probe?module=d&target=${server.target}`, agent)
      expect(status).toBe(200)
      slowestMs = Math.max(slowestMs, durationMs(parseExposition(text)))
      expect(text).toContain('probe_success 0')
      expect(text).toMatch(/probe_failure_info\{reason="(timeout|protocol|status)"\} 1/)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client))
  agent.destroy()
  expect(server.answered()).toBeGreaterThanOrEqual(probes)
  expect(slowestMs).toBeLessThan(timeoutMs + graceMs)
  expect(sonde.child.exitCode).toBeNull()
  expect((await fetch(`${sonde.url}/-/healthy`)).status).toBe(200)
}, 120_000)

/** Why a probe of each server must fail, in the words of `probe_dns_failure`. */
const malice = {
  amplifier: 'timeout',
  refusal: 'malformed',
  otherId: 'timeout',
  otherQuestion: 'timeout',
  flood: 'timeout',
  tcpAmplifier: 'mismatch',
  tcpRefusal: 'malformed',
  tcpOtherId: 'mismatch',
  halfFrame: 'timeout',
  halfFrameAndEnd: 'closed',
  drip: 'timeout',
} as const

type Malice = keyof typeof malice

const overTcp: ReadonlySet<string> = new Set<Malice>([
  'tcpAmplifier',
  'tcpRefusal',
  'tcpOtherId',
  'halfFrame',
  'halfFrameAndEnd',
  'drip',
])
const maxDelayMs = 50
const maxRounds = 5
const probesPerRound = 100

const hostileServers = new URL('support/hostile-servers.mjs', import.meta.url).pathname

/** Servers of one kind in a process of their own, and their ports. */
async function startProcess(kind: 'hostile' | 'flood' | 'healthy') {
  const running = await start(process.execPath, [hostileServers, kind], output => output.endsWith('\n'))
  return Object.assign(running, { ports: JSON.parse(running.output()) as Readonly<Record<string, number>> })
}

/** A module that gives up soon, for what only a deadline ends, and one that waits. */
const modules = (transport: string) => {
  const section = `{query_name: x.test, query_type: A, preferred_ip_protocol: ip4, transport: ${transport}}`
  return `  ${transport}_timeout: {prober: dns, timeout: ${timeoutMs}ms, dns: ${section}}
  ${transport}: {prober: dns, timeout: 10s, dns: ${section}}
`
}

test(`malice of every kind: each probe ends by its deadline, others are not delayed by ${maxDelayMs} ms`, async () => {
  await using folder = await temporaryFolder()
  await using hostiles = await startProcess('hostile')
  await using flood = await startProcess('flood')
  await using healthy = await startProcess('healthy')
  const ports = { ...hostiles.ports, ...flood.ports, ...healthy.ports }
  const file = join(folder.path, 'modules.yaml')
  await writeFile(file, `modules:\n${modules('udp')}${modules('tcp')}`)
  await using sonde = await startServer(file)
  const agent = new Agent({ keepAlive: true })

  const probe = async (module: string, server: string) => {
    const startedMs = performance.now()
    const { text } = await get(`${sonde.url}/probe?module=${module}&target=127.0.0.1:${ports[server]}`, agent)
    return { ms: performance.now() - startedMs, series: parseExposition(text) }
  }
  /** How long nine of ten probes of the healthy server take at most. */
  const usualMs = async (): Promise<number> => {
    const times: number[] = []
    for (let count = 0; count < probesPerRound; count++) {
      const { ms, series } = await probe('udp', 'healthy')
      expect(sampleValue(series, 'probe_success')).toBe(1)
      times.push(ms)
    }
    return times.sort((x, y) => x - y)[probesPerRound * 0.9] ?? 0
  }
  const attack = async (name: Malice) => {
    const transport = overTcp.has(name) ? 'tcp' : 'udp'
    const isLasting = malice[name] === 'timeout'
    const { series } = await probe(isLasting ? `${transport}_timeout` : transport, name)
    const failure = series.find(each => each.name === 'probe_dns_failure')
    expect([name, failure?.labels.reason]).toEqual([name, malice[name]])
    if (isLasting) expect(durationMs(series)).toBeLessThan(timeoutMs + graceMs)
  }
  /** Probes these servers one after another, each at least once. */
  const keepAttacking = async (names: readonly Malice[], goesOn: () => boolean) => {
    do for (const name of names) await attack(name)
    while (goesOn())
  }
  const names = Object.keys(malice) as Malice[]
  const quick = names.filter(name => malice[name] !== 'timeout')
  const chains = [quick, ...names.filter(name => !quick.includes(name)).map(name => [name])]

  // A busy machine delays some rounds; what sonde itself delays, it delays in all of them.
  let delayMs = Number.POSITIVE_INFINITY
  for (let round = 0; round < maxRounds && delayMs >= maxDelayMs; round++) {
    const alone = await usualMs()
    let isOn = true
    const attacks = Promise.allSettled(chains.map(chain => keepAttacking(chain, () => isOn)))
    delayMs = Math.min(delayMs, (await usualMs()) - alone)
    isOn = false
    for (const each of await attacks) if (each.status === 'rejected') throw each.reason
  }
  agent.destroy()
  expect(delayMs).toBeLessThan(maxDelayMs)
  expect(sonde.child.exitCode).toBeNull()
}, 120_000)
