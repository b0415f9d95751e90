import { once } from 'node:events'
import { rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type Reply, startLoad } from '../support/load.ts'
import { startServer, temporaryFolder, until } from '../support/programs.ts'

const answerAfterMs = 1000
const clients = 250 // so that 200 are in flight at some moment

/** A target that takes its time, so that many probes are under way at any moment. */
async function startSlowTarget() {
  const server = createServer((_request, response) => void setTimeout(() => response.end('ok'), answerAfterMs))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

const modules = (generation: number) =>
  `modules: {http_2xx: {prober: http, timeout: 20s}, generation_${generation}: {prober: http}}\n`

const inFlight = async (url: string) =>
  Number(/^sonde_probes_in_flight (\d+)$/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1])

const failed = (replies: readonly Reply[]) =>
  replies.filter(({ status, text }) => status !== 200 || !text.includes('probe_success 1'))

/** sonde with 200 probes of a slow target in flight. */
async function startLoaded() {
  const folder = await temporaryFolder()
  const target = await startSlowTarget()
  const file = join(folder.path, 'modules.yaml')
  await writeFile(file, modules(0))
  const sonde = await startServer(file)
  const load = startLoad(() => `${sonde.url}/probe?target=${encodeURIComponent(target.url)}`, clients)
  const loaded = {
    file,
    sonde,
    load,
    async [Symbol.asyncDispose]() {
      for (const resource of [sonde, target, folder]) await resource[Symbol.asyncDispose]()
    },
  }
  await until(async () => (await inFlight(sonde.url)) >= 200, 60_000).catch(async (error: unknown) => {
    await loaded[Symbol.asyncDispose]()
    throw error
  })
  return loaded
}

test('a reload under load fails no request', async () => {
  await using loaded = await startLoaded()
  const { file, sonde, load } = loaded
  for (let generation = 1; generation <= 10; generation++) {
    await writeFile(`${file}.new`, generation === 5 ? 'modules: [broken' : modules(generation))
    await rename(`${file}.new`, file)
    if (generation % 2 === 0) sonde.child.kill('SIGHUP')
    else await fetch(`${sonde.url}/-/reload`, { method: 'POST' })
  }
  await until(async () => (await (await fetch(`${sonde.url}/config`)).text()).includes('generation_10'))
  const reloaded = load.replies.length
  await until(() => load.replies.length >= reloaded + clients)
  await load.stop()
  expect([load.broken, failed(load.replies)]).toEqual([[], []])
}, 180_000)

const reloading = new URL('../fixtures/start/reload-while-loading.mjs', import.meta.url).href

test('SIGHUP while it starts does not end it', async () => {
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'modules.yaml')
  await writeFile(file, modules(0))
  await using sonde = await startServer(file, [], { NODE_OPTIONS: `--import=${reloading}` })
  await until(() => sonde.output().split('loaded the configuration').length === 3)
  expect((await fetch(`${sonde.url}/-/ready`)).status).toBe(200)
})

test('SIGTERM under load loses no accepted request', async () => {
  await using loaded = await startLoaded()
  const { sonde, load } = loaded
  const code = await sonde.stop('SIGTERM')
  await load.stop()
  expect(code).toBe(0)
  // Each was answered with its probe, or told to come back; then connections were refused, never cut.
  const refused = failed(load.replies).filter(({ status }) => status !== 503)
  expect(refused).toEqual([])
  const cut = load.broken.filter(error => (error as NodeJS.ErrnoException).code !== 'ECONNREFUSED')
  expect(cut).toEqual([])
  expect(load.replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(200)
}, 180_000)
