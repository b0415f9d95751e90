import { once } from 'node:events'
import { Agent } from 'node:http'
import { constants, createSecureServer } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { expect, test } from 'vitest'
import { createLogger } from '../../src/engine/logger.ts'
import { collectGarbage } from '../support/garbage.ts'
import { identity, pemFile } from '../support/identities.ts'
import { get } from '../support/load.ts'
import { until } from '../support/programs.ts'
import { serve, serveRaw, serveText } from '../support/servers.ts'
import { startSonde } from '../support/sonde.ts'

const probes = 5000
const clients = 24
const ok = 'HTTP/1.1 200 OK\r\n'

const modules = JSON.stringify({
  modules: Object.fromEntries(
    Object.entries({
      plain: {},
      hasty: { tls_config: { ca_file: pemFile('ca.crt') } },
      pattern: { fail_if_body_not_matches_regexp: ['never'] },
      gzip: { compression: 'gzip' },
      small: { body_size_limit: 10 },
      file: { body_file: '/no/such/file' },
      redirected: { follow_redirects: false },
      trusting: { tls_config: { ca_file: pemFile('ca.crt') } },
    }).map(([name, http]) => [
      name,
      { prober: 'http', timeout: name === 'hasty' ? '100ms' : '20s', http: { preferred_ip_protocol: 'ip4', ...http } },
    ]),
  ),
})

async function serveHttp2() {
  const open = new Set<Socket>()
  const server = createSecureServer(identity('server', 'intermediate.crt'))
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('error', () => {}).on('close', () => open.delete(socket))
  })
  server.on('sessionError', () => {})
  server.on('stream', (stream, { ':path': path }) => {
    stream.on('error', () => {})
    if (path === '/refuse') stream.close(constants.NGHTTP2_REFUSED_STREAM)
    else if (path === '/goaway') stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM)
    else if (path !== '/hang') stream.respond({ ':status': 200 })
    if (path === '/ok') stream.end('fine')
    if (path === '/cut') stream.write('some', () => stream.session?.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `https://localhost:${port}`,
    connections: open,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of open) socket.destroy()
      await once(server, 'close')
    },
  }
}

const heapBytes = () => {
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const countOf = (resources: readonly string[]) =>
  resources.filter(name => /^(TCP|TLS|Timeout|GetAddrInfo|FSReq|Zlib|HTTP)/i.test(name)).length

test(`${probes} probes that end in every way leave nothing behind`, { timeout: 240_000 }, async () => {
  await using web = await serve((request, response) => {
    const [, status = '200', location] = /^\/(\d+)(?:\/(.*))?/.exec(request.url ?? '') ?? []
    response.writeHead(Number(status), location === undefined ? {} : { location: decodeURIComponent(location) })
    response.end('a body, not long')
  })
  await using secureWeb = await serve(
    (_request, response) => response.end('fine'),
    identity('server', 'intermediate.crt'),
  )
  await using expired = await serve((_request, response) => response.end('fine'), identity('expired'))
  await using http2 = await serveHttp2()
  await using silent = await serveRaw(() => {})
  await using resets = await serveRaw(socket => socket.once('data', () => socket.resetAndDestroy()))
  await using garbage = await serveText('\x00garbage\r\n\r\n')
  await using cut = await serveText(`${ok}Content-Length: 10\r\n\r\nabc`)
  await using endless = await serveRaw(socket => socket.write(`${ok}\r\nabc`))
  const cases: readonly (readonly [module: string, target: string, reason: string | undefined])[] = [
    ['plain', web.host, undefined],
    ['pattern', web.host, 'content'],
    ['gzip', web.host, 'protocol'],
    ['small', web.host, 'too_large'],
    ['plain', secureWeb.host, 'connect'],
    ['file', web.host, 'not_found'],
    ['plain', `${web.host}/404`, 'status'],
    ['plain', `${web.host}/401`, 'auth'],
    ['plain', `${web.host}/302/%3F`, 'protocol'],
    ['plain', `${web.host}/302/file:%2F%2F%2Fetc`, 'protocol'],
    ['plain', `${web.host}/302/http:%2F%2F169.254.169.254`, 'denied'],
    ['redirected', `${web.host}/302/%2F`, 'status'],
    ['plain', 'name.invalid', 'resolve'],
    ['plain', '127.0.0.1:1', 'connect'],
    ['plain', resets.host, 'connect'],
    ['plain', garbage.host, 'protocol'],
    ['plain', cut.host, 'protocol'],
    ['hasty', silent.host, 'timeout'],
    ['hasty', endless.host, 'timeout'],
    ['hasty', `https://${silent.host}`, 'timeout'],
    ['plain', `https://${web.host}`, 'tls'],
    ['plain', `https://${expired.host}`, 'tls'],
    ['trusting', `https://localhost:${secureWeb.port}`, undefined],
    ['trusting', `${http2.url}/ok`, undefined],
    ['trusting', `${http2.url}/refuse`, 'protocol'],
    ['trusting', `${http2.url}/goaway`, 'protocol'],
    ['trusting', `${http2.url}/cut`, 'protocol'],
    ['hasty', `${http2.url}/hang`, 'timeout'],
  ]

  const log = createLogger({ level: 'error', format: 'logfmt', write: () => {} })
  await using sonde = await startSonde(modules, { log, probeLog: () => log })
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const seen = new Map<string, string | undefined>()

  async function run(count: number) {
    let next = 0
    const client = async () => {
      while (next < count) {
        const [module, target, reason] = cases[next++ % cases.length] ?? ['plain', '', undefined]
        const { text } = await get(`${sonde.url}/probe?${new URLSearchParams({ module, target })}`, agent)
        const found = /probe_failure_info\{reason="(\w+)"\}/.exec(text)?.[1]
        const isBusy = text.startsWith('overloaded') // the machine is, which is no verdict
        if (found !== reason && !isBusy) seen.set(`${module} ${target}: ${reason}`, found ?? text)
      }
    }
    await Promise.all(Array.from({ length: clients }, client))
  }

  const servers = [web, secureWeb, expired, http2, silent, resets, garbage, cut, endless]
  const connectionsLeft = () => servers.reduce((sum, { connections }) => sum + connections.size, 0)
  const settled = () => until(() => connectionsLeft() === 0, 10_000)

  const warnings: string[] = []
  const warned = ({ message }: Error) => void warnings.push(message)
  process.on('warning', warned) // too many listeners on something
  await run(cases.length * 20) // what is made once is there from here on
  await settled()
  const before = { resources: countOf(process.getActiveResourcesInfo()), heapBytes: heapBytes() }
  await run(probes)
  await settled()
  expect(Object.fromEntries(seen)).toEqual({})
  await until(() => countOf(process.getActiveResourcesInfo()) <= before.resources, 10_000)
  for (const list of [web, secureWeb, expired].flatMap(({ asked, serverNames }) => [asked, serverNames])) {
    ;(list as unknown[]).length = 0 // what the test servers have kept
  }
  await until(() => heapBytes() < before.heapBytes + 3 * 2 ** 20, 20_000)
  process.off('warning', warned)
  expect(warnings).toEqual([])
  agent.destroy()
})
