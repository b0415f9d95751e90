import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { watchSources } from '../../src/config/watch.ts'
import { readAnswer } from '../support/probe.ts'
import { echo } from '../support/probers.ts'
import { startSonde } from '../support/sonde.ts'

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'sonde-watch-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

describe('changes of modules files', () => {
  test('content counts, not time; a file that comes or goes counts; each change once', async () => {
    await using dir = await folder()
    const file = join(dir.path, 'a.yaml')
    await writeFile(file, 'one')
    const watched = watchSources([join(dir.path, '*.yaml')])
    await watched.read()
    const seen: boolean[] = [await watched.hasChanged()]
    for (const change of [
      () => writeFile(file, 'one'),
      () => writeFile(file, 'two'),
      () => writeFile(join(dir.path, 'b.yaml'), 'three'),
      () => rename(join(dir.path, 'b.yaml'), join(dir.path, 'c.yaml')),
      () => rm(join(dir.path, 'c.yaml')),
      () => rm(file),
    ]) {
      await change()
      seen.push(await watched.hasChanged(), await watched.hasChanged())
    }
    expect(seen.map(Number).join(' ')).toBe('0 0 0 1 0 1 0 1 0 1 0 1 0')
  })

  test('what a load has seen is no change', async () => {
    await using dir = await folder()
    const file = join(dir.path, 'a.yaml')
    await writeFile(file, 'one')
    const watched = watchSources([file])
    await watched.read()
    await writeFile(file, 'two')
    await watched.read()
    expect(await watched.hasChanged()).toBe(false)
  })
})

describe('--config.enable-auto-reload', () => {
  const yaml = (name: string) => `modules: {${name}: {prober: echo}}`

  test('a good file takes effect, a bad one is told once, and going back to the good one is good again', async () => {
    await using sonde = await startSonde(yaml('one'), { probers: [echo], autoReloadMs: 20 })
    const success = async () =>
      (await readAnswer(await sonde.get('/metrics'))).value('sonde_config_last_reload_successful')
    await writeFile(sonde.configFile, yaml('two'))
    await expect.poll(async () => (await sonde.get('/probe?target=x&module=two')).status).toBe(200)
    await writeFile(sonde.configFile, 'modules: [broken')
    await expect.poll(success).toBe(0)
    expect((await sonde.get('/probe?target=x&module=two')).status).toBe(200)
    await writeFile(sonde.configFile, yaml('two'))
    await expect.poll(success).toBe(1)
    await rm(sonde.configFile)
    await expect.poll(success).toBe(0)
    await writeFile(sonde.configFile, yaml('two'))
    await expect.poll(success).toBe(1)
    const changes = sonde.lines.filter(line => line.includes('the configuration files have changed'))
    // A file that is being written may be seen empty.
    expect(changes.length).toBeGreaterThanOrEqual(5)
    expect(changes.length).toBeLessThanOrEqual(9)
  })

  test('without it, or with a file that stays, nothing is loaded again', async () => {
    await using off = await startSonde(yaml('one'), { probers: [echo] })
    await using on = await startSonde(yaml('one'), { probers: [echo], autoReloadMs: 5 })
    await writeFile(off.configFile, yaml('two'))
    await new Promise(resolve => setTimeout(resolve, 100))
    const loads = [off, on].map(({ lines }) => lines.filter(line => line.includes('loaded the configuration')).length)
    expect(loads).toEqual([1, 1])
  })
})
