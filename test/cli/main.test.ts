import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { runSonde, startServer, until } from '../support/programs.ts'
import { folderWith, runHere } from './support.ts'

const good = 'modules: {http_2xx: {prober: http}, stream: {prober: tcp}}\n'
const bad = 'modules:\n  a: {prober: htpt}\n  b: {prober: http, timeout: 5}\n'

describe('help and version', async () => {
  test('--version goes to stdout, first line as Prometheus programs print it', () => {
    const { status, stdout, stderr } = runSonde(['--version'])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/^sonde, version \d+\.\d+\.\d+ \(revision: \w+\)\n/)
  })

  test.each([['--help'], ['-h'], ['serve', '--help']])('%s %s goes to stdout', async (...args) => {
    const { status, stdout, stderr } = await runHere(args)
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain('Usage: sonde')
  })

  test('every flag tells its environment variable', async () => {
    const { stdout } = await runHere(['serve', '--help'])
    const flags = [...stdout.matchAll(/^ {2}--([\w.-]+)/gm)].map(([, name = '']) => name)
    expect(flags).toContain('web.listen-address')
    const text = stdout.replaceAll(/\s+/g, ' ')
    for (const name of flags) expect(text).toContain(`env: SONDE_${name.replaceAll(/[.-]/g, '_').toUpperCase()}`)
  })
})

describe('--config.check', async () => {
  test('a good file: 0, ok and the warnings', async () => {
    await using folder = await folderWith(good)
    const { status, stdout, stderr } = await runHere([`--config.file=${folder.file}`, '--config.check'])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(
      /^warning: .*modules\.yaml:1:37 modules\.stream: module 'stream' cannot run: .*\n.*: ok, 2 modules\n$/,
    )
  })

  test('a faulty file: 1, every mistake on stderr', async () => {
    await using folder = await folderWith(bad)
    const { status, stdout, stderr } = await runHere(['serve', '--config.check=true', '--config.file', folder.file])
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr.trim().split('\n')).toHaveLength(2)
    expect(stderr).toContain(`${folder.file}:2:7 modules.a.prober: expected one of`)
  })

  test('a missing file: 1 and one line', async () => {
    const { status, stderr } = await runHere(['--config.check', '--config.file=/nope/x.yaml'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^cannot read \/nope\/x\.yaml: ENOENT.*\n$/)
  })
})

describe('bad usage is 2, with a line that names it', async () => {
  test.each([
    [['--nope'], {}, '--nope'],
    [['--web.listen-adress=:1'], {}, 'Did you mean --web.listen-address'],
    [['serve', 'extra'], {}, 'too many arguments'],
    [['--probe.concurrency=0'], {}, 'whole number from 1'],
    [['--web.listen-address=nope'], {}, ':9115'],
    [['--timeout-offset=-1'], {}, 'seconds'],
    [['--shutdown.timeout=5'], {}, 'duration'],
    [['--log.level=loud'], {}, 'debug, info, warn, error'],
    [['--config.check=maybe'], {}, 'true or false'],
    [[], { SONDE_CONFIG_CHECK: 'maybe' }, 'SONDE_CONFIG_CHECK'],
    [[], { SONDE_PROBE_QUEUE: 'many' }, 'SONDE_PROBE_QUEUE'],
    [[], { SONDE_LOG_FORMAT: 'xml' }, 'SONDE_LOG_FORMAT'],
  ])('%j %j', async (args, env, text) => {
    const { status, stderr } = await runHere(args, { env })
    expect(status).toBe(2)
    expect(stderr).toContain(text)
  })
})

describe('the environment', () => {
  const check = (args: readonly string[], env: Record<string, string>) => runHere(['--config.check', ...args], { env })

  test('flags win over it', async () => {
    await using folder = await folderWith(good)
    const env = { SONDE_CONFIG_FILE: '/nope' }
    expect(await check([`--config.file=${folder.file}`], env)).toMatchObject({ status: 0, stderr: '' })
    expect((await check([], env)).stderr).toContain('/nope')
  })

  test('lists are separated by commas', async () => {
    await using folder = await folderWith(good)
    const env = { SONDE_CONFIG_FILE: folder.file }
    expect((await check([], { ...env, SONDE_WEB_LISTEN_ADDRESS: ':1,nope' })).status).toBe(2)
    expect((await check([], { ...env, SONDE_WEB_LISTEN_ADDRESS: ':1,[::1]:2' })).status).toBe(0)
  })
})

describe('serve', () => {
  test('starts, answers, logs one line per event to stderr, and ends with 0 on SIGINT', async () => {
    await using folder = await folderWith(good)
    const env = { SONDE_LOG_FORMAT: 'json', SONDE_LOG_LEVEL: 'error' } // wins over defaults, a flag over both
    await using sonde = await startServer(folder.file, ['--log.level=info'], env)
    expect(await (await fetch(`${sonde.url}/-/healthy`)).text()).toBe('Healthy\n')
    expect(await sonde.stop('SIGINT')).toBe(0)
    const lines = sonde
      .output()
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(lines.map(({ msg }) => msg).filter(msg => !msg.startsWith('this Node'))).toEqual([
      expect.stringContaining('cannot run'),
      'loaded the configuration',
      'listening',
      'shutting down',
    ])
  })

  test('a faulty file: 1 and the mistakes', async () => {
    await using folder = await folderWith(bad)
    const { status, stderr } = runSonde([`--config.file=${folder.file}`])
    expect(status).toBe(1)
    expect(stderr.match(/level=ERROR/g)).toHaveLength(2)
  })

  test('a port that is taken: 1 and one clear line', async () => {
    await using folder = await folderWith('modules: {}')
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { readonly port: number }
    const { status, stderr } = runSonde([`--config.file=${folder.file}`, `--web.listen-address=127.0.0.1:${port}`])
    server.close()
    expect(status).toBe(1)
    expect(stderr.split('\n').filter(line => line.includes('level=ERROR'))).toEqual([
      expect.stringContaining('EADDRINUSE'),
    ])
  })

  test('SIGHUP reloads; a bad file keeps the old configuration', async () => {
    await using folder = await folderWith(good)
    await using sonde = await startServer(folder.file)
    const config = async () => (await fetch(`${sonde.url}/config`)).text()
    await writeFile(folder.file, 'modules: {fresh: {prober: http}}')
    sonde.child.kill('SIGHUP')
    await until(async () => (await config()).includes('fresh'))
    await writeFile(folder.file, bad)
    sonde.child.kill('SIGHUP')
    await until(() => sonde.output().includes('level=ERROR'))
    expect(await config()).toContain('fresh')
    expect(await (await fetch(`${sonde.url}/metrics`)).text()).toContain('sonde_config_last_reload_successful 0\n')
  })

  test('listens on several addresses', async () => {
    await using folder = await folderWith(good)
    await using sonde = await startServer(folder.file, [
      '--web.listen-address=127.0.0.1:0',
      '--web.listen-address=127.0.0.2:0',
    ])
    const urls = [...sonde.output().matchAll(/address=(http:\S+)/g)].map(([, url = '']) => url)
    expect(urls).toHaveLength(3)
    for (const url of urls) expect((await fetch(`${url}/-/healthy`)).status).toBe(200)
  })

  test('a reader of the log that goes away does not end it', async () => {
    await using folder = await folderWith(good)
    await using sonde = await startServer(folder.file, ['--log.prober=debug'])
    sonde.child.stderr?.destroy()
    for (let request = 0; request < 5; request++) {
      expect((await fetch(`${sonde.url}/probe?target=127.0.0.1:1`)).status).toBe(200)
    }
  })

  test('a second signal ends it at once', async () => {
    await using folder = await folderWith(good)
    await using sonde = await startServer(folder.file)
    const hanging = createServer().listen(0, '127.0.0.1')
    await once(hanging, 'listening')
    const { port } = hanging.address() as { readonly port: number }
    const probe = fetch(`${sonde.url}/probe?target=127.0.0.1:${port}`).catch(() => undefined)
    await once(hanging, 'connection')
    sonde.child.kill('SIGTERM')
    await until(() => sonde.output().includes('shutting down'))
    expect(await sonde.stop('SIGTERM')).toBe(143)
    hanging.close()
    await probe
  })
})
