import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parseYaml } from '../../../../src/config/yaml.ts'
import { options } from '../../../../src/probers/api/options/options.ts'
import { evaluate, type Given } from './evaluate.ts'

const file = new URL('../../../fixtures/api/worked.yaml', import.meta.url)
const { modules } = parseYaml(readFileSync(file, 'utf8')).value as { modules: Record<string, { api: object }> }
const run = (module: string, answers: Parameters<typeof evaluate>[1]) =>
  evaluate(options.parse(modules[module]?.api), answers)

test.each(Object.keys(modules))('%s is a section without a mistake', name => {
  expect(options.safeParse(modules[name]?.api).error?.issues).toBeUndefined()
})

const json = (value: unknown) => JSON.stringify(value)

const values = {
  counter: 1234,
  timestamp: 1657568506,
  location: 'mars',
  values: [
    { id: 'id-A', count: 1, some_boolean: true, state: 'ACTIVE' },
    { id: 'id-B', count: 2, some_boolean: true, state: 'INACTIVE' },
    { id: 'id-C', count: 3, some_boolean: false, state: 'ACTIVE' },
  ],
}

const technitium = {
  stats: json({
    status: 'ok',
    server: 'dns1.example',
    response: {
      stats: {
        ...{ totalQueries: 925, totalNoError: 834, totalServerFailure: 1, totalNxDomain: 90, totalRefused: 0 },
        ...{ totalAuthoritative: 47, totalRecursive: 348, totalCached: 481, totalBlocked: 49, totalDropped: 0 },
        ...{
          totalClients: 6,
          zones: 19,
          cachedEntries: 6330,
          allowedZones: 10,
          blockedZones: 1,
          blockListZones: 307447,
        },
      },
      queryTypeChartData: { labels: ['A', 'HTTPS', 'AAAA'], datasets: [{ data: [603, 196, 126] }] },
      protocolTypeChartData: { labels: ['Udp'], datasets: [{ data: [925] }] },
      topClients: [
        { name: '192.168.10.5', domain: 'server1.local', hits: 463, rateLimited: false },
        { name: '192.168.10.11', hits: 104, rateLimited: true },
      ],
    },
  }),
  settings: json({
    status: 'ok',
    response: { version: '15.2', dnsServerDomain: 'dns1.example', uptimestamp: '2026-01-01T23:00:00.1234567Z' },
  }),
  lifetime: json({ status: 'ok', response: { uptimeSeconds: 3600, lifetimeCounters: { totalQueries: 123456 } } }),
}
const invalidToken = json({ status: 'invalid-token', errorMessage: 'Invalid token or session expired.' })

const statistics = (id: string, received: number, sent: number, error: number, filtered: number, queued: number) =>
  `<channelStatistics><serverId>2b1f</serverId><channelId>${id}</channelId><received>${received}</received>` +
  `<sent>${sent}</sent><error>${error}</error><filtered>${filtered}</filtered><queued>${queued}</queued></channelStatistics>`
const mirth = {
  stats: `<list>\n${statistics('101af57f', 1200, 1180, 3, 17, 2)}${statistics('77aa01b2', 9, 9, 0, 0, 0)}${statistics('deadbeef', 1, 0, 1, 0, 0)}</list>`,
  names:
    '<map><entry><string>101af57f</string><string>ADT-In</string></entry>\n' +
    '<entry><string>77aa01b2</string><string>Lab &amp; Results</string></entry></map>',
  version: '4.5.2\n',
}
const mirthLines = (channel: string, id: string, counts: readonly number[]) =>
  ['errored_total', 'filtered_total', 'queued', 'received_total', 'sent_total'].map(
    (name, index) => `mirth_messages_${name}{channel="${channel}",channel_id="${id}"} ${counts[index]}`,
  )

const kea = {
  stats: json([
    {
      result: 0,
      arguments: {
        'pkt4-ack-sent': [[5, '2026-01-01 10:00:00.000']],
        'pkt4-discover-received': [[7, '2026-01-01 10:00:00.000']],
        'pkt4-received': [[12, '2026-01-01 10:00:00.000']],
        'subnet[1].assigned-addresses': [
          [111, 'x'],
          [110, 'x'],
        ],
        'subnet[2].assigned-addresses': [[4, 'x']],
        'subnet[1].cumulative-assigned-addresses': [[500, 'x']],
      },
    },
  ]),
  config: json([{ result: 0, arguments: { Dhcp4: { subnet4: [{ id: 1, subnet: '10.0.0.0/24' }] } } }]),
}

const health = {
  ...{ status: 'UP', version: '2.14.3', queue: { depth: 40 }, lastBackup: '2026-01-01T06:00:00Z' },
  components: { db: { status: 'UP' }, disk: { status: 'UP' } },
  nodes: [{ ready: true }, { ready: false }, { ready: true }],
}
const goodMeta = { statusCode: 200, durationSeconds: 0.12, tlsNotAfterSeconds: Date.UTC(2026, 0, 30) / 1000 }

const cases: readonly (readonly [
  title: string,
  module: string,
  answers: Record<string, Given>,
  lines: readonly string[],
])[] = [
  [
    "json_exporter's example",
    'default',
    { main: json(values) },
    [
      'example_global_value{environment="beta",location="planet-mars"} 1234',
      'example_timestamped_value_count{environment="beta"} 2 1657568506000',
      'example_value_active{environment="beta",id="id-A"} 1',
      'example_value_active{environment="beta",id="id-C"} 1',
      'example_value_boolean{environment="beta",id="id-A"} 1',
      'example_value_boolean{environment="beta",id="id-C"} 0',
      'example_value_count{environment="beta",id="id-A"} 1',
      'example_value_count{environment="beta",id="id-C"} 3',
    ],
  ],
  [
    "json_exporter's animals",
    'animals',
    {
      main: json([
        { noun: 'lion', population: 123, predator: true },
        { noun: 'deer', population: 456, predator: false },
        { noun: 'pigeon', population: 789, predator: false },
      ]),
    },
    [
      'animal_population{name="deer",predator="false"} 456',
      'animal_population{name="lion",predator="true"} 123',
      'animal_population{name="pigeon",predator="false"} 789',
    ],
  ],
  [
    'Technitium',
    'technitium',
    technitium,
    [
      'technitium_allowed_zones 10',
      'technitium_blocked_zones 1',
      'technitium_blocklist_domains 307447',
      'technitium_cache_entries 6330',
      'technitium_clients 6',
      'technitium_last_hour_queries 925',
      'technitium_last_hour_queries_by_protocol{protocol="udp"} 925',
      'technitium_last_hour_queries_by_record_type{record_type="A"} 603',
      'technitium_last_hour_queries_by_record_type{record_type="AAAA"} 126',
      'technitium_last_hour_queries_by_record_type{record_type="HTTPS"} 196',
      'technitium_last_hour_queries_by_type{type="authoritative"} 47',
      'technitium_last_hour_queries_by_type{type="blocked"} 49',
      'technitium_last_hour_queries_by_type{type="cached"} 481',
      'technitium_last_hour_queries_by_type{type="dropped"} 0',
      'technitium_last_hour_queries_by_type{type="recursive"} 348',
      'technitium_last_hour_responses{rcode="noerror"} 834',
      'technitium_last_hour_responses{rcode="nxdomain"} 90',
      'technitium_last_hour_responses{rcode="refused"} 0',
      'technitium_last_hour_responses{rcode="servfail"} 1',
      'technitium_queries_total 123456',
      'technitium_server_info{server_domain="dns1.example",version="15.2"} 1',
      'technitium_server_uptime_seconds 3600',
      'technitium_top_clients_hits{client="192.168.10.11",rate_limited="true"} 104',
      'technitium_top_clients_hits{client="192.168.10.5",rate_limited="false"} 463',
      'technitium_zones 19',
    ],
  ],
  [
    'Mirth',
    'mirth',
    mirth,
    [
      'mirth_channels 3',
      'mirth_info{version="4.5.2"} 1',
      ...mirthLines('ADT-In', '101af57f', [3, 17, 2, 1200, 1180]),
      ...mirthLines('Lab & Results', '77aa01b2', [0, 0, 0, 9, 9]),
      ...mirthLines('unknown', 'deadbeef', [1, 0, 0, 1, 0]),
    ].sort(),
  ],
  [
    'a Mirth without channels',
    'mirth',
    { stats: '<list/>', names: '<map/>', version: 'not a version' },
    ['mirth_channels 0'],
  ],
  [
    'an application',
    'app',
    { main: json({ current_requests: 3, pending_requests: 0, total_uptime: 1e6, health: 'healthy' }) },
    [
      'app_health{app_health="healthy"} 1',
      'app_health{app_health="unhealthy"} 0',
      'app_requests_current 3',
      'app_requests_pending 0',
      'app_uptime 1000000',
    ],
  ],
  [
    'MongoDB',
    'mongo_status',
    {
      main: json({
        connections: { current: 12 },
        opcounters: { insert: { $numberLong: '42' }, query: 7 },
        uptimeMillis: { $numberLong: '90500' },
      }),
    },
    [
      'mongodb_connections 12',
      'mongodb_operations_total{operation="insert"} 42',
      'mongodb_operations_total{operation="query"} 7',
      'mongodb_uptime_seconds 90.5',
    ],
  ],
  ['a service without metrics', 'external_api', { main: 'not JSON at all' }, []],
  [
    'a header',
    'rate_limit',
    { main: { body: '', meta: { headers: new Map([['x-ratelimit-remaining', ['41', '9']]]) } } },
    ['api_ratelimit_remaining 41'],
  ],
  [
    'Kea',
    'kea4',
    kea,
    [
      'kea_dhcp4_packets_total{direction="received",operation="discover"} 7',
      'kea_dhcp4_packets_total{direction="sent",operation="ack"} 5',
      'kea_dhcp4_subnet_addresses{state="assigned",subnet="",subnet_id="2"} 4',
      'kea_dhcp4_subnet_addresses{state="assigned",subnet="10.0.0.0/24",subnet_id="1"} 111',
    ],
  ],
  [
    'BIND',
    'bind_xml',
    {
      main:
        '<?xml version="1.0"?><statistics version="3.11"><server><boot-time>2026-01-01T00:00:00.000Z</boot-time>' +
        '<counters type="opcode"><counter name="QUERY">9</counter></counters>' +
        '<counters type="qtype"><counter name="A">7</counter><counter name="AAAA">2</counter></counters></server></statistics>',
    },
    [
      'bind_boot_time_seconds 1767225600',
      'bind_incoming_queries_total{type="A"} 7',
      'bind_incoming_queries_total{type="AAAA"} 2',
    ],
  ],
  [
    'PowerDNS',
    'powerdns',
    {
      main: json([
        { type: 'StatisticItem', name: 'udp-queries', value: '12' },
        {
          type: 'MapStatisticItem',
          name: 'response-by-qtype',
          value: [
            { name: 'A', value: '3' },
            { name: 'NS', value: '1' },
          ],
        },
        { type: 'RingStatisticItem', name: 'queries', size: 10000, value: [] },
      ]),
    },
    [
      'pdns_auth_map_stat{key="A",name="response-by-qtype"} 3',
      'pdns_auth_map_stat{key="NS",name="response-by-qtype"} 1',
      'pdns_auth_stat{name="udp-queries"} 12',
    ],
  ],
  [
    'AdGuard Home',
    'adguard',
    { main: json({ num_dns_queries: 1500, top_clients: [{ '192.168.1.10': 500 }, { '192.168.1.11': 20 }] }) },
    [
      'adguard_queries 1500',
      'adguard_top_client_queries{client="192.168.1.10"} 500',
      'adguard_top_client_queries{client="192.168.1.11"} 20',
    ],
  ],
  [
    'Pi-hole',
    'pihole6',
    {
      login: json({ session: { valid: true, sid: 'vFA+EP4MQ5JJvJg+3Q2Jnw=' } }),
      summary: json({ queries: { total: 7497, blocked: 3465, cached: 2000, types: { A: 3643, AAAA: 123 } } }),
    },
    [
      'pihole_queries_blocked 3465',
      'pihole_queries_by_type{type="A"} 3643',
      'pihole_queries_by_type{type="AAAA"} 123',
      'pihole_queries_cached 2000',
      'pihole_queries_total 7497',
    ],
  ],
  [
    'Kubernetes',
    'kube_readyz',
    { main: '[+]ping ok\n[-]etcd failed: reason withheld\n[+]shutdown ok\nreadyz check failed\n' },
    [
      'kube_component_check_ok{check="etcd"} 0',
      'kube_component_check_ok{check="ping"} 1',
      'kube_component_check_ok{check="shutdown"} 1',
    ],
  ],
]

test.each(cases)('%s', async (_title, module, answers, lines) => {
  const outcome = await run(module, answers)
  expect(outcome.lines).toEqual(lines)
  expect(outcome.failures).toEqual([])
})

describe('what may be missing', () => {
  test('json_exporter: a missing key is counted', async () => {
    expect((await run('default', json(values))).faults).toEqual(['example_missing_key missing 1'])
  })

  test('Technitium before v15, without an admin token', async () => {
    const stats = json({ ...JSON.parse(technitium.stats), server: 'server1' })
    const { lines, failures, faults, results } = await run('technitium', { stats, settings: invalidToken })
    expect(lines.filter(line => line.startsWith('technitium_server'))).toEqual([
      'technitium_server_info{server_domain="server1",version="unknown"} 1',
    ])
    expect(results.get('settings')?.fault?.reason).toBe('check')
    expect([...failures, ...faults]).toEqual([])
  })

  test('Technitium v14 with an admin token: its uptime is an age', async () => {
    const { stats, settings } = technitium
    const { lines } = await run('technitium', { stats, settings })
    expect(lines).toContain('technitium_server_uptime_seconds 3599.876543')
    expect(lines).toContain('technitium_server_info{server_domain="dns1.example",version="15.2"} 1')
  })

  test('Technitium with a bad token', async () => {
    const { lines, results } = await run('technitium', { stats: invalidToken, settings: invalidToken })
    expect(lines).toEqual([])
    const message = 'API said invalid-token: Invalid token or session expired.'
    expect(results.get('stats')?.fault).toEqual({ reason: 'check', message })
  })

  test('Mirth without names: the default of the label, never a lost metric', async () => {
    const { lines } = await run('mirth', { stats: mirth.stats })
    expect(lines).toContain('mirth_messages_queued{channel="unknown",channel_id="101af57f"} 2')
    expect(lines).toHaveLength(16)
  })

  test('Kea without its configuration', async () => {
    const { lines } = await run('kea4', { stats: kea.stats })
    expect(lines).toContain('kea_dhcp4_subnet_addresses{state="assigned",subnet="",subnet_id="1"} 111')
  })

  test('an application in a state that it does not have', async () => {
    const { lines, faults } = await run('app', json({ health: 'degraded' }))
    expect(lines).toEqual(['app_health{app_health="healthy"} 0', 'app_health{app_health="unhealthy"} 0'])
    expect(faults).toContain('app_health unknown_state 1')
  })

  test("Pi-hole's login gives what the next request needs", async () => {
    const { results } = await run('pihole6', { login: json({ session: { valid: true, sid: 'abc' } }) })
    expect(results.get('login')?.extracted).toEqual({ sid: 'abc' })
  })
})

describe("Nagios' assertions", () => {
  const failed = async (body: object, meta: object = {}) => {
    const { checks, failures } = await run('nagios_like', {
      main: { body: json({ ...health, ...body }), meta: { ...goodMeta, ...meta } },
    })
    return { names: checks.filter(({ passed }) => !passed).map(({ name }) => name), failures, checks }
  }

  test('all well', async () => {
    const { names, failures, checks } = await failed({})
    expect([...names, ...failures]).toEqual([])
    expect(checks.map(({ name, severity }) => `${name} ${severity}`)).toEqual([
      'http_status critical',
      'latency warning',
      'status critical',
      'version critical',
      'queue_warn warning',
      'queue_crit critical',
      'components_up critical',
      'no_errors critical',
      'fresh critical',
      'replicas critical',
      'cert warning',
    ])
  })

  test.each<readonly [body: object, meta: object, name: string, failures: readonly string[]]>([
    [{}, { statusCode: 503 }, 'http_status', ['check http_status: found 503, expected one of 200']],
    [{}, { durationSeconds: 0.9 }, 'latency', []],
    [{ status: 'DOWN' }, {}, 'status', ['check status: found DOWN, expected one of UP, DEGRADED']],
    [{ version: '3.0' }, {}, 'version', ['check version: found 3.0, expected a match of 2\\.\\d+\\.\\d+']],
    [{ queue: { depth: 101 } }, {}, 'queue_warn', []],
    [
      { components: { db: { status: 'UP' }, disk: { status: 'DOWN' } } },
      {},
      'components_up',
      ['check components_up: found DOWN, expected UP'],
    ],
    [{ errors: ['disk full'] }, {}, 'no_errors', ['check no_errors: something was found']],
    [
      { lastBackup: '2025-12-31T21:59:59Z' },
      {},
      'fresh',
      ['check fresh: found 2025-12-31T21:59:59Z, expected at most 26h'],
    ],
    [{ nodes: [{ ready: true }] }, {}, 'replicas', ['check replicas: 1 were found']],
    [{}, { tlsNotAfterSeconds: Date.UTC(2026, 0, 15) / 1000 }, 'cert', []],
  ])('%j %j fails %s', async (body, meta, name, failures) => {
    const result = await failed(body, meta)
    expect(result.names).toEqual([name])
    expect(result.failures).toEqual(failures)
  })

  test('of a required request that failed, every check has failed', async () => {
    const { checks, failures } = await run('nagios_like', {})
    expect(checks.filter(({ passed }) => passed)).toEqual([])
    expect(failures).toHaveLength(8)
  })
})
