import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { IncomingMessage, type RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { createLogger } from '../../src/engine/logger.ts'
import { createExporter } from '../../src/exporter.ts'
import { gauge } from '../../src/kit/metrics.ts'
import { z } from '../../src/kit/options.ts'
import { defineProber } from '../../src/kit/prober.ts'

const metrics = Array.from({ length: 25 }, (_, index) => gauge(`probe_talker_${index}`, 'A number.'))
const headers = 'content-type: application/json; content-length: 15; date: Sat, 21 Nov 2026 12:51:46 GMT'

/** Tells and measures as much as a probe of http does, without the network. */
const talker = defineProber({
  name: 'talker',
  options: z.strictObject({}),
  metrics,
  accept: request => request,
  async probe(ctx) {
    for (const [index, metric] of metrics.entries()) ctx.metrics.set(metric, index)
    for (let line = 0; line < 8; line++) ctx.log.debug('checked the status', { status: 200, verdict: 'accepted' })
    for (let line = 0; line < 3; line++) ctx.log.debug('headers', { headers: () => headers.split('; ').join('; ') })
  },
})

/** A connection to nobody. */
const nowhere = () => new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() }) as Socket

function probeOnce(handler: RequestListener): Promise<void> {
  const socket = nowhere()
  const request = new IncomingMessage(socket)
  Object.assign(request, {
    method: 'GET',
    url: '/probe?target=127.0.0.1',
    httpVersion: '1.1',
    httpVersionMajor: 1,
    httpVersionMinor: 1,
    rawHeaders: ['Host', 'localhost:9115', 'User-Agent', 'Prometheus/2.42.0'],
    headers: { host: 'localhost:9115', 'user-agent': 'Prometheus/2.42.0' },
  })
  const response = new ServerResponse(request)
  response.assignSocket(socket)
  return new Promise((resolve, reject) => {
    response.once('finish', () => {
      if (response.statusCode === 200) resolve()
      else reject(new Error(`the probe was answered with ${response.statusCode}`))
    })
    handler(request, response)
  })
}

/** Processor time of a probe with and without history, in turns. */
export async function run([rounds = '15', probes = '2000']: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-bench-'))
  const configFile = join(folder, 'modules.yaml')
  await writeFile(configFile, 'modules: {http_2xx: {prober: talker}}')
  const log = createLogger({ level: 'error', format: 'logfmt', write: () => undefined })
  const start = async (historyLimit: number) => {
    const exporter = createExporter({
      configFiles: [configFile],
      historyLimit,
      log,
      probeLog: (module, target) =>
        createLogger({ level: 'info', format: 'logfmt', write: () => undefined }, { module, target }),
      probers: [talker],
    })
    await exporter.reload()
    return { historyLimit, handler: exporter.handler, micros: [] as number[] }
  }
  const variants = [await start(0), await start(100)]
  for (let round = 0; round < Number(rounds) + 3; round++) {
    for (const { handler, micros } of round % 2 === 0 ? variants : variants.toReversed()) {
      const before = process.cpuUsage()
      for (let probe = 0; probe < Number(probes); probe++) await probeOnce(handler)
      const { user, system } = process.cpuUsage(before)
      if (round >= 3) micros.push((user + system) / Number(probes)) // the first ones warm up
    }
  }
  for (const { historyLimit, micros } of variants) {
    const [least = 0, ...rest] = micros.sort((a, b) => a - b)
    const median = rest[rest.length >> 1] ?? least
    const shown = [least, median].map(value => value.toFixed(1))
    process.stdout.write(
      `--history.limit=${historyLimit}: at least ${shown[0]}, median ${shown[1]} µs of processor time a probe\n`,
    )
  }
  await rm(folder, { recursive: true })
}
