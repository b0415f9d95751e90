import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serve } from './probers/http/support.ts'
import { type Answer, probe } from './support/probe.ts'

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

test('every folder with samples is held against them', () => {
  const others = ['demo', 'modules', 'systemd', 'ci']
  const folders = readdirSync(examples, { withFileTypes: true }).filter(entry => entry.isDirectory())
  const names = folders.map(({ name }) => name).filter(name => !others.includes(name))
  expect(names.sort()).toEqual(Object.keys(systems).sort())
})
