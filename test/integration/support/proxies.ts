import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createServer } from 'node:tls'
import { identity } from '../../probers/http/support.ts'
import { findProgram, freePort, type Running, start } from '../../support/programs.ts'
import { startServers } from './servers.ts'
import { type Sent, type Targets, tail } from './targets.ts'

/** A program that tells in a log file what it was asked to connect to. */
interface Proxy extends AsyncDisposable {
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
function proxyOf(running: Running, port: number, log: string, pattern: RegExp): Proxy {
  const lines = tail(log)
  lines() // of the start
  return {
    port,
    takeSent: () =>
      lines().flatMap(line => {
        const found = pattern.exec(line)?.groups
        return found === undefined ? [] : [{ method: found.method ?? '', url: found.url ?? '', headers: [], body: '' }]
      }),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

async function startTinyproxy(folder: string, name: string, lines: readonly string[] = []): Promise<Proxy> {
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
  const running = await start(findProgram('tinyproxy') ?? '', ['-d', '-c', file], () => listens(port))
  return proxyOf(running, port, log, /Request \(file descriptor \d+\): (?<method>\S+) (?<url>\S+)/)
}

async function startMicrosocks(folder: string, name: string, args: readonly string[] = []): Promise<Proxy> {
  const port = await freePort()
  const log = join(folder, `${name}.log`)
  const command = [findProgram('microsocks') ?? '', '-i', '127.0.0.1', '-p', String(port), ...args]
  const running = await start('/bin/sh', ['-c', 'log=$1; shift; exec "$@" 2>"$log"', 'sh', log, ...command], () =>
    listens(port),
  )
  return proxyOf(running, port, log, /connected to (?<url>\S+)/)
}

/** Takes TLS off and hands what is in it to that port. */
async function startTlsFront(port: number): Promise<Proxy> {
  const server = createServer(identity('server', 'intermediate.crt'), client => {
    const upstream = connect(port, '127.0.0.1')
    pipeline(client, upstream, client, () => {})
  })
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    takeSent: () => [],
    async [Symbol.asyncDispose]() {
      server.close()
      await once(server, 'close')
    },
  }
}

/** Starts proxies of all kinds in front of the usual servers. */
export async function startProxies(folder: string): Promise<Targets> {
  const filter = join(folder, 'filter')
  await writeFile(filter, '^localhost$\n')
  const open = await startTinyproxy(folder, 'open')
  const proxies: Readonly<Record<string, Proxy>> = {
    open,
    login: await startTinyproxy(folder, 'login', ['BasicAuth me secret']),
    strict: await startTinyproxy(folder, 'strict', [
      `Filter "${filter}"`,
      'FilterExtended Yes',
      'FilterDefaultDeny Yes',
    ]),
    secure: await startTlsFront(open.port),
    socks: await startMicrosocks(folder, 'socks'),
    sockslogin: await startMicrosocks(folder, 'sockslogin', ['-u', 'me', '-P', 'secret']),
  }
  const servers = await startServers()
  return {
    ports: { ...servers.ports, ...Object.fromEntries(Object.entries(proxies).map(([name, { port }]) => [name, port])) },
    takeSent: () => [...Object.values(proxies).flatMap(proxy => proxy.takeSent()), ...servers.takeSent()],
    async [Symbol.asyncDispose]() {
      for (const each of [servers, ...Object.values(proxies)]) await each[Symbol.asyncDispose]()
    },
  }
}
