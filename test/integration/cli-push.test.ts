import { afterAll, beforeAll, expect } from 'vitest'
import { ProbeFailure } from '../../src/kit/failure.ts'
import { gauge } from '../../src/kit/metrics.ts'
import { commandsWith, folderWith, runHere } from '../cli/support.ts'
import { parseExposition } from '../support/exposition.ts'
import { echo, scripted, scripts } from '../support/probers.ts'
import { type Running, start, testWith } from '../support/programs.ts'

const withGateway = testWith('prometheus-pushgateway')
const commands = commandsWith([echo, scripted])
const yaml = 'modules: {http_2xx: {prober: echo}, scripted: {prober: scripted}}\n'
const taken = gauge('probe_taken', 'With a time of its own.')

let folder: Awaited<ReturnType<typeof folderWith>>
let gateway: Running & { readonly url: string }

async function startGateway() {
  const address = /address=(127\.0\.0\.1:[1-9]\d*)/
  const memoryOnly = '--persistence.file=' // Debian's has a file that outlives it
  const args = ['--web.listen-address=127.0.0.1:0', '--web.route-prefix=/push', memoryOnly]
  const running = await start('prometheus-pushgateway', args, output => address.test(output))
  return Object.assign(running, { url: `http://${address.exec(running.output())?.[1]}/push/` })
}

beforeAll(async () => {
  folder = await folderWith(yaml)
  scripts.set('down', () => {
    throw new ProbeFailure('connect', 'refused')
  })
  scripts.set('timed', ctx => ctx.metrics.setAt(taken, 1_700_000_000_000, 7))
})

afterAll(async () => {
  await folder[Symbol.asyncDispose]()
})

const sonde = (args: readonly string[], input = '') =>
  runHere([...args, '--config.file', folder.file, '-f', 'quiet', '--push-gateway', gateway.url], { commands, input })

async function pushed(name: string) {
  const series = parseExposition(await (await fetch(`${gateway.url}metrics`)).text())
  const found = series.filter(one => one.name === name)
  return found.map(({ labels, value }): Readonly<Record<string, unknown>> => ({ ...labels, value }))
}

withGateway('a group for each target, replaced by the next run', async () => {
  await using running = await startGateway()
  gateway = running
  const targets = ['https://a.example/x?y=1&z', 'b/ü "quoted"\\']
  const input = '- {target: down, module: scripted}\n- {target: timed, module: scripted}\n- timed\n'
  expect(await sonde(['probe', ...targets, '-'], input)).toEqual({ status: 1, stdout: '', stderr: '' })
  expect(new Set(await pushed('probe_success'))).toEqual(
    new Set([
      { job: 'sonde', instance: 'https://a.example/x?y=1&z', module: 'http_2xx', value: 1 },
      { job: 'sonde', instance: 'b/ü "quoted"\\', module: 'http_2xx', value: 1 },
      { job: 'sonde', instance: 'down', module: 'scripted', value: 0 },
      { job: 'sonde', instance: 'timed', module: 'scripted', value: 1 },
      { job: 'sonde', instance: 'timed', module: 'http_2xx', value: 1 },
    ]),
  )
  expect(await pushed('probe_taken')).toEqual([{ job: 'sonde', instance: 'timed', module: 'scripted', value: 7 }])

  const check = '- {name: it is up, module: scripted, target: down, expect: down}\n'
  expect((await sonde(['check', '-', '--push-job', 'ci main'], check)).status).toBe(0)
  expect(await sonde(['probe', 'down'])).toMatchObject({ status: 0 })
  expect(new Set((await pushed('probe_success')).filter(({ instance }) => instance === 'down'))).toEqual(
    new Set([
      { job: 'sonde', instance: 'down', module: 'http_2xx', value: 1 },
      { job: 'ci main', instance: 'down', module: 'scripted', check: 'it is up', value: 0 },
    ]),
  )
})

withGateway('a gateway that cannot be reached: the results are reported, the exit code is not 0', async () => {
  gateway = { url: 'http://user:secret@127.0.0.1:1' } as typeof gateway
  const passing = await sonde(['probe', 'x'])
  expect(passing.status).toBe(3)
  expect(passing.stderr).toMatch(/^error: cannot push: .*ECONNREFUSED/)
  expect(passing.stderr).not.toContain('secret')
  expect((await sonde(['probe', '-m', 'scripted', 'down'])).status).toBe(1)
})

withGateway('a gateway that refuses says why', async () => {
  await using running = await startGateway()
  for (const [path, code] of [
    ['nope', 404],
    ['/metrics/..', 301],
  ] as const) {
    gateway = { ...running, url: `${running.url}${path}` }
    const { status, stderr } = await sonde(['probe', 'x'])
    expect(status).toBe(3)
    expect(stderr).toContain(`push failed with status ${code}`)
  }
})
