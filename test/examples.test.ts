import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, probe } from './support/probe.ts'
import { serve } from './support/servers.ts'

const examples = new URL('../examples/', import.meta.url).pathname

/** The instant of the samples. */
const now = Date.parse('2026-11-21T12:00:00Z')

const types: Readonly<Record<string, string>> = { '.json': 'application/json', '.xml': 'application/xml' }

/** What a system answers: the file of a sample by the path that is asked for; with `POST command`, by that. */
interface System {
  readonly module: string
  /** Appended to the target. */
  readonly base?: string
  readonly samples: Readonly<Record<string, string>>
  /** What a request must carry. */
  readonly headers?: Readonly<Record<string, string>>
}

const systems: Readonly<Record<string, System>> = {
  technitium: {
    module: 'technitium',
    samples: {
      '/api/dashboard/stats/get?type=LastHour&utc=true': 'stats.json',
      '/api/settings/get': 'settings.json',
      '/api/dashboard/metrics/json': 'lifetime.json',
    },
    headers: { authorization: 'Bearer a secret of technitium_token' },
  },
  mirth: {
    module: 'mirth',
    samples: {
      '/api/channels/statistics': 'statistics.xml',
      '/api/channels/idsAndNames': 'names.xml',
      '/api/server/version': 'version.txt',
    },
    headers: {
      authorization: `Basic ${Buffer.from('admin:a secret of mirth').toString('base64')}`,
      'x-requested-with': 'sonde',
    },
  },
  'app-status': { module: 'app', samples: { '/status': 'status.json' } },
  mongodb: { module: 'mongodb', base: '/serverStatus', samples: { '/serverStatus': 'server-status.json' } },
  'kea-api': {
    module: 'kea4',
    samples: { 'statistic-get-all': 'statistics.json', 'config-get': 'config.json' },
    headers: { 'content-type': 'application/json' },
  },
  'bind-statistics': { module: 'bind', samples: { '/xml/v3/server': 'server.xml' } },
  'nagios-checks': { module: 'nagios_like', samples: { '/actuator/health': 'health.json' } },
}

/** What a sample is replaced by: a status, or other octets. */
type Changed = Readonly<Record<string, number | string>>

const secrets = mkdtempSync(join(tmpdir(), 'sonde-secrets-'))
beforeAll(() => {
  for (const name of ['technitium_token', 'mirth']) writeFileSync(join(secrets, name), `a secret of ${name}\n`)
})
afterAll(() => rmSync(secrets, { recursive: true }))

const keyOf = (url: string, body: string) =>
  body === '' ? url : ((JSON.parse(body) as { command: string }).command ?? url)

/** Probes a system that answers with its samples, but for those that are changed. */
async function probeSystem(folder: string, changed: Changed = {}): Promise<Answer> {
  const { module, base = '', samples, headers = {} } = systems[folder] as System
  await using server = await serve((request, response, body) => {
    const file = samples[keyOf(request.url ?? '', body)]
    const isAllowed = Object.entries(headers).every(([name, value]) => request.headers[name] === value)
    if (file === undefined || !isAllowed) return response.writeHead(file === undefined ? 404 : 401).end()
    const change = changed[file]
    if (typeof change === 'number') return response.writeHead(change).end('<html>error</html>')
    response.writeHead(200, { 'Content-Type': types[extname(file)] ?? 'text/plain' })
    return response.end(change ?? readFileSync(join(examples, folder, file)))
  })
  const yaml = readFileSync(join(examples, folder, 'modules.yaml'), 'utf8').replaceAll('/run/secrets', secrets)
  return await probe(yaml, { target: `http://${server.host}${base}`, module }, { now: () => now })
}

const volatile = /^probe_(duration|timeout|api_request_duration)_seconds/

/** The answer without what differs from probe to probe. */
const steady = ({ text }: Answer) =>
  text
    .split('\n')
    .filter(line => !volatile.test(line.replace(/^# (HELP|TYPE) /, '')))
    .join('\n')

describe.each(Object.keys(systems))('%s', folder => {
  test('gives exactly the series beside it', async () => {
    await expect(steady(await probeSystem(folder))).toMatchFileSnapshot(join(examples, folder, 'expected.prom'))
  })
})

/** What of the answer is worth telling, one after another. */
const told = (answer: Answer) =>
  answer.series
    .filter(({ name }) =>
      /^(probe_success|probe_failure_info|probe_api_(request_success|request_error|extract_errors))$/.test(name),
    )
    .map(({ name, labels, value }) => [name.replace('probe_', ''), ...Object.values(labels), value].join(' '))

describe('when a part of a system fails', () => {
  const own = (answer: Answer, prefix: string) => answer.series.filter(({ name }) => name.startsWith(prefix)).length

  test('technitium before v15, without the rights of an administrator', async () => {
    const settings = '{"status": "error", "errorMessage": "Access was denied.", "server": "server1"}'
    const answer = await probeSystem('technitium', { 'settings.json': settings, 'lifetime.json': 404 })
    expect(answer.value('technitium_server_info', { version: 'unknown', server_domain: 'server1' })).toBe(1)
    expect(told(answer)).toEqual([
      'api_request_error status lifetime 1',
      'api_request_error check settings 1',
      'api_request_success lifetime 0',
      'api_request_success settings 0',
      'api_request_success stats 1',
      'success 1',
    ])
    expect(answer.names).not.toContain('technitium_queries_total')
    expect(answer.names).not.toContain('technitium_server_uptime_seconds')
    expect(own(answer, 'technitium')).toBe(29)
  })

  test('technitium: the age of the server where its counters are missing', async () => {
    const answer = await probeSystem('technitium', { 'lifetime.json': 404 })
    expect(answer.value('technitium_server_uptime_seconds')).toBeCloseTo(93_698.177)
  })

  test('technitium: a bad token, said with status 200', async () => {
    const bad = '{"status": "invalid-token", "errorMessage": "Invalid token or session expired."}'
    const changed = { 'stats.json': bad, 'settings.json': bad, 'lifetime.json': bad }
    const answer = await probeSystem('technitium', changed)
    expect(answer.value('probe_success')).toBe(0)
    expect(answer.reason).toBe('content')
    expect(own(answer, 'technitium')).toBe(0)
    expect(answer.log).toContain('API said invalid-token: Invalid token or session expired.')
  })

  test('mirth: each of its requests', async () => {
    const noVersion = await probeSystem('mirth', { 'version.txt': 500 })
    expect(noVersion.value('probe_success')).toBe(1)
    expect([own(noVersion, 'mirth_info'), own(noVersion, 'mirth')]).toEqual([0, 16])
    const noNames = await probeSystem('mirth', { 'names.xml': 500 })
    expect(noNames.reason).toBe('status')
    expect(noNames.series.filter(({ labels }) => labels.channel === 'unknown')).toHaveLength(15)
    const noStatistics = await probeSystem('mirth', { 'statistics.xml': 500 })
    expect(noStatistics.reason).toBe('status')
    expect(own(noStatistics, 'mirth')).toBe(1)
  })

  test('mirth without channels', async () => {
    const answer = await probeSystem('mirth', { 'statistics.xml': '<list/>', 'names.xml': '<map/>' })
    expect([answer.value('probe_success'), answer.value('mirth_channels')]).toEqual([1, 0])
    expect(answer.names).not.toContain('mirth_messages_queued')
  })

  test('mirth answers with HTML, as it does without X-Requested-With', async () => {
    const answer = await probeSystem('mirth', {
      'statistics.xml': '<html><p>All requests must have <b>X-Requested-With</html>',
    })
    expect(answer.reason).toBe('content')
    expect(answer.value('probe_api_request_error', { request: 'stats', reason: 'parse' })).toBe(1)
  })

  test('app-status: a state that nobody knows', async () => {
    const answer = await probeSystem('app-status', { 'status.json': '{"health": "degraded", "total_uptime": 1}' })
    expect(answer.value('app_health', { app_health: 'healthy' })).toBe(0)
    expect(answer.value('app_health', { app_health: 'unhealthy' })).toBe(0)
    expect(answer.value('probe_api_extract_errors', { metric: 'app_health', reason: 'unknown_state' })).toBe(1)
    expect(answer.value('probe_success')).toBe(1)
  })

  test('kea: the optional configuration, and what authentication errors look like', async () => {
    const noConfig = await probeSystem('kea-api', { 'config.json': '[{"result": 2, "text": "not supported"}]' })
    expect(noConfig.value('probe_success')).toBe(1)
    expect(noConfig.series.filter(({ labels }) => labels.subnet === '')).toHaveLength(6)
    const refused = await probeSystem('kea-api', { 'statistics.json': '{"result": 401, "text": "Unauthorized"}' })
    expect(refused.reason).toBe('content')
  })

  test.each(Object.entries(systems))('%s: a body that breaks off', async (folder, { samples }) => {
    for (const file of Object.values(samples).filter(name => name !== 'version.txt')) {
      const whole = readFileSync(join(examples, folder, file), 'utf8')
      const answer = await probeSystem(folder, { [file]: whole.slice(0, whole.length / 2) })
      expect(answer.status).toBe(200)
      expect(told(answer).filter(line => line.includes('error parse'))).toHaveLength(1)
    }
  })

  test('nagios-checks: a 503 with a body is data, critical checks decide', async () => {
    const health = JSON.parse(readFileSync(join(examples, 'nagios-checks/health.json'), 'utf8'))
    const failing = async (change: object) => {
      const answer = await probeSystem('nagios-checks', { 'health.json': JSON.stringify({ ...health, ...change }) })
      const failed = answer.series.filter(({ name, value }) => name === 'probe_api_check_success' && value === 0)
      return [answer.value('probe_success'), ...failed.map(({ labels }) => labels.check)]
    }
    expect(await failing({ queue: { depth: 100 } })).toEqual([1, 'cert'])
    expect(await failing({ queue: { depth: 501 } })).toEqual([0, 'cert', 'queue_crit', 'queue_warn'])
    expect(await failing({ errors: ['x'] })).toEqual([0, 'cert', 'no_errors', 'queue_warn'])
    expect(await failing({ lastBackup: '2026-11-20T09:59:59Z' })).toEqual([0, 'cert', 'fresh', 'queue_warn'])
    expect(await failing({ version: '3.0.0', status: 'DOWN' })).toEqual([0, 'cert', 'queue_warn', 'status', 'version'])
    expect(await failing({ nodes: [] })).toEqual([0, 'cert', 'queue_warn', 'replicas'])
    expect(await failing({ components: { db: { status: 'DOWN' } } })).toEqual([
      0,
      'cert',
      'components_up',
      'queue_warn',
    ])
  })
})

test('every folder with samples is held against them', () => {
  const others = ['demo', 'modules', 'systemd', 'ci']
  const folders = readdirSync(examples, { withFileTypes: true }).filter(entry => entry.isDirectory())
  const names = folders.map(({ name }) => name).filter(name => !others.includes(name))
  expect(names.sort()).toEqual(Object.keys(systems).sort())
})
