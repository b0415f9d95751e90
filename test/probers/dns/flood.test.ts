import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readAnswer } from '../../support/probe.ts'
import { type Sonde, startSonde } from '../../support/sonde.ts'
import { a, answerTo } from './build.ts'
import { startDns } from './dns-server.ts'

const yaml = (timeout: string) =>
  `modules: {m: {prober: dns, timeout: ${timeout}, dns: {query_name: x.test, query_type: A, preferred_ip_protocol: ip4}}}`

/** A server in a process of its own that floods whoever asks. */
async function startFlooder(fault: string) {
  const child = spawn(process.execPath, [new URL('flooder.mjs', import.meta.url).pathname, fault], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  return {
    target: `127.0.0.1:${String(line).trim()}`,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

const ask = async (sonde: Sonde, target: string) => readAnswer(await sonde.get(`/probe?module=m&target=${target}`))

/** How long each of some probes took that succeed, one after another; in milliseconds, the median. */
async function medianMs(sonde: Sonde, target: string, goesOn: () => boolean): Promise<number> {
  const times: number[] = []
  while (goesOn() && times.length < 200) {
    const answer = await ask(sonde, target)
    expect(answer.value('probe_success')).toBe(1)
    times.push((answer.value('probe_duration_seconds') ?? 0) * 1000)
  }
  return times.sort((x, y) => x - y)[times.length >> 1] ?? 0
}

test.each(['id', 'question'])(
  '10,000 datagrams with another %s each: other probes go on',
  async fault => {
    await using flooder = await startFlooder(fault)
    await using healthy = await startDns({ udp: (query, send) => send(answerTo(query, { answer: [a('192.0.2.1')] })) })
    await using sonde = await startSonde(yaml('1500ms'))
    let left = 30
    const alone = await medianMs(sonde, healthy.target, () => left-- > 0)
    let running = 5
    const flooded = Array.from({ length: running }, async () => {
      const answer = await ask(sonde, flooder.target)
      running--
      return answer
    })
    const beside = await medianMs(sonde, healthy.target, () => running > 0)
    for (const answer of await Promise.all(flooded)) {
      expect(answer.reason).toBe('timeout')
      expect(answer.value('probe_dns_ignored_responses')).toBeGreaterThan(100)
      expect(answer.value('probe_duration_seconds')).toBeLessThan(2.5)
    }
    expect(beside - alone).toBeLessThan(50)
  },
  30_000,
)
