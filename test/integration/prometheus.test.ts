import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import {
  answers,
  findProgram,
  freePort,
  start,
  startServer,
  temporaryFolder,
  testWith,
  until,
} from '../support/programs.ts'

const fixtures = new URL('../fixtures/', import.meta.url).pathname

async function startNamed(folder: string) {
  const port = await freePort()
  const conf = join(folder, 'named.conf')
  await writeFile(
    join(folder, 'demo.zone'),
    '$TTL 300\n@ SOA ns hostmaster 2026112101 7200 3600 1209600 300\n@ NS ns\nns A 127.0.0.1\nwww A 192.0.2.1\nwww A 192.0.2.2\n',
  )
  await writeFile(
    conf,
    `options { directory "${folder}"; pid-file none; session-keyfile none; listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; };
controls { };
zone "demo.test" { type primary; file "demo.zone"; };
`,
  )
  const running = await start(findProgram('named') ?? '', ['-g', '-n', '1', '-c', conf], output =>
    output.includes('running'),
  )
  return Object.assign(running, { target: `127.0.0.1:${port}` })
}

async function startNginx(folder: string) {
  const port = await freePort()
  const conf = join(folder, 'nginx.conf')
  await writeFile(
    conf,
    `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen 127.0.0.1:${port}; location = /health { return 200 "ok"; } location = /ill { return 503 "ill"; } }
}
`,
  )
  const running = await start(findProgram('nginx') ?? '', ['-c', conf, '-p', folder, '-e', `${folder}/error.log`], () =>
    answers(`http://127.0.0.1:${port}/health`),
  )
  return Object.assign(running, { url: `http://127.0.0.1:${port}` })
}

const scrapeConfig = (sonde: string, targets: readonly (readonly [module: string, target: string])[]) => `
global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: sonde
    static_configs: [{targets: ['${sonde}']}]
  - job_name: probe
    metrics_path: /probe
    static_configs:
${targets.map(([module, target]) => `      - {targets: ['${target}'], labels: {module: ${module}}}`).join('\n')}
    relabel_configs:
      - {source_labels: [__address__], target_label: __param_target}
      - {source_labels: [__param_target], target_label: instance}
      - {source_labels: [module], target_label: __param_module}
      - {target_label: __address__, replacement: '${sonde}'}
`

interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

testWith('prometheus', 'named', 'nginx')(
  'Prometheus scrapes DNS, HTTP and DHCP targets through relabel_configs',
  async () => {
    await using folder = await temporaryFolder()
    await chmod(folder.path, 0o755)
    await mkdir(join(folder.path, 'leases'))
    const leases = join(folder.path, 'leases', 'dhcpd.leases')
    await copyFile(join(fixtures, 'dhcp/isc-dhcpd/v4-small.leases'), leases)
    await using named = await startNamed(folder.path)
    await using nginx = await startNginx(folder.path)
    const modules = join(folder.path, 'modules.yaml')
    await writeFile(
      modules,
      `modules:
  http_2xx: {prober: http, http: {preferred_ip_protocol: ip4}}
  dns_www: {prober: dns, dns: {query_name: www.demo.test, query_type: A, validate_answer_rrs: {fail_if_not_matches_regexp: ['^www\\.demo\\.test\\.\\t300\\tIN\\tA\\t192\\.0\\.2\\.[12]$']}}}
  dns_soa: {prober: dns, dns: {query_name: demo.test, query_type: SOA}}
  dhcp: {prober: dhcp, dhcp: {roots: [leases]}}
`,
    )
    await using sonde = await startServer(modules)
    const targets = [
      ['http_2xx', `${nginx.url}/health`],
      ['http_2xx', `${nginx.url}/ill`],
      ['dns_www', named.target],
      ['dns_soa', named.target],
      ['dhcp', leases],
      ['nope', 'x'],
    ] as const
    const config = join(folder.path, 'prometheus.yml')
    await writeFile(config, scrapeConfig(new URL(sonde.url).host, targets))
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    await using _prometheus = await start(
      findProgram('prometheus') ?? '',
      [`--config.file=${config}`, `--storage.tsdb.path=${folder.path}/tsdb`, `--web.listen-address=127.0.0.1:${port}`],
      () => answers(`${url}/-/ready`),
    )

    const query = async (expression: string): Promise<readonly Sample[]> => {
      const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`)
      return ((await response.json()) as { readonly data: { readonly result: readonly Sample[] } }).data.result
    }
    const value = async (expression: string) => {
      const samples = await query(expression)
      return samples.length === 1 ? Number(samples[0]?.value[1]) : undefined
    }
    await until(async () => (await query('probe_success')).length === 5 && (await query('up')).length === 7)

    expect(await value(`probe_success{job="probe",module="http_2xx",instance="${nginx.url}/health"}`)).toBe(1)
    expect(await value(`probe_success{job="probe",module="http_2xx",instance="${nginx.url}/ill"}`)).toBe(0)
    expect(await value(`probe_failure_info{instance="${nginx.url}/ill",reason="status"}`)).toBe(1)
    expect(await value(`probe_http_status_code{instance="${nginx.url}/ill"}`)).toBe(503)
    expect(await value(`probe_success{module="dns_www",instance="${named.target}"}`)).toBe(1)
    expect(await value(`probe_dns_answer_rrs{module="dns_www",instance="${named.target}"}`)).toBe(2)
    expect(await value(`probe_dns_serial{module="dns_soa",instance="${named.target}"}`)).toBe(2_026_112_101)
    expect(await value(`probe_success{module="dhcp",instance="${leases}"}`)).toBe(1)
    expect(await value(`sum(probe_dhcp_leases{instance="${leases}",family="ipv4"})`)).toBe(25)
    expect(await value('probe_dhcp_leases{state="abandoned",type="address"}')).toBe(3)
    expect(await value('up{job="probe",instance="x"}')).toBe(0)
    expect(await value('min(up{job="probe",instance!="x"})')).toBe(1)
    expect(await value('up{job="sonde"}')).toBe(1)
    await until(async () => ((await value('sonde_module_unknown_total')) ?? 0) > 0) // with the next scrape of sonde
    expect(await value('probe_timeout_seconds{module="dhcp"}')).toBe(0.5)
  },
  60_000,
)
