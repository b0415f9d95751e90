import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createServer } from 'node:tls'
import { identity } from '../../support/identities.ts'
import { findProgram, freePort, start } from '../../support/programs.ts'
import type { Scope } from './scope.ts'
import { startServers } from './servers.ts'
import { type Sent, type Targets, tail } from './targets.ts'

/** A program that tells in a log file what it was asked to connect to. */
interface Proxy {
  readonly port: number
  takeSent(): readonly Sent[]
}

const listens = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return isOpen
}

/** Reads the requests in a log; `pattern` finds a method, if there is one, and what it is for. */
function proxyOf(port: number, log: string, pattern: RegExp): Proxy {
  const lines = tail(log)
  lines() // of the start
  return {
    port,
    takeSent: () =>
      lines().flatMap(line => {
        const found = pattern.exec(line)?.groups
        return found === undefined ? [] : [{ method: found.method ?? '', url: found.url ?? '', headers: [], body: '' }]
      }),
  }
}

async function startTinyproxy(
  scope: Scope,
  folder: string,
  name: string,
  lines: readonly string[] = [],
): Promise<Proxy> {
  const port = await freePort()
  const [file, log] = [join(folder, `${name}.conf`), join(folder, `${name}.log`)]
  const config = [
    `Port ${port}`,
    'Listen 127.0.0.1',
    'Allow 127.0.0.1',
    `LogFile "${log}"`,
    'LogLevel Connect',
    ...lines,
  ]
  await writeFile(file, `${config.join('\n')}\n`)
  // It listens before it opens its log.
  const isReady = async () => existsSync(log) && (await listens(port))
  scope.add(await start(findProgram('tinyproxy') ?? '', ['-d', '-c', file], isReady))
  return proxyOf(port, log, /Request \(file descriptor \d+\): (?<method>\S+) (?<url>\S+)/)
}

async function startMicrosocks(scope: Scope, folder: string, name: string, args: readonly string[] = []) {
  const port = await freePort()
  const log = join(folder, `${name}.log`)
  const command = [findProgram('microsocks') ?? '', '-i', '127.0.0.1', '-p', String(port), ...args]
  const logged = ['-c', 'log=$1; shift; exec "$@" 2>"$log"', 'sh', log, ...command]
  scope.add(await start('/bin/sh', logged, () => listens(port)))
  return proxyOf(port, log, /connected to (?<url>\S+)/)
}

/** Takes TLS off and hands what is in it to that port. */
async function startTlsFront(scope: Scope, port: number): Promise<Proxy> {
  const server = createServer(identity('server', 'intermediate.crt'), client => {
    pipeline(client, connect(port, '127.0.0.1'), client, () => {})
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  scope.add({ [Symbol.asyncDispose]: async () => void server.close() })
  return { port: (server.address() as AddressInfo).port, takeSent: () => [] }
}

/** Starts proxies of all kinds in front of the usual servers. */
export async function startProxies(scope: Scope, folder: string): Promise<Targets> {
  const servers = await startServers(scope)
  const filter = join(folder, 'filter')
  await writeFile(filter, '^localhost$\n')
  const namesAlone = [`Filter "${filter}"`, 'FilterExtended Yes', 'FilterDefaultDeny Yes']
  const open = await startTinyproxy(scope, folder, 'open')
  const proxies: Readonly<Record<string, Proxy>> = {
    open,
    login: await startTinyproxy(scope, folder, 'login', ['BasicAuth me secret']),
    strict: await startTinyproxy(scope, folder, 'strict', namesAlone),
    secure: await startTlsFront(scope, open.port),
    socks: await startMicrosocks(scope, folder, 'socks'),
    sockslogin: await startMicrosocks(scope, folder, 'sockslogin', ['-u', 'me', '-P', 'secret']),
  }
  return {
    ports: { ...servers.ports, ...Object.fromEntries(Object.entries(proxies).map(([name, { port }]) => [name, port])) },
    env: {
      HTTP_PROXY: `127.0.0.1:${open.port}`,
      HTTPS_PROXY: `http://127.0.0.1:${open.port}`,
      NO_PROXY: 'example.org',
    },
    takeSent: () => [...Object.values(proxies).flatMap(proxy => proxy.takeSent()), ...servers.takeSent()],
  }
}
