import dns, { type LookupAddress } from 'node:dns'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readAnswer } from '../support/probe.ts'
import { startSonde } from '../support/sonde.ts'

// The system resolver of a machine whose name servers are silent for some names.
const real = dns.lookup
const asked: string[] = []
const answers = new Set<() => void>()

type Answer = (error: NodeJS.ErrnoException | null, found: LookupAddress[]) => void

beforeEach(() => {
  asked.length = 0
  const slow = (host: string, options: dns.LookupAllOptions, answer: Answer) => {
    if (!host.endsWith('.test')) return real(host, options, answer)
    asked.push(host)
    const found = [{ address: '127.0.0.1', family: 4 }]
    if (host.startsWith('dead')) answers.add(() => answer(null, found))
    else setImmediate(answer, null, found)
  }
  Object.assign(dns, { lookup: slow })
  syncBuiltinESMExports()
})

afterEach(() => {
  for (const answer of answers) answer()
  answers.clear()
  Object.assign(dns, { lookup: real })
  syncBuiltinESMExports()
})

const yamlOf = (timeout: string) =>
  `modules: {m: {prober: http, timeout: ${timeout}, http: {preferred_ip_protocol: ip4}}}`
const slots = Number(process.env.UV_THREADPOOL_SIZE ?? 4) - 1

async function startWeb() {
  const server = createServer((_request, response) => response.end('ok')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close()
    },
  }
}

test('when names that nobody answers take every lookup, another target is not called down', async () => {
  await using web = await startWeb()
  await using sonde = await startSonde(yamlOf('300ms'))
  const probe = async (host: string) => readAnswer(await sonde.get(`/probe?module=m&target=${host}:${web.port}`))
  const dead = Array.from({ length: slots }, (_, index) => probe(`dead${index}.test`))
  await expect.poll(() => asked.length).toBe(slots)
  const healthy = await probe('alive.test')
  expect([healthy.status, healthy.text]).toEqual([503, 'overloaded: the deadline passed while waiting\n'])
  for (const answer of await Promise.all(dead)) {
    expect([answer.status, answer.reason]).toEqual([200, 'timeout'])
    expect(answer.value('probe_dns_lookup_time_seconds')).toBeGreaterThan(0.2)
  }
  for (const answer of answers) answer()
  expect((await probe('alive.test')).value('probe_success')).toBe(1)
})

test('probes of one name share its lookup', async () => {
  await using web = await startWeb()
  await using sonde = await startSonde(yamlOf('10s'))
  const probes = Array.from({ length: 10 }, async () =>
    readAnswer(await sonde.get(`/probe?module=m&target=dead.test:${web.port}`)),
  )
  await expect.poll(() => sonde.lines.filter(line => line.includes('beginning probe')).length).toBe(10)
  for (const answer of answers) answer()
  const verdicts = (await Promise.all(probes)).map(answer => answer.value('probe_success'))
  expect([new Set(verdicts), asked]).toEqual([new Set([1]), ['dead.test']])
})
