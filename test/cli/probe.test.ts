import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Denied, Overloaded, ProbeFailure } from '../../src/kit/failure.ts'
import { z } from '../../src/kit/options.ts'
import { definePlanned, defineProber } from '../../src/kit/prober.ts'
import { echo, scripted, scripts, slow } from '../support/probers.ts'
import { serve } from '../support/servers.ts'
import { startSonde } from '../support/sonde.ts'
import { commandsWith, folderWith, type RunOptions, runHere } from './support.ts'

const picky = defineProber({
  name: 'picky',
  options: z.strictObject({}),
  metrics: [],
  accept({ target }) {
    if (target === 'secret') throw new Denied('host')
    return target
  },
  async probe(ctx) {
    ctx.log.info('asked politely', { tone: 'calm' })
    ctx.log.debug('a detail', { depth: 3 })
  },
})

const later = definePlanned({ name: 'later', options: z.strictObject({}), planned: 'not built yet' })
const probers = [echo, slow, scripted, picky, later]
const commands = commandsWith(probers)

const yaml = `
modules:
  http_2xx: {prober: echo, echo: {allow: [flavour]}}
  scripted: {prober: scripted}
  picky: {prober: picky}
  later: {prober: later}
  slow: {prober: slow, slow: {takes: 30s}}
  brief: {prober: slow, timeout: 50ms, slow: {takes: 30s}}
  short: {prober: slow, slow: {takes: 60ms}}
`

let folder: Awaited<ReturnType<typeof folderWith>>

beforeAll(async () => {
  folder = await folderWith(yaml)
  scripts.set('bad', () => {
    throw new ProbeFailure('content', 'not what was expected')
  })
  scripts.set('good', () => undefined)
  scripts.set('full', () => {
    throw new Overloaded('no descriptor left')
  })
  scripts.set('bug', () => {
    throw new TypeError('a bug of ours')
  })
  scripts.set('guarded', () => {
    throw new Denied('address')
  })
})

afterAll(() => folder[Symbol.asyncDispose]())

const probe = (args: readonly string[], options: RunOptions = {}) =>
  runHere(['probe', '--config.file', folder.file, ...args], { commands, ...options })

const results = (stdout: string) => JSON.parse(stdout).results as readonly Record<string, unknown>[]

describe('exit codes', () => {
  test.each([
    [['x'], 0, ''],
    [['-m', 'scripted', 'good', 'bad'], 1, ''],
    [['-m', 'brief', 'x'], 1, ''],
    [['-m', 'nope', 'x'], 2, 'unknown module nope'],
    [['-m', 'later', 'x'], 2, 'not built yet'],
    [['-m', 'picky', 'secret', 'ok'], 2, 'refused by policy: host'],
    [['-m', 'scripted', 'guarded', 'bad'], 2, 'refused by policy: address'],
    [['-m', 'scripted', 'full', 'bad'], 3, 'no descriptor left'],
    [['-m', 'scripted', 'bug', 'guarded'], 3, 'a bug of ours'],
    [[], 2, 'no target'],
    [['--format', 'xml', 'x'], 2, 'pretty, json'],
    [['--concurrency=0', 'x'], 2, 'whole number'],
    [['--nope', 'x'], 2, '--nope'],
    [['--param', 'flavour', 'x'], 2, 'NAME=VALUE'],
    [['--param', 'colour=red', 'x'], 2, 'does not declare the parameter colour'],
    [['--targets-file', '/nope/targets', 'x'], 2, 'cannot read /nope/targets'],
    [['--config.file', '/nope/modules.yaml', 'x'], 2, 'cannot read /nope/modules.yaml'],
    [['--report', 'junit', 'x'], 2, 'FORMAT=FILE'],
    [['--output', '/nope/report', 'x'], 2, 'cannot write /nope/report'],
    [['--server', 'ftp://x', 'x'], 2, 'malformed --server'],
    [['--push-job', 'a/b', 'x'], 2, 'without slashes'],
    [['a', ''], 2, 'an empty target'],
    [['--push-gateway', 'nope', 'x'], 2, 'malformed --push-gateway'],
  ])('%j: %i', async (args, status, text) => {
    const answer = await probe(['--format=quiet', ...args])
    expect([answer.status, answer.stdout]).toEqual([status, ''])
    if (text === '') expect(answer.stderr).toBe('')
    else expect(answer.stderr).toContain(text)
  })

  test('every mistake of the modules file, with its place', async () => {
    await using bad = await folderWith('modules:\n  a: {prober: htpt}\n  b: {prober: echo, timeout: 5}\n')
    const { status, stderr } = await probe(['--config.file', bad.file, 'x'])
    expect(status).toBe(2)
    expect(stderr).toContain(`${bad.file}:\n${bad.file}:2:7 modules.a.prober`)
    expect(stderr).toContain(`${bad.file}:3:`)
  })

  test.each([
    [['x'], 0, /^SONDE OK - /],
    [
      ['-m', 'short', '--warn=10ms', 'x'],
      1,
      /^SONDE WARNING - short x: took \d+ms, more than 10ms \| time=0\.\d+s;0\.01;;0\n$/,
    ],
    [['-m', 'scripted', 'bad'], 2, /^SONDE CRITICAL - scripted bad: content: not what was expected \| time=/],
    [['-m', 'brief', 'x'], 2, /^SONDE CRITICAL - brief x: timeout/],
    [['-m', 'scripted', 'full'], 3, /^SONDE UNKNOWN - /],
    [['-m', 'picky', 'secret'], 3, /^SONDE UNKNOWN - /],
    [['-m', 'nope', 'x'], 3, /^$/],
    [['--nope', 'x'], 3, /^$/],
  ])('nagios %j: %i', async (args, status, text) => {
    for (const form of [['--format=nagios'], ['--format', 'nagios'], ['-f', 'nagios'], ['-fnagios']]) {
      const answer = await probe([...form, ...args])
      expect(answer.status).toBe(status)
      expect(answer.stdout).toMatch(text)
    }
    expect((await probe(args, { env: { SONDE_FORMAT: 'nagios' } })).status).toBe(status)
  })
})

describe('targets', () => {
  const targetsOf = async (args: readonly string[], input = '') => {
    const { stdout, stderr } = await probe(['--format=json', ...args], { input })
    if (stdout === '') throw new Error(stderr)
    return results(stdout).map(({ module, target, metrics }) => {
      const echoed = (metrics as { name: string; labels: { text: string } }[]).find(
        ({ name }) => name === 'probe_echo_info',
      )
      return `${module} ${target} ${echoed?.labels.text}`
    })
  }

  test('arguments, --target and a flag-like target after --', async () => {
    expect(await targetsOf(['a', '--target', 'b,c', '--target=d=e', '--', '-x', '--y=z'])).toEqual(
      ['a', '-x', '--y=z', 'b,c', 'd=e'].map(target => `http_2xx ${target} ${target}`),
    )
  })

  test.each([
    ['lines', 'a\n\n  # a remark\n b \r\n[::1]:53\n', ['a', 'b', '[::1]:53']],
    ['a YAML list', '# a remark\n- a\n- {target: b, params: {flavour: sweet}}\n- target: c\n', ['a', 'b|sweet', 'c']],
    ['a flow list', '["a", {"target": "b"}]', ['a', 'b']],
  ])('standard input: %s', async (_name, input, echoed) => {
    const expected = echoed.map(text => `http_2xx ${text.split('|')[0]} ${text}`)
    expect(await targetsOf(['-'], input)).toEqual(expected)
    await using file = await folderWith(input, 'targets')
    expect(await targetsOf(['--targets-file', file.file])).toEqual(expected)
    expect(await targetsOf(['first', '--targets-file', '-'], input)).toEqual(['http_2xx first first', ...expected])
  })

  test('an entry may name its module; --param is for all, an entry comes first', async () => {
    await using file = await folderWith('- {target: a, module: scripted}\n- {target: b}\n', 'targets.yaml')
    const { stdout } = await probe(['-f', 'json', '--targets-file', file.file])
    expect(results(stdout).map(({ module }) => module)).toEqual(['scripted', 'http_2xx'])
    const both = '- {target: a, params: {flavour: sour}}\n- b\n'
    expect(await targetsOf(['--param', 'flavour=salt=y', '-'], both)).toEqual([
      'http_2xx a a|sour',
      'http_2xx b b|salt=y',
    ])
  })

  test('what asks the same twice runs once', async () => {
    expect(await targetsOf(['a', 'b', 'a', '-'], 'b\nc\n')).toHaveLength(3)
  })

  test.each([
    ['- {target: a, modul: b}\n', 'standard input:1:15 0.modul: unknown key (did you mean module?)'],
    ['- {module: b}\n', 'standard input:1:3 0.target: missing'],
    ['- [a]\n', 'standard input:1:3'],
    ['- ""\n', 'standard input:1:3'],
    ['--- {}\n', 'expected a list'],
    ['- a: b: c\n', 'standard input:1:'],
    ['# nothing\n\n', 'no target'],
  ])('a faulty file: %j', async (input, text) => {
    const { status, stdout, stderr } = await probe(['-'], { input })
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(text)
  })
})

describe('a run', () => {
  test('results stand in the order of the targets, no more than --concurrency at once', async () => {
    let running = 0
    let most = 0
    const names = ['0', '1', '2', '3', '4', '5', '6', '7']
    for (const name of names) {
      scripts.set(name, async () => {
        most = Math.max(most, ++running)
        await new Promise(resolve => setTimeout(resolve, 30 - 3 * Number(name)))
        running--
      })
    }
    const { stdout } = await probe(['-m', 'scripted', '-f', 'json', '--concurrency=3', ...names])
    expect(results(stdout).map(({ target }) => target)).toEqual(names)
    expect(most).toBe(3)
  })

  test("--timeout caps the time of a probe, the module's own holds when it is shorter", async () => {
    const timeoutOf = async (...args: readonly string[]) => results((await probe(['-f', 'json', ...args])).stdout)[0]
    expect(await timeoutOf('-m', 'slow', '--timeout=40ms', 'x')).toMatchObject({
      success: false,
      timeoutSeconds: 0.04,
      error: { reason: 'timeout', fault: 'target' },
    })
    expect(await timeoutOf('-m', 'brief', '--timeout=10s', 'x')).toMatchObject({ timeoutSeconds: 0.05 })
    expect(await timeoutOf('x')).toMatchObject({ timeoutSeconds: 119.5 })
  })

  test('--retry tries again until it passes', async () => {
    let tries = 0
    scripts.set('flaky', () => {
      if (++tries < 3) throw new ProbeFailure('connect', 'not yet')
    })
    const retry = ['--retry-interval=1ms', '-m', 'scripted', '-f', 'quiet']
    expect((await probe([...retry, '--retry=1', 'flaky'])).status).toBe(1)
    expect(tries).toBe(2)
    expect((await probe([...retry, '--retry=5', 'flaky'])).status).toBe(0)
    expect(tries).toBe(3)
  })

  test("--retry does not repeat what is the caller's mistake", async () => {
    const { stderr } = await probe(['-m', 'picky', '--retry=3', '--retry-interval=10m', '-f', 'quiet', 'secret'])
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test('--fail-fast stops what waits and what runs', async () => {
    const { status, stdout } = await probe(['-f', 'json', '--fail-fast', '--concurrency=2', '-'], {
      input: '- {target: bad, module: scripted}\n- {target: x, module: slow}\n- {target: y}\n',
    })
    expect(status).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      success: false,
      results: [{ target: 'bad' }],
      skipped: [
        { module: 'slow', target: 'x' },
        { module: 'http_2xx', target: 'y' },
      ],
    })
  })

  test('--fail-fast=false is no switch, and a switch takes no target for its value', async () => {
    expect((await probe(['-f', 'json', '--fail-fast=false', 'x'])).status).toBe(0)
    expect(results((await probe(['-f', 'json', '--debug', 'x'])).stdout)).toMatchObject([{ target: 'x' }])
    expect((await probe(['--fail-fast=maybe', 'x'])).stderr).toContain('true or false')
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: what runs is ended, what is done is reported, exit code %i', async (signal, code) => {
    let stop = (_signal: NodeJS.Signals) => {}
    const stopped = new Promise<NodeJS.Signals>(resolve => {
      stop = resolve
    })
    scripts.set('stops', async ctx => {
      stop(signal)
      await new Promise((_resolve, reject) => {
        ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))
      })
    })
    const { status, stdout } = await probe(
      ['-f', 'json', '--concurrency=1', '-m', 'scripted', 'good', 'stops', 'bad'],
      {
        stopSignal: () => stopped,
      },
    )
    expect(status).toBe(code)
    expect(JSON.parse(stdout)).toMatchObject({
      success: false,
      interrupted: signal,
      results: [{ target: 'good', success: true }],
      skipped: [{ target: 'stops' }, { target: 'bad' }],
    })
  })

  test('--warn tells of what is slow, and passes', async () => {
    const { status, stdout } = await probe(['-f', 'json', '-m', 'short', '--warn=1ms', 'x'])
    expect(status).toBe(0)
    expect(results(stdout)).toMatchObject([
      { success: true, warning: expect.stringMatching(/^took \d+ms, more than 1ms$/) },
    ])
  })

  test('--debug logs to standard error and into the results', async () => {
    const plain = await probe(['-f', 'json', '-m', 'picky', 'x'])
    expect(plain.stderr).toBe('')
    const messages = ({ stdout }: { stdout: string }) =>
      (results(stdout)[0]!.logs as readonly { message: string }[]).map(({ message }) => message)
    expect(messages(plain)).toEqual(['asked politely'])
    const debug = await probe(['-f', 'json', '-m', 'picky', '--debug', 'x'])
    expect(debug.stderr).toMatch(/level=DEBUG msg="a detail" module=picky target=x depth=3\n/)
    expect(messages(debug)).toEqual(['asked politely', 'a detail'])
    expect(results(debug.stdout)[0]?.logs).toMatchObject([
      { level: 'info', fields: { tone: 'calm' } },
      { level: 'debug' },
    ])
    expect((await probe(['-m', 'scripted', '--debug', 'bug'])).stderr).toContain('TypeError: a bug of ours\n    at ')
  })

  test('a progress line for many targets, on a terminal alone', async () => {
    const many = Array.from({ length: 12 }, (_, index) => `t${index}`)
    const both = { isTerminal: { out: false, err: true } }
    expect((await probe([...many, '-f', 'quiet'], both)).stderr).toContain(
      '\r\u001b[K11 of 12\r\u001b[K12 of 12\r\u001b[K',
    )
    expect((await probe([...many, '-f', 'quiet', '-m', 'scripted'], both)).stderr).toContain('12 of 12, 12 failed')
    expect((await probe([...many, '-f', 'quiet'])).stderr).toBe('')
    expect((await probe(['x', '-f', 'quiet'], both)).stderr).toBe('')
  })

  test('colour on a terminal alone, and not with NO_COLOR or --no-color', async () => {
    const terminal = { isTerminal: { out: true, err: false } }
    const isColoured = async (args: readonly string[], options: RunOptions) =>
      (await probe(['x', ...args], options)).stdout.includes('\u001b[')
    expect(await isColoured([], terminal)).toBe(true)
    expect(await isColoured([], {})).toBe(false)
    expect(await isColoured(['--no-color'], terminal)).toBe(false)
    expect(await isColoured([], { ...terminal, env: { NO_COLOR: '1' } })).toBe(false)
    expect(await isColoured([], { ...terminal, env: { NO_COLOR: '' } })).toBe(true)
    expect(await isColoured([], { ...terminal, env: { SONDE_NO_COLOR: '1' } })).toBe(false)
  })
})

describe('--output and --report', () => {
  test('whole files, nothing else in the folder, nothing on standard output', async () => {
    await using out = await folderWith('old', 'report')
    const further = join(out.path, 'report.xml')
    const { status, stdout } = await probe(['-f', 'json', '-o', out.file, '--report', `junit=${further}`, 'x'])
    expect([status, stdout]).toEqual([0, ''])
    expect(JSON.parse(await readFile(out.file, 'utf8'))).toMatchObject({ success: true })
    expect(await readFile(further, 'utf8')).toContain('<testcase classname="http_2xx" name="x"')
    expect((await readdir(out.path)).sort()).toEqual(['report', 'report.xml'])
  })

  test('a failure leaves the old file and no other', async () => {
    await using out = await folderWith('old', 'report')
    await mkdir(join(out.path, 'folder'))
    const { status } = await probe(['-o', join(out.path, 'folder'), 'x'])
    expect(status).toBe(2)
    expect((await probe(['-m', 'nope', '-o', out.file, 'x'])).status).toBe(2)
    expect(await readFile(out.file, 'utf8')).toBe('old')
    expect((await readdir(out.path)).sort()).toEqual(['folder', 'report'])
  })

  test('a file that cannot be written costs no other report; why, in few words', async () => {
    await using out = await folderWith('old', 'report')
    const further = (file: string) => ['--report', `tap=${file}`]
    const args = ['-f', 'tap', ...further('/nope/a'), ...further(out.file), ...further('/dev/full'), 'x']
    const { status, stdout, stderr } = await probe(args)
    expect(stderr).toBe(
      'error: cannot write /nope/a: ENOENT: no such file or directory\n' +
        'error: cannot write /dev/full: ENOSPC: no space left on device\n',
    )
    expect([status, stdout.split('\n')[0]]).toEqual([2, 'TAP version 13'])
    expect(await readFile(out.file, 'utf8')).toContain('TAP version 13')
  })

  test('one target with several values of a parameter: series of their own', async () => {
    const input = '- {target: a, params: {flavour: sweet}}\n- {target: a, params: {flavour: sour}}\n- a\n'
    const { stdout } = await probe(['-f', 'prom', '-'], { input })
    expect(stdout.split('\n').filter(line => line.startsWith('probe_success'))).toEqual([
      'probe_success{instance="a",module="http_2xx",param_flavour="sweet"} 1',
      'probe_success{instance="a",module="http_2xx",param_flavour="sour"} 1',
      'probe_success{instance="a",module="http_2xx"} 1',
    ])
  })

  test('a link stays one, the mode stays, a device is written to', async () => {
    await using out = await folderWith('old', 'report')
    const link = join(out.path, 'link')
    await symlink(out.file, link)
    await writeFile(out.file, 'old', { mode: 0o600 })
    const { mode } = await stat(out.file)
    expect((await probe(['-f', 'tap', '-o', link, 'x'])).status).toBe(0)
    expect(await readFile(out.file, 'utf8')).toContain('TAP version')
    expect((await stat(out.file)).mode).toBe(mode)
    expect((await probe(['-o', '/dev/null', 'x'])).status).toBe(0)
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true)
  })

  test('- is standard output', async () => {
    expect((await probe(['-f', 'tap', '-o', '-', 'x'])).stdout).toContain('TAP version')
  })

  test('github says when it cannot write to the page of the job', async () => {
    const { status, stderr } = await probe(['-f', 'github', 'x'], { env: { GITHUB_STEP_SUMMARY: '/nope/summary' } })
    expect(status).toBe(2)
    expect(stderr).toContain('cannot write /nope/summary')
  })

  test('github writes to the page of the job', async () => {
    await using out = await folderWith('before\n', 'summary.md')
    const { stdout } = await probe(['-f', 'github', '-m', 'scripted', 'bad'], {
      env: { GITHUB_STEP_SUMMARY: out.file },
    })
    expect(stdout).toMatch(/^::error title=scripted bad::content: not what was expected\n0 of 1 passed/)
    const text = await readFile(out.file, 'utf8')
    expect(text).toMatch(/^before\n### sonde probe/)
    expect(text).toContain('| ❌ | scripted | bad |')
  })
})

describe('--server', () => {
  const server = () => startSonde(yaml, { probers })

  test('asks a running sonde; the same verdicts, reasons and messages', async () => {
    await using sonde = await server()
    const input = [
      '- {target: bad, module: scripted}',
      '- {target: good, module: scripted}',
      '- {target: "a b&c=d", params: {flavour: "x&y"}}',
      '- {target: x, module: picky}',
    ].join('\n')
    const there = await probe(['-f', 'json', '--config.file', '/nope', '--server', sonde.url, '-'], { input })
    const here = await probe(['-f', 'json', '-'], { input })
    expect([there.status, there.stderr]).toEqual([1, ''])
    const comparable = (stdout: string) =>
      results(stdout).map(({ durationSeconds: _duration, metrics, logs: _logs, ...rest }) => ({
        ...rest,
        metrics: (metrics as { name: string }[]).map(({ name }) => name).sort(),
      }))
    expect(comparable(there.stdout)).toEqual(comparable(here.stdout))
    expect(results(there.stdout)[3]?.logs).toMatchObject([{ message: 'asked politely', fields: { tone: 'calm' } }])
  })

  test('prom is what the server answers, also from here', async () => {
    await using sonde = await server()
    const { stdout } = await probe(['-f', 'prom', '--server', sonde.url, 'x'])
    const here = await probe(['-f', 'prom', 'x'])
    const masked = (text: string) => text.replace(/(_duration_seconds) .*/g, '$1 0')
    const answered = masked(await (await sonde.get('/probe?target=x')).text())
    expect([masked(stdout), masked(here.stdout)]).toEqual([answered, answered])
  })

  test.each([
    [['-m', 'nope', 'x'], 2, 'the server answered 400: Unknown module'],
    [['-m', 'picky', 'secret'], 2, 'the server answered 403'],
    [['-m', 'scripted', 'full'], 3, 'the server answered 503'],
    [['-m', 'scripted', 'bug'], 3, 'the server answered 500'],
    [['-m', 'slow', '--timeout=700ms', 'x'], 1, ''],
  ])('%j: %i', async (args, status, text) => {
    await using sonde = await server()
    const answer = await probe(['-f', 'quiet', '--server', `${sonde.url}/`, ...args])
    expect(answer.status).toBe(status)
    if (text !== '') expect(answer.stderr).toContain(text)
  })

  test('asks another exporter, with user and password, below a path', async () => {
    const asked: string[] = []
    const exporter = createServer(({ url = '', headers }, response) => {
      asked.push(`${url} ${headers.authorization} ${headers['x-prometheus-scrape-timeout-seconds']}`)
      const isUp = url.includes('target=up&')
      response.end(
        `# TYPE probe_success gauge\nprobe_success ${isUp ? 1 : 0}\nprobe_x{a="b\\"\\n\\\\"} +Inf 1700000000000\n`,
      )
    }).listen(0, '127.0.0.1')
    await once(exporter, 'listening')
    const { port } = exporter.address() as AddressInfo
    const url = `http://us%40er:pa%3Ass@127.0.0.1:${port}/below/`
    const { status, stdout } = await probe(['-f', 'json', '--timeout=7s', '--server', url, '-m', 'm&m', 'up', 'down'])
    exporter.close()
    const authorization = `Basic ${Buffer.from('us@er:pa:ss').toString('base64')}`
    expect(asked.sort()).toEqual(
      ['down', 'up'].map(target => `/below/probe?module=m%26m&target=${target}&debug=true ${authorization} 7`),
    )
    expect(status).toBe(1)
    expect(results(stdout)).toMatchObject([
      {
        success: true,
        metrics: [{ name: 'probe_success' }, { name: 'probe_x', labels: { a: 'b"\n\\' }, value: '+Inf' }],
      },
      { success: false, error: { message: 'the server does not say why', fault: 'target' } },
    ])
  })

  test.each<[string, readonly string[], string]>([
    [
      'an error',
      [
        'ts=2026-11-21T14:17:00Z caller=http.go:327 module=m target=x level=info msg="Resolved target address" ip=127.0.0.1',
        String.raw`ts=2026-11-21T14:17:00Z caller=handler.go:117 module=m target=x level=error msg="Error for HTTP request" err="Get \"x\": refused"`,
        'ts=2026-11-21T14:17:00Z caller=handler.go:117 module=m target=x level=info msg="Response timings for roundtrip" roundtrip=0',
        'ts=2026-11-21T14:17:00Z caller=main.go:181 module=m target=x level=error msg="Probe failed" duration_seconds=0.1',
      ],
      'Error for HTTP request: Get "x": refused',
    ],
    [
      'no error, in the words of later versions',
      [
        'time=2026-11-21T14:17:00.500Z level=INFO source=main.go:1 msg="Beginning probe" module=m target=x probe=http',
        'time=2026-11-21T14:17:00.501Z level=INFO source=http.go:1 msg="Invalid HTTP response status code" module=m target=x status_code=500',
        'time=2026-11-21T14:17:00.502Z level=ERROR source=main.go:1 msg="Probe failed" module=m target=x duration_seconds=0.1',
      ],
      'Invalid HTTP response status code: status_code=500',
    ],
    ['another log', ['it is broken'], 'it is broken'],
  ])('why a probe failed, by the log of a blackbox_exporter: %s', async (_name, lines, story) => {
    const text = [
      ...['Logs for the probe:', ...lines, '', '', '', 'Metrics that would have been returned:', 'probe_success 0'],
      ...['', '', '', 'Module configuration:', 'prober: http', ''],
    ].join('\n')
    await using blackbox = await serve((_request, response) => response.end(text))
    const { status, stdout } = await probe(['--server', `http://${blackbox.host}`, 'x'])
    expect(status).toBe(1)
    expect(stdout).toContain(`\n  failed: ${story}\n`)
  })

  test.each(['hello', '<html>', 'probe_success', 'probe_success{a=1} 1', 'probe_success one', ''])(
    'an answer that is no exposition of a probe: %j',
    async body => {
      const other = createServer((_request, response) => response.end(body)).listen(0, '127.0.0.1')
      await once(other, 'listening')
      const { port } = other.address() as AddressInfo
      const { status, stderr } = await probe(['-f', 'quiet', '--server', `http://127.0.0.1:${port}`, 'x'])
      other.close()
      expect(status).toBe(3)
      expect(stderr).toMatch(/malformed|without probe_success/)
    },
  )

  test('a server that is not there is no verdict on the target', async () => {
    const { status, stderr } = await probe(['-f', 'quiet', '--server', 'http://127.0.0.1:1', 'x'])
    expect(status).toBe(3)
    expect(stderr).toContain('cannot ask the server: connect ECONNREFUSED')
    const { stdout } = await probe(['--server', 'http://127.0.0.1:1', 'x'])
    expect(stdout).toContain('\n  error: cannot ask the server: connect ECONNREFUSED')
  })
})
