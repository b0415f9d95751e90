import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect } from 'vitest'
import { startDnsServer } from '../../src/demo/dns-server.ts'
import { identity } from '../support/identities.ts'
import { findProgram, run, runSonde, temporaryFolder, testWith } from '../support/programs.ts'
import { startSonde } from '../support/sonde.ts'

const promtool = findProgram('promtool') ?? 'promtool'
const test = testWith('promtool')
const fixtures = new URL('../fixtures/', import.meta.url).pathname
const examples = new URL('../../examples/', import.meta.url).pathname

const yaml = `modules:
  http_2xx: {prober: http, timeout: 2s}
  tls: {prober: http, timeout: 2s, http: {fail_if_not_ssl: true}}
  content: {prober: http, http: {fail_if_body_matches_regexp: [fine]}}
  https: {prober: http, http: {tls_config: {ca_file: '${fixtures}tls/ca.crt'}}}
  dns: {prober: dns, timeout: 500ms, dns: {query_name: demo.test, query_type: SOA}}
  dhcp: {prober: dhcp, dhcp: {roots: ['${fixtures}dhcp']}, retries: {}}
`

async function startTargets() {
  const dns = await startDnsServer()
  const web = createServer((request, response) => {
    if (request.url === '/missing') response.writeHead(404).end()
    else response.writeHead(200, { 'Last-Modified': new Date().toUTCString() }).end('fine')
  }).listen(0, '127.0.0.1')
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  const servers = ['server', 'other-name'].map(name =>
    createTlsServer(identity(name), (_request, response) => response.end('fine')).listen(0, '127.0.0.1'),
  )
  await Promise.all([web, silent, ...servers].map(server => once(server, 'listening')))
  const [tls, other] = servers.map(server => `https://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return {
    WEB: `http://127.0.0.1:${(web.address() as AddressInfo).port}`,
    TLS: tls ?? '',
    OTHER: other ?? '',
    SILENT: `127.0.0.1:${silent.address().port}`,
    DNS: dns.target,
    async [Symbol.asyncDispose]() {
      for (const server of [web, silent, dns, ...servers]) server.close()
    },
  }
}

describe('promtool check metrics is silent', () => {
  test.each([
    ['http_2xx', 'WEB/', 'probe_success 1'],
    ['http_2xx', 'WEB/missing', 'reason="status"'],
    ['http_2xx', 'nope.invalid', 'reason="resolve"'],
    ['http_2xx', '127.0.0.1:1', 'reason="connect"'],
    ['tls', 'WEB/', 'reason="tls"'],
    ['content', 'WEB/', 'reason="content"'],
    ['https', 'TLS/', 'probe_ssl_last_chain_info{'],
    ['https', 'OTHER/', 'reason="tls"'],
    ['dns', 'DNS', 'probe_dns_serial'],
    ['dns', 'SILENT', 'reason="timeout"'],
    ['dns', '127.0.0.1:1', 'reason="connect"'],
    ['dhcp', `${fixtures}dhcp/isc-dhcpd/v4-small.leases`, 'probe_success 1'],
    ['dhcp', `${fixtures}dhcp/kea/v4-small.csv`, 'probe_success 1'],
    ['dhcp', `${fixtures}dhcp/dnsmasq/v4v6-small.leases`, 'probe_success 1'],
    ['dhcp', `${fixtures}dhcp/none`, 'reason="not_found"'],
  ])('%s %s', async (module, target, sign) => {
    await using targets = await startTargets()
    await using sonde = await startSonde(yaml)
    const real = target.replace(/^[A-Z]+/, name => String(targets[name as keyof typeof targets] ?? name))
    const text = await (await sonde.get(`/probe?${new URLSearchParams({ module, target: real })}`)).text()
    expect(text).toContain(sign)
    expect(run(promtool, ['check', 'metrics'], text)).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('/metrics', async () => {
    await using sonde = await startSonde(yaml)
    await (await sonde.get('/probe?target=127.0.0.1:1')).text()
    const text = await (await sonde.get('/metrics')).text()
    expect(text).toContain('sonde_probe_failures_total{module="http_2xx",reason="connect"} 1')
    expect(run(promtool, ['check', 'metrics'], text)).toEqual({ status: 0, stdout: '', stderr: '' })
  })
})

test.each(readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.prom')))(
  'promtool check metrics is silent on %s',
  file => {
    const text = readFileSync(examples + file, 'utf8')
    expect(run(promtool, ['check', 'metrics'], text)).toEqual({ status: 0, stdout: '', stderr: '' })
  },
)

test('promtool accepts the examples', () => {
  expect(run(promtool, ['check', 'config', `${examples}prometheus.yml`])).toMatchObject({ status: 0 })
  expect(run(promtool, ['check', 'rules', `${examples}alerts.yml`])).toMatchObject({ status: 0 })
  expect(run(promtool, ['test', 'rules', `${examples}alerts_test.yml`])).toMatchObject({ status: 0 })
})

test('promtool parses every expression of the dashboard', async () => {
  const { panels } = JSON.parse(readFileSync(`${examples}dashboard.json`, 'utf8'))
  const expressions: string[] = panels.flatMap(({ targets = [] }) => targets.map(({ expr }: { expr: string }) => expr))
  const rules = expressions.map((expr, index) => ({
    record: `panel:${index}`,
    expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h'),
  }))
  await using folder = await temporaryFolder()
  const file = `${folder.path}/rules.yml`
  await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  expect(run(promtool, ['check', 'rules', file])).toMatchObject({ status: 0 })
})

testWith('prometheus-blackbox-exporter').each([
  '/etc/prometheus/blackbox.yml',
  '/usr/share/doc/prometheus-blackbox-exporter/examples/example.yml',
  '/usr/share/doc/prometheus-blackbox-exporter/examples/blackbox.yml',
])("blackbox_exporter's own %s loads unchanged", file => {
  const { status, stdout, stderr } = runSonde(['serve', '--config.check', `--config.file=${file}`])
  expect([status, stderr]).toEqual([0, ''])
  expect(stdout).toContain('ok, ')
})
