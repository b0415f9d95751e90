import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TlsOptions } from 'node:tls'
import type { Logger } from '../engine/logger.ts'
import { answerClientError, refuseTunnel } from './client-errors.ts'
import { type Connections, createConnections } from './connections.ts'
import { maxHeaders } from './guard.ts'
import { createHandshakes } from './handshakes.ts'
import type { ListenAddress } from './listen-address.ts'
import { clearSocket, openToGroup } from './unix-socket.ts'
import { webDefaults } from './web-options.ts'

export interface Listeners {
  /** As `http://host:port`, `https://…`, `unix:///path` or `fd://3`, one for each address. */
  readonly urls: readonly string[]
  /**
   * Stops accepting and resolves when every request has been answered. After `graceMs` it calls `abort`, which must make
   * what still runs answer, and a second later closes what is left.
   */
  drain(graceMs: number, abort: () => void): Promise<void>
}

export interface ListenOptions {
  /** How handshakes are done from now on; undefined: without TLS. */
  readonly tls?: () => TlsOptions | undefined
  readonly maxConnections?: number
  readonly log?: Logger
}

const lastSecondMs = 1000

function bound(server: Server, address: ListenAddress, isTls: boolean): string {
  const at = server.address() as AddressInfo | string | null // Node does not know the path of a socket it was given
  if (at === null) return 'fd' in address ? `fd://${address.fd}` : ''
  if (typeof at === 'string') return `unix://${at}`
  const host = at.family === 'IPv6' ? `[${at.address}]` : at.address
  return `${isTls ? 'https' : 'http'}://${host}:${at.port}`
}

async function open(server: Server, address: ListenAddress): Promise<void> {
  const path = 'path' in address ? address.path : undefined
  if (path !== undefined) await clearSocket(path)
  server.listen(address)
  if (path !== undefined) server.once('listening', () => openToGroup(path))
  await once(server, 'listening')
}

interface Handshaking {
  readonly tls: () => TlsOptions | undefined
  readonly log: Logger | undefined
}

/** Nothing that is asked of sonde has a body; one that is not there yet is not waited for. */
const hasBody = ({ headers }: IncomingMessage) =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'

function createHttpServer(listener: RequestListener, connections: Connections, { tls, log }: Handshaking) {
  const server = createServer(
    {
      // Prometheus keeps idle connections for 5 minutes, and the client should be the side that closes.
      keepAliveTimeout: 310_000,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 1000,
      requireHostHeader: false, // guard.ts says what is wrong
    },
    listener,
  )
  server.maxHeadersCount = maxHeaders
  server.on('clientError', (error, socket) => answerClientError(error, socket, connections.isBusy(socket)))
  server.on('connect', (_request, socket) => refuseTunnel(socket))
  // Else Node answers these by itself, past users, limits and headers; and no body is asked for here.
  server.on('checkContinue', listener).on('checkExpectation', listener)
  // What Node does with a connection comes after the handshake, which it only knows for servers that have no other kind.
  const [serve] = server.listeners('connection') as [(this: Server, socket: Socket) => void]
  server.removeAllListeners('connection')
  const shakeHands = createHandshakes(
    tls,
    {
      begins: connections.shakesHands,
      serve(socket, before) {
        connections.began(socket, before)
        serve.call(server, socket)
      },
    },
    log,
  )
  return server.on('connection', (socket: Socket) => {
    if (connections.admit(socket)) shakeHands(socket)
  })
}

/** Listens on every address. Throws the first error of `listen`, with nothing left open. */
export async function listen(
  handler: RequestListener,
  addresses: readonly ListenAddress[],
  { tls = () => undefined, maxConnections = webDefaults.maxConnections, log }: ListenOptions = {},
): Promise<Listeners> {
  let isDraining = false
  const servers: Server[] = []
  const urls: string[] = []
  const connections = createConnections(maxConnections, log)

  // server.close() alone leaves a keep-alive connection that was busy at that moment open until its timeout.
  const listener: RequestListener = (request, response) => {
    connections.asked(request, response)
    response.once('close', () => isDraining && closeIdle())
    response.shouldKeepAlive &&= !isDraining && !hasBody(request)
    handler(request, response)
  }
  const closeIdle = () => {
    for (const server of servers) server.closeIdleConnections()
  }

  try {
    for (const address of addresses) {
      const server = createHttpServer(listener, connections, { tls, log })
      await open(server, address)
      servers.push(server)
      urls.push(bound(server, address, tls() !== undefined))
    }
  } catch (error) {
    for (const server of servers) server.close()
    connections.stop()
    throw error
  }

  async function drain(graceMs: number, abort: () => void): Promise<void> {
    isDraining = true
    const timer = new AbortController()
    const closed = Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
    connections.closeAfterAnswers()
    closeIdle()
    // Those that never sent a whole request are not idle in Node's eyes.
    const quiet = setInterval(connections.closeQuiet, lastSecondMs)
    const force = async () => {
      await sleep(graceMs, undefined, { signal: timer.signal })
      abort()
      await sleep(lastSecondMs, undefined, { signal: timer.signal })
      connections.closeAll()
    }
    const forced = force().catch(() => undefined)
    await closed
    clearInterval(quiet)
    connections.stop()
    timer.abort()
    await forced
  }

  return { urls, drain }
}
