import '../threads.ts'

import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLogger } from '../engine/logger.ts'
import { createExporter, type Exporter } from '../exporter.ts'
import type { Listeners } from '../http/server.ts'
import { startDnsServer } from './dns-server.ts'
import { startHttpApi } from './http-api.ts'
import { writeLeaseFiles } from './lease-files.ts'
import { layOut, type Shown, summarize } from './report.ts'

const print = (text: string) => process.stdout.write(`${text}\n`)
const modulesFile = new URL('../../examples/demo/modules.yaml', import.meta.url)
const usualPort = 9115
const graceMs = 2000

async function listenSomewhere(exporter: Exporter): Promise<Listeners> {
  const at = (port: number) => exporter.listen([{ host: '127.0.0.1', port }])
  return at(usualPort).catch(() => at(0))
}

async function startSonde(folder: string) {
  const configFile = join(folder, 'modules.yaml')
  await copyFile(modulesFile, configFile)
  const write = (line: string) => process.stderr.write(line)
  const quiet = createLogger({ level: 'warn', format: 'logfmt', write })
  const exporter = createExporter({
    configFiles: [configFile],
    log: quiet,
    probeLog: () => quiet,
  })
  await exporter.reload()
  const listeners = await listenSomewhere(exporter)
  const [url = ''] = listeners.urls
  return { url, stop: () => exporter.drain(listeners, graceMs) }
}

const http = [
  ['status', 'probe_http_status_code'],
  ['redirects', 'probe_http_redirects'],
] as const
const shop = [
  ['queue', 'shop_queue_length'],
  ['north', 'shop_orders_total', 'branch="north"'],
  ['unknown', 'shop_orders_total', 'branch="unknown"'],
  ['open', 'shop_state', 'shop_state="open"'],
] as const
const dns = [
  ['answers', 'probe_dns_answer_rrs'],
  ['rcode', 'probe_dns_rcode'],
  ['serial', 'probe_dns_serial'],
] as const
const dhcp = [
  ['active', 'probe_dhcp_leases', 'state="active"'],
  ['expired', 'probe_dhcp_leases', 'state="expired"'],
  ['abandoned', 'probe_dhcp_leases', 'state="abandoned"'],
  ['declined', 'probe_dhcp_leases', 'state="declined"'],
] as const

const stopped = new Promise(resolve => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, resolve) // npm sends it once more
})
const api = await startHttpApi()
const server = await startDnsServer()
const folder = await mkdtemp(join(tmpdir(), 'sonde-demo-'))
const leases = await writeLeaseFiles(join(folder, 'leases'))
const sonde = await startSonde(folder)

const probes = [
  ['http_json_ok', `${api.url}/health`, http],
  ['http_2xx', `${api.url}/old-health`, http],
  ['http_2xx', `${api.url}/degraded`, http],
  ['http_2xx', `${api.url}/hangs`, http],
  ['api_shop', api.url, shop],
  ['api_shop', `${api.url}/busy`, shop],
  ['dns_www', server.target, dns],
  ['dns_soa', server.target, dns],
  ['dns_missing', server.target, dns],
  ['dhcp_leases', leases.isc, dhcp],
  ['dhcp_leases', leases.kea, dhcp],
  ['dhcp_leases', join(folder, 'leases', 'gone.leases'), dhcp],
] as const

const probeUrl = (module: string, target: string) => `${sonde.url}/probe?${new URLSearchParams({ module, target })}`

async function show() {
  const rows: Shown[] = []
  for (const [module, target, series] of probes) {
    const response = await fetch(probeUrl(module, target))
    rows.push(summarize(module, target, await response.text(), series))
  }
  print(`
sonde probes a DNS server, an HTTP API and lease files that this demo serves on loopback.

${layOut(rows)}

Some are down on purpose: probe_failure_info{reason="…"} says why. Have a look:
  ${sonde.url}/
  ${probeUrl('http_json_ok', `${api.url}/health`)}
  ${probeUrl('api_shop', api.url)}
  ${probeUrl('dns_www', server.target)}
  ${probeUrl('dhcp_leases', leases.isc)}
Add &debug=true to see what a probe did. sonde's own metrics: ${sonde.url}/metrics
Ctrl-C stops the demo.`)
}

await Promise.race([show(), stopped])
await stopped
await sonde.stop()
server.close()
api.close()
await rm(folder, { recursive: true, force: true })
process.exit() // whatever a probe was still waiting for
