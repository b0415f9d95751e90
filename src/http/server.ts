import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ListenAddress } from './listen-address.ts'

export interface Listeners {
  /** As `http://host:port`, one for each address. */
  readonly urls: readonly string[]
  /**
   * Stops accepting and resolves when every request has been answered. After `graceMs` it calls `abort`, which must make
   * what still runs answer, and a second later closes what is left.
   */
  drain(graceMs: number, abort: () => void): Promise<void>
}

const lastSecondMs = 1000

function bound(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

async function open(listener: RequestListener, { host, port }: ListenAddress): Promise<Server> {
  const server = createServer(
    {
      // Prometheus keeps idle connections for 5 minutes, and the client should be the side that closes.
      keepAliveTimeout: 310_000,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1000,
    },
    listener,
  )
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

/** Listens on every address. Throws the first error of `listen`, with nothing left open. */
export async function listen(handler: RequestListener, addresses: readonly ListenAddress[]): Promise<Listeners> {
  let isDraining = false
  const servers: Server[] = []
  const connections = new Set<Socket>()
  const unanswered = new Set<ServerResponse>()

  // server.close() alone leaves a keep-alive connection that was busy at that moment open until its timeout.
  const listener: RequestListener = (request, response) => {
    unanswered.add(response)
    response.once('close', () => {
      unanswered.delete(response)
      if (isDraining) closeIdle()
    })
    response.shouldKeepAlive &&= !isDraining
    handler(request, response)
  }
  const closeIdle = () => {
    for (const server of servers) server.closeIdleConnections()
  }
  // Those that never sent a whole request are not idle in Node's eyes.
  const closeQuiet = () => {
    const busy = new Set([...unanswered].map(response => response.socket))
    for (const socket of connections) if (!busy.has(socket)) socket.destroy()
  }
  const onConnection = (socket: Socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  }

  try {
    for (const address of addresses) servers.push((await open(listener, address)).on('connection', onConnection))
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  }

  async function drain(graceMs: number, abort: () => void): Promise<void> {
    isDraining = true
    const timer = new AbortController()
    const closed = Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
    for (const response of unanswered) response.shouldKeepAlive = false
    closeIdle()
    const quiet = setTimeout(closeQuiet, lastSecondMs)
    const force = async () => {
      await sleep(graceMs, undefined, { signal: timer.signal })
      abort()
      await sleep(lastSecondMs, undefined, { signal: timer.signal })
      for (const server of servers) server.closeAllConnections()
    }
    const forced = force().catch(() => undefined)
    await closed
    clearTimeout(quiet)
    timer.abort()
    await forced
  }

  return { urls: servers.map(bound), drain }
}
