import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ProbeFailure } from '../../src/kit/failure.ts'
import { echo, scripted, scripts } from '../support/probers.ts'
import { serve } from '../support/servers.ts'
import { commandsWith, folderWith, type RunOptions, runHere } from './support.ts'

const commands = commandsWith([echo, scripted])
let folder: Awaited<ReturnType<typeof folderWith>>

beforeAll(async () => {
  folder = await folderWith('modules: {http_2xx: {prober: echo}, scripted: {prober: scripted}}\n')
})
afterAll(() => folder[Symbol.asyncDispose]())

const push = (gateway: string, args: readonly string[], options: RunOptions = {}) =>
  runHere(
    ['probe', '--config.file', folder.file, '-f', 'quiet', '--push-gateway', `http://user:secret@${gateway}`, ...args],
    { commands, ...options },
  )

describe('a gateway', () => {
  test('that refuses: its words, on one line', async () => {
    await using gateway = await serve((_request, response) => {
      response.statusCode = 500
      response.end('the disk is full\n')
    })
    expect(await push(gateway.host, ['x'])).toEqual({
      status: 3,
      stdout: '',
      stderr: 'error: cannot push: push failed with status 500, the disk is full\n',
    })
  })

  test('that says nothing is left at the first signal', async () => {
    let stop = (_signal: NodeJS.Signals) => {}
    await using gateway = await serve(() => stop('SIGINT'))
    const stopSignal = () =>
      new Promise<NodeJS.Signals>(resolve => {
        stop = resolve
      })
    expect(await push(gateway.host, ['x'], { stopSignal })).toEqual({
      status: 130,
      stdout: '',
      stderr: 'error: cannot push: interrupted by SIGINT\n',
    })
  })

  test('keeps what it has of a target that was not probed to the end', async () => {
    scripts.set('half', () => {
      throw new ProbeFailure('connect', 'down')
    })
    await using gateway = await serve((_request, response) => response.end())
    const input = '- {target: whole}\n- {target: half, module: scripted}\n- {target: half}\n'
    await push(gateway.host, ['--fail-fast', '--concurrency=1', '-'], { input })
    const instances = gateway.asked.map(({ url = '' }) =>
      Buffer.from(url.split('/').at(-1) ?? '', 'base64url').toString(),
    )
    expect(instances).toEqual(['whole'])
  })
})
