import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { probe } from '../../support/probe.ts'
import { serve } from '../../support/servers.ts'

const secrets = mkdtempSync(join(tmpdir(), 'sonde-worked-'))
for (const name of ['pw', 'pdns_key', 'agh', 'pihole']) writeFileSync(join(secrets, name), `secret of ${name}`)
afterAll(() => rmSync(secrets, { recursive: true }))

interface Worked {
  readonly module: string
  /** The section `api`, as YAML. */
  readonly yaml: string
  /** Answers by method and URL. */
  readonly answers: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  /** Every series that is not sonde's own, and those of its checks. */
  readonly series: readonly string[]
}

const exampleData = `{"counter": 1234, "timestamp": 1657568506, "values": [
  {"id": "id-A", "count": 1, "some_boolean": true, "state": "ACTIVE"},
  {"id": "id-B", "count": 2, "some_boolean": true, "state": "INACTIVE"},
  {"id": "id-C", "count": 3, "some_boolean": false, "state": "ACTIVE"}], "location": "mars"}`

const worked: readonly Worked[] = [
  {
    module: 'json_exporter, default',
    yaml: `
      headers: {X-Dummy: my-test-header}
      metrics:
        - name: example_global_value
          help: Example of a top-level global value scrape in the json
          value: $.counter
          labels: {environment: beta, location: 'planet-{$.location}'}
        - name: example_timestamped_value_count
          items: $.values[?@.state == "INACTIVE"]
          value: .count
          timestamp: {path: $.timestamp, parse: unix}
          labels: {environment: beta}
        - name: example_value
          items: $.values[?@.state == "ACTIVE"]
          labels: {environment: beta, id: '{.id}'}
          values: {active: 1, count: .count, boolean: .some_boolean}
        - {name: example_missing_key, value: $.missing_key, on_missing: skip}`,
    answers: { 'GET /': exampleData },
    headers: { 'x-dummy': 'my-test-header' },
    series: [
      'example_global_value{environment="beta",location="planet-mars"} 1234',
      'example_value_active{environment="beta",id="id-A"} 1',
      'example_value_active{environment="beta",id="id-C"} 1',
      'example_value_boolean{environment="beta",id="id-A"} 1',
      'example_value_boolean{environment="beta",id="id-C"} 0',
      'example_value_count{environment="beta",id="id-A"} 1',
      'example_value_count{environment="beta",id="id-C"} 3',
      'probe_api_extract_errors{metric="example_missing_key",reason="missing"} 1',
      'example_timestamped_value_count{environment="beta"} 2 1657568506000',
    ],
  },
  {
    module: 'json_exporter, animals',
    yaml: `
      metrics:
        - name: animal_population
          items: $[*]
          value: .population
          labels: {name: '{.noun}', predator: '{.predator}'}`,
    answers: {
      'GET /': `[{"noun": "lion", "population": 123, "predator": true},
        {"noun": "deer", "population": 456, "predator": false}, {"noun": "pigeon", "population": 789, "predator": false}]`,
    },
    series: [
      'animal_population{name="deer",predator="false"} 456',
      'animal_population{name="lion",predator="true"} 123',
      'animal_population{name="pigeon",predator="false"} 789',
    ],
  },
  {
    module: 'post_body',
    yaml: `
      params: {myVal: {default: x, pattern: '[\\w ]{1,64}'}}
      method: POST
      body: {json: {time_diff: 1m35s, anotherVar: '{{param.myVal}}'}}
      http_client_config:
        basic_auth: {username: myuser, password_file: /run/secrets/pw}
        tls_config: {insecure_skip_verify: true}
      valid_status_codes: [200, 503]
      metrics: [{name: answer, value: $.n}]`,
    answers: { 'POST / {"time_diff":"1m35s","anotherVar":"a b"}': '{"n": 42}' },
    headers: { authorization: `Basic ${Buffer.from('myuser:secret of pw').toString('base64')}` },
    query: { myVal: 'a b' },
    series: ['answer 42'],
  },
  { module: 'external_api', yaml: ' {path: /health}', answers: { 'GET /health': '<fine>' }, series: [] },
  {
    module: 'rate_limit',
    yaml: `
      metrics:
        - {name: api_ratelimit_remaining, type: gauge, value: {meta: 'header:x-ratelimit-remaining'}}`,
    answers: { 'GET /': '' },
    series: ['api_ratelimit_remaining 57'],
  },
  {
    module: 'powerdns',
    yaml: `
      path: /api/v1/servers/localhost/statistics
      headers: {X-API-Key: {file: /run/secrets/pdns_key}}
      metrics:
        - name: pdns_auth_stat
          items: $[?@.type == "StatisticItem"]
          value: .value
          labels: {name: '{.name}'}
        - name: pdns_auth_map_stat
          items: ['$[?@.type == "MapStatisticItem"]', '.value[*]']
          value: .value
          labels: {name: '{^.name}', key: '{.name}'}`,
    answers: {
      'GET /api/v1/servers/localhost/statistics': `[{"name": "uptime", "type": "StatisticItem", "value": "812"},
        {"name": "response-by-qtype", "type": "MapStatisticItem", "value": [{"name": "A", "value": "9"}, {"name": "NS", "value": "1"}]},
        {"name": "logmessages", "type": "RingStatisticItem", "size": "10000", "value": []}]`,
    },
    headers: { 'x-api-key': 'secret of pdns_key' },
    series: [
      'pdns_auth_map_stat{key="A",name="response-by-qtype"} 9',
      'pdns_auth_map_stat{key="NS",name="response-by-qtype"} 1',
      'pdns_auth_stat{name="uptime"} 812',
    ],
  },
  {
    module: 'adguard',
    yaml: `
      path: /control/stats
      http_client_config: {basic_auth: {username: admin, password_file: /run/secrets/agh}}
      metrics:
        - {name: adguard_queries, type: gauge, value: $.num_dns_queries}
        - name: adguard_top_client_queries
          type: gauge
          items: ['$.top_clients[*]', .*]
          value: .
          labels: {client: '{key}'}`,
    answers: {
      'GET /control/stats': '{"num_dns_queries": 812, "top_clients": [{"192.168.1.10": 500}, {"192.168.1.11": 312}]}',
    },
    headers: { authorization: `Basic ${Buffer.from('admin:secret of agh').toString('base64')}` },
    series: [
      'adguard_queries 812',
      'adguard_top_client_queries{client="192.168.1.10"} 500',
      'adguard_top_client_queries{client="192.168.1.11"} 312',
    ],
  },
  {
    module: 'pihole6',
    yaml: `
      requests:
        login:
          method: POST
          path: /api/auth
          body: {json: {password: {file: /run/secrets/pihole}}}
          checks: [{path: $.session.valid, equals: true}]
          extract: {sid: $.session.sid}
          cache: {ttl: 4m}
        summary:
          path: /api/stats/summary
          headers: {X-FTL-SID: '{{login.sid}}'}
      metrics:
        - name: pihole_queries
          type: gauge
          from: summary
          values: {total: $.queries.total, blocked: $.queries.blocked, cached: $.queries.cached}
        - {name: pihole_queries_by_type, type: gauge, from: summary, items: $.queries.types.*, value: ., labels: {type: '{key}'}}`,
    answers: {
      'POST /api/auth {"password":"secret of pihole"}':
        '{"session": {"valid": true, "sid": "vFA+EP4M", "validity": 300}}',
      'GET /api/stats/summary vFA+EP4M':
        '{"queries": {"total": 7497, "blocked": 3465, "cached": 1800, "types": {"A": 3643, "AAAA": 123, "ANY": 0}}}',
    },
    series: [
      'pihole_queries_blocked 3465',
      'pihole_queries_by_type{type="A"} 3643',
      'pihole_queries_by_type{type="AAAA"} 123',
      'pihole_queries_by_type{type="ANY"} 0',
      'pihole_queries_cached 1800',
      'pihole_queries_total 7497',
    ],
  },
  {
    module: 'kube_readyz',
    yaml: `
      path: /readyz
      query: {verbose: 'true'}
      format: text
      valid_status_codes: [200, 500]
      metrics:
        - name: kube_component_check_ok
          type: gauge
          items: {regex: '(?m)^\\[(?<sign>[+-])\\](?<check>\\S+)'}
          value: {path: '{sign}', map: {'+': 1, '-': 0}}
          labels: {check: '{check}'}`,
    answers: {
      'GET /readyz?verbose=true': '[+]ping ok\n[+]log ok\n[-]etcd failed: reason withheld\nreadyz check failed\n',
    },
    series: [
      'kube_component_check_ok{check="etcd"} 0',
      'kube_component_check_ok{check="log"} 1',
      'kube_component_check_ok{check="ping"} 1',
    ],
  },
]

test.each(worked)('$module', async ({ yaml, answers, headers = {}, query = {}, series }) => {
  await using server = await serve((request, response, body) => {
    const key = [request.method, request.url, request.headers['x-ftl-sid'] ?? body]
      .filter(part => part !== '')
      .join(' ')
    const isAllowed = Object.entries(headers).every(([name, value]) => request.headers[name] === value)
    const answer = answers[key]
    if (answer === undefined || !isAllowed) response.writeHead(418).end()
    else response.writeHead(200, { 'X-RateLimit-Remaining': '57' }).end(answer)
  })
  const text = `modules:\n  m:\n    prober: api\n    api:${yaml.replaceAll('/run/secrets', secrets)}`
  const answer = await probe(text, { target: `http://${server.host}`, module: 'm', ...query })
  const own = answer.text.split('\n').filter(line => !/^(#|probe_(?!api_(check|extract))|$)/.test(line))
  expect([answer.value('probe_success'), ...own]).toEqual([1, ...series])
})

test('the example of the README gives what stands below it', async () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
  const section = readme.slice(readme.indexOf('\n### API\n'), readme.indexOf('\n### DNS\n'))
  const [yaml = '', text = ''] = [...section.matchAll(/```(?:yaml|text)\n([\s\S]*?)```/g)].map(([, block]) => block)
  const answers: Record<string, string> = {
    '/api/login': '{"session": {"id": "s1"}}',
    '/api/orders?site=fr':
      '{"state": "open", "queue": 4, "branches": [{"id": 7, "orders": 1203}, {"id": 9, "orders": 355}]}',
    '/api/branches': '[{"id": 7, "name": "north"}]',
  }
  await using server = await serve((request, response, body) => {
    const isAllowed = request.headers['x-session'] === 's1' || !request.url?.includes('orders')
    const isLogin = request.url !== '/api/login' || body === '{"user":"monitoring","password":"secret of pw"}'
    response.writeHead(isAllowed && isLogin ? 200 : 401).end(answers[request.url ?? ''])
  })
  const module = yaml.replace('/etc/sonde/shop', join(secrets, 'pw')).replaceAll(/^/gm, '  ')
  const query = { target: `http://${server.host}`, module: 'shop', site: 'fr' }
  const answer = await probe(`modules:\n${module}`, query)
  const lines = text.trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(5)
  expect(answer.text.split('\n')).toEqual(expect.arrayContaining(lines))
  const shop = answer.text.split('\n').filter(line => line.startsWith('shop_'))
  expect(shop).toEqual(lines.filter(line => line.startsWith('shop_')))
})
