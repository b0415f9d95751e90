import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Denied, Overloaded, ProbeFailure } from '../../src/kit/failure.ts'
import { gauge } from '../../src/kit/metrics.ts'
import { parseExposition } from '../support/exposition.ts'
import { echo, scripted, scripts, slow } from '../support/probers.ts'
import { startSonde } from '../support/sonde.ts'
import { commandsWith, folderWith, type RunOptions, runHere } from './support.ts'

const probers = [echo, slow, scripted]
const commands = commandsWith(probers)
const yaml = `
modules:
  echo: {prober: echo, echo: {allow: [flavour]}}
  scripted: {prober: scripted}
  brief: {prober: slow, timeout: 50ms, slow: {takes: 30s}}
  short: {prober: slow, slow: {takes: 60ms}}
`

const leases = gauge('probe_leases', 'Leases.', ['pool'])

let folder: Awaited<ReturnType<typeof folderWith>>

beforeAll(async () => {
  folder = await folderWith(yaml)
  const counted = (value: number) => (ctx: Parameters<typeof echo.probe>[0]) => {
    ctx.metrics.set(leases, value, { pool: 'a' })
    ctx.metrics.set(leases, value + 1, { pool: 'b"\n' })
  }
  scripts.set('five', counted(5))
  scripts.set('nan', counted(Number.NaN))
  scripts.set('down', ctx => {
    counted(5)(ctx)
    throw new ProbeFailure('connect', 'connection refused')
  })
  scripts.set('denied later', () => {
    throw new ProbeFailure('denied', 'redirect refused', { cause: new Denied('redirect') })
  })
  scripts.set('denied', () => {
    throw new Denied('address')
  })
  scripts.set('full', () => {
    throw new Overloaded('no descriptor left')
  })
})

afterAll(() => folder[Symbol.asyncDispose]())

const check = (input: string, args: readonly string[] = [], options: RunOptions = {}) =>
  runHere(['check', '-', '--config.file', folder.file, '--format=json', ...args], { commands, input, ...options })

describe('what a check holds a probe against', () => {
  test.each([
    ['{module: echo, target: x}', 0, undefined],
    ['{module: scripted, target: down}', 1, 'connection refused'],
    ['{module: scripted, target: down, expect: down}', 0, undefined],
    ['{module: brief, target: x, expect: down}', 0, undefined],
    ['{module: echo, target: x, expect: down}', 1, 'expected down, but it is up'],
    [
      '{module: scripted, target: denied later, expect: down}',
      1,
      'expected down, but the probe was denied: redirect refused',
    ],
    ['{module: scripted, target: denied, expect: down}', 2, 'target refused by policy: address'],
    ['{module: scripted, target: full, expect: down}', 3, 'no descriptor left'],
    [
      '{module: echo, target: x, params: {colour: red}, expect: down}',
      2,
      'module echo does not declare the parameter colour',
    ],
    ['{module: short, target: x, max_duration: 10s}', 0, undefined],
    ['{module: short, target: x, max_duration: 5ms}', 1, /^took \d+ms, expected at most 5ms$/],
    ['{module: scripted, target: five, metrics: [{name: probe_leases, labels: {pool: a}, equals: 5}]}', 0, undefined],
    ['{module: scripted, target: five, metrics: [{name: probe_leases, min: 5, max: 6}]}', 0, undefined],
    [
      '{module: scripted, target: five, metrics: [{name: probe_leases, max: 5}]}',
      1,
      'probe_leases{pool="b\\"\\n"} is 6, expected at most 5',
    ],
    [
      '{module: scripted, target: five, metrics: [{name: probe_leases, min: 6}]}',
      1,
      'probe_leases{pool="a"} is 5, expected at least 6',
    ],
    [
      '{module: scripted, target: five, metrics: [{name: probe_leases, labels: {pool: a}, equals: 4}]}',
      1,
      'probe_leases{pool="a"} is 5, expected 4',
    ],
    [
      '{module: scripted, target: five, metrics: [{name: probe_leases, labels: {pool: c}, min: 0}]}',
      1,
      'there is no probe_leases{pool="c"}',
    ],
    ['{module: scripted, target: five, metrics: [{name: probe_lease, min: 0}]}', 1, 'there is no probe_lease'],
    [
      '{module: scripted, target: nan, metrics: [{name: probe_leases, labels: {pool: a}, min: 0}]}',
      1,
      'probe_leases{pool="a"} is NaN, expected at least 0',
    ],
    [
      '{module: scripted, target: nan, metrics: [{name: probe_leases, labels: {pool: a}, max: 9}]}',
      1,
      'probe_leases{pool="a"} is NaN, expected at most 9',
    ],
    [
      '{module: scripted, target: down, expect: down, metrics: [{name: probe_leases, max: 5}]}',
      1,
      'probe_leases{pool="b\\"\\n"} is 6, expected at most 5',
    ],
    [
      '{module: scripted, target: five, expect: down, metrics: [{name: x, max: 5}]}',
      1,
      'expected down, but it is up; there is no x',
    ],
  ])('%s: %i %s', async (entry, status, message) => {
    const answer = await check(`- ${entry}\n`)
    expect(answer.status).toBe(status)
    const { success, results } = JSON.parse(answer.stdout)
    expect(success).toBe(status === 0)
    if (message === undefined) expect(results[0]).not.toHaveProperty('error')
    else
      expect(results[0].error.message).toEqual(typeof message === 'string' ? message : expect.stringMatching(message))
  })

  test('a task that passes keeps what the probe said in its metrics', async () => {
    const { stdout } = await check('- {module: scripted, target: down, expect: down}\n')
    const { metrics } = JSON.parse(stdout).results[0]
    expect(metrics).toContainEqual({ name: 'probe_success', labels: {}, value: 0 })
  })

  test('--retry waits for what is expected, also for down', async () => {
    let tries = 0
    scripts.set('goes down', () => {
      if (++tries === 3) throw new ProbeFailure('connect', 'refused')
    })
    const entry = '- {module: scripted, target: goes down, expect: down}\n'
    expect((await check(entry, ['--retry=2', '--retry-interval=1ms'])).status).toBe(0)
    expect(tries).toBe(3)
  })

  test('a server that is not there, or is full, is never down', async () => {
    const entry = '- {module: scripted, target: full, expect: down}\n'
    expect((await check(entry, ['--server=http://127.0.0.1:1'])).status).toBe(3)
    await using sonde = await startSonde(yaml, { probers })
    expect((await check(entry, ['--server', sonde.url])).status).toBe(3)
    expect((await check('- {module: nope, target: x, expect: down}\n', ['--server', sonde.url])).status).toBe(2)
    expect((await check('- {module: scripted, target: down, expect: down}\n', ['--server', sonde.url])).status).toBe(0)
  })
})

describe('a checks file', () => {
  test.each([
    ['', 'expected a list'],
    ['[]\n', 'at least 1 entries'],
    ['modules: {}\n', 'expected a list, found a map'],
    ['- {target: x}\n', 'standard input:1:3 0.module: missing: expected text'],
    ['- {module: echo}\n', '0.target: missing'],
    ['- {module: echo, target: ""}\n', '1:18 0.target: expected a text that is not empty'],
    ['- {module: echo, target: x, expects: up}\n', '1:29 0.expects: unknown key (did you mean expect?)'],
    ['- {module: echo, target: x, expect: upp}\n', '0.expect: expected one of up, down (did you mean up?)'],
    ['- {module: echo, target: x, max_duration: 5}\n', '0.max_duration: expected a duration'],
    ['- {module: echo, target: x, metrics: [{name: a}]}\n', '0.metrics.0: expected min, max or equals'],
    ['- {module: echo, target: x, metrics: [{min: 1}]}\n', '0.metrics.0.name: missing'],
    ['- {module: echo, target: x, metrics: [{name: a, min: low}]}\n', '0.metrics.0.min: expected a number'],
    ['- {module: echo, target: x}\n- {module: echo, target: x}\n', '1.name: two checks have this name'],
    ['- {module: echo, target: x, metrics: [{name: a, min: 2, max: 1}]}', '0.metrics.0: min is above max'],
    ['- {module: nope, target: x}\n', 'unknown module nope'],
    ['- {module: echo, target: x\n', 'standard input:'],
    ['- {module: echo, target: x, target: y}\n', '1:29 0.target: this key stands twice'],
  ])('%j: %s', async (input, text) => {
    const { status, stdout, stderr } = await check(input)
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(text)
  })

  test('every mistake at once', async () => {
    const { stderr } = await check('- {module: echo}\n- {target: x}\n- {module: echo, target: x, expect: maybe}\n')
    expect(stderr.match(/standard input:\d:\d+ /g)).toEqual([
      'standard input:1:3 ',
      'standard input:2:3 ',
      'standard input:3:29 ',
    ])
  })

  test('a file that is not there', async () => {
    expect((await runHere(['check', '/nope/checks.yaml'])).stderr).toContain('cannot read /nope/checks.yaml: ENOENT')
    expect((await runHere(['check'])).status).toBe(2)
  })
})

test('reports call a check by its name; its series carry it', async () => {
  const input = [
    '- {name: first, module: scripted, target: five}',
    '- {name: second, module: scripted, target: five, expect: down}',
  ].join('\n')
  expect((await check(input, ['--format=junit'])).stdout).toMatch(
    /<testsuite name="sonde check" tests="2" failures="1".*\n<testcase classname="scripted" name="first" time="[\d.]+"\/>\n<testcase classname="scripted" name="second"/,
  )
  const prom = await check(input, ['--format=prom'])
  const successes = parseExposition(prom.stdout).filter(({ name }) => name === 'probe_success')
  expect(successes.map(({ labels }) => labels)).toEqual([
    { check: 'first', instance: 'five', module: 'scripted' },
    { check: 'second', instance: 'five', module: 'scripted' },
  ])
  expect(JSON.parse((await check(input)).stdout).results).toMatchObject([{ name: 'first' }, { name: 'second' }])
})

test('the example of the help is a checks file', async () => {
  const { stdout } = await runHere(['check', '--help'])
  const [, example = ''] = /A checks file is a list:\n([\s\S]*?)\n\n/.exec(stdout) ?? []
  const modules = 'modules: {http_2xx: {prober: echo}}\n'
  await using own = await folderWith(modules)
  const { status, stderr } = await check(example.replace(/^ {2}/gm, ''), ['--config.file', own.file])
  expect(stderr).toBe('')
  expect(status).toBe(1) // echo is never down, and has no redirects
})

test('the commands of the README are understood, and its checks', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const section = readme.slice(readme.indexOf('## A command for CI'), readme.indexOf('## The probers'))
  const lines = [...section.matchAll(/^\$ sonde (.*)$/gm)].map(([, line = '']) => line.split(' '))
  expect(lines.length).toBeGreaterThan(4)
  await using targets = await folderWith('https://example.org\n', 'targets.txt')
  const nobody = ['--server=http://127.0.0.1:1', '--push-gateway=http://127.0.0.1:1', '--retry=0', '-fquiet']
  for (const line of lines) {
    const args = line.map(arg => arg.replace('targets.txt', targets.file).replace('report.xml', '/dev/null'))
    expect([line, (await runHere([...args, ...nobody])).status]).toEqual([line, 3])
  }
  const [, checks = ''] = /```yaml\n([\s\S]*?)```/.exec(section) ?? []
  await using modules = await folderWith('modules: {http_2xx: {prober: echo}}\n')
  expect(await check(checks, ['--config.file', modules.file])).toMatchObject({ status: 1, stderr: '' })
})
