import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { probe } from '../support/probe.ts'
import { serve } from '../support/servers.ts'
import { runHere } from './support.ts'

const fixture = (name: string) => readFileSync(new URL(`../fixtures/convert/${name}`, import.meta.url), 'utf8')

const convert = (input: string) => runHere(['convert', 'json-exporter', '-'], { input })

const bodies: Readonly<Record<string, unknown>> = {
  '/default': {
    counter: 1234,
    timestamp_ms: 1657568506000,
    values: [
      { id: 'id-A', count: 1, some_boolean: true, state: 'ACTIVE' },
      { id: 'id-B', count: 2, some_boolean: true, state: 'INACTIVE' },
      { id: 'id-C', count: 3, some_boolean: false, state: 'ACTIVE' },
    ],
    location: 'mars',
  },
  '/animals': [
    { noun: 'lion', population: 123, predator: true },
    { noun: 'deer', population: 456, predator: false },
    { noun: 'pigeon', population: 789, predator: false },
  ],
  '/post': { n: 7 },
}

const serveBodies = () =>
  serve((request, response) => response.end(JSON.stringify(bodies[request.url?.split('?')[0] ?? ''])))

const ownSeries = (text: string) => text.split('\n').filter(line => /^(example|animal|answer)/.test(line))

describe('a configuration of json_exporter', () => {
  test('becomes a modules file, without a loss', async () => {
    const { status, stdout, stderr } = await convert(fixture('json-exporter.yml'))
    await expect(stdout).toMatchFileSnapshot('../fixtures/convert/json-exporter.modules.yaml')
    expect(stderr.split('\n')).toEqual([
      'standard input:3:3: note: sonde takes a request without module= to mean http_2xx, not default',
      'standard input:17:7: note: json_exporter takes milliseconds and fails on JSON numbers from a million up; for seconds write parse: unix',
      'standard input:56:7: note: what myVal may be is a guess: see the patterns of params',
      'standard input:65:7: note: what id may be is a guess: see the patterns of params',
      '',
    ])
    expect(status).toBe(0)
  })

  test.each<[string, readonly string[]]>([
    [
      'default',
      [
        'example_global_value{environment="beta",location="planet-mars"} 1234',
        'example_value_active{environment="beta",id="id-A"} 1',
        'example_value_active{environment="beta",id="id-C"} 1',
        'example_value_count{environment="beta",id="id-A"} 1',
        'example_value_count{environment="beta",id="id-C"} 3',
        'example_value_boolean{environment="beta",id="id-A"} 1',
        'example_value_boolean{environment="beta",id="id-C"} 0',
        'example_timestamped_value_count{environment="beta"} 2 1657568506000',
      ],
    ],
    [
      'animals',
      [
        'animal_population{name="lion",predator="true"} 123',
        'animal_population{name="deer",predator="false"} 456',
        'animal_population{name="pigeon",predator="false"} 789',
      ],
    ],
  ])('module %s gives the series that json_exporter gives', async (module, series) => {
    const { stdout } = await convert(fixture('json-exporter.yml'))
    await using server = await serveBodies()
    const { text } = await probe(stdout, { target: `http://${server.host}/${module}`, module })
    expect(ownSeries(text).sort()).toEqual([...series].sort())
    expect(text).toContain('\nprobe_success 1\n')
    if (module === 'default') expect(server.asked[0]?.headers['x-dummy']).toBe('my-test-header')
    else expect(text).toContain('# TYPE animal_population counter\n')
  })

  test('a body with a parameter is sent by POST, the parameter escaped', async () => {
    const { stdout } = await convert(fixture('json-exporter.yml'))
    await using server = await serveBodies()
    const answer = await probe(stdout, { target: `http://${server.host}/post`, module: 'post', myVal: 'a b' })
    expect(answer.value('answer')).toBe(7)
    expect(server.asked[0]?.method).toBe('POST')
    expect(JSON.parse(server.asked[0]?.body.toString() ?? '')).toEqual({ time_diff: '1m25s', anotherVar: 'a b' })
    const refused = await probe(stdout, { target: `http://${server.host}/post`, module: 'post', myVal: '"' })
    expect(refused.status).toBe(400)
  })
})

test('what is lost is told with its place, and the exit code is 1', async () => {
  const { status, stdout, stderr } = await convert(fixture('lost.yml'))
  expect(status).toBe(1)
  await expect(stderr).toMatchFileSnapshot('../fixtures/convert/lost.stderr')
  await expect(stdout).toMatchFileSnapshot('../fixtures/convert/lost.modules.yaml')
})

test('what is left can be loaded, also when one mistake hides behind another', async () => {
  const input = fixture('refused.yml')
  const { status, stdout, stderr } = await convert(input)
  expect(status).toBe(1)
  expect(stderr.split('\n')).toEqual([
    'standard input:3:15: lost: the header X-Map: expected a text',
    'the result: lost: modules.m.k.api.http_client_config.foo: unknown key',
    'the result: lost: modules.m.k.api.metrics.kept.labels.bad-label: expected a label name',
    expect.stringMatching(/^the result: lost: modules\.m\.k\.api\.metrics\.bad name\.name: expected a metric name/),
    expect.stringMatching(/^the result: lost: modules\.m\.k\.api\.metrics\.probe_success\.name: names that begin with/),
    '',
  ])
  await using server = await serve((_request, response) => response.end('{"a": 5}'))
  const answer = await probe(stdout, { target: `http://${server.host}/`, module: 'm.k' })
  expect(answer.value('kept')).toBe(5)
  expect(server.asked[0]).toMatchObject({ method: 'POST', body: 'a {{ brace }}', headers: { 'x-brace': '{{' } })
})

test.each([
  ['path: "{.a[*].b}"', 'of several matches json_exporter makes no value'],
  ['path: "{..b}"', 'of several matches json_exporter makes no value'],
  ['path: "{.a}", labels: {l: "x {.a[0:2]}"}', 'json_exporter joins several matches with spaces'],
  [`path: "{['a*']}"`, ''],
  ['path: "{.a[?(@.b == 1)].c}"', ''],
  ['type: object, path: "{.a[*]}", values: {v: "{.b}"}', ''],
])('what may have several matches is told: %s', async (rest, note) => {
  const { status, stderr } = await convert(`modules: {m: {metrics: [{name: n, ${rest}}]}}`)
  expect(status).toBe(0)
  if (note === '') expect(stderr).toBe('')
  else expect(stderr).toContain(note)
})

describe('bad usage is 2', () => {
  test.each<[string, readonly string[], string, string]>([
    ['no file', ['convert', 'json-exporter'], '', "missing required argument 'file'"],
    ['another exporter', ['convert', 'snmp-exporter', '-'], '', 'json-exporter'],
    ['a file that is not there', ['convert', 'json-exporter', '/nope/x.yml'], '', 'cannot read /nope/x.yml: ENOENT'],
    ['no YAML', ['convert', 'json-exporter', '-'], 'a: [', 'standard input:1:5: '],
    [
      'a key twice',
      ['convert', 'json-exporter', '-'],
      'modules: {}\nmodules: {}',
      'standard input:2:1: this key stands twice',
    ],
  ])('%s', async (_, args, input, message) => {
    const { status, stdout, stderr } = await runHere(args, { input })
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toContain(message)
  })

  test.each([
    '',
    'text',
    '[]',
    'modules: []',
    'modules: {m: 1}',
    'modules: {m: {metrics: [1, {name: []}], headers: 3}}',
  ])('a file of another kind is read as leniently as json_exporter does: %j', async input => {
    const { status } = await convert(input)
    expect(status).toBeLessThan(2)
  })
})
