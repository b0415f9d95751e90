import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { framed } from '../../../src/probers/dns/transport/frame.ts'

export interface Handlers {
  /** Gets each query; `send` answers it. */
  readonly udp?: (query: Buffer, send: (octets: Buffer) => void) => void
  /** Gets each query of a connection, and the connection. */
  readonly tcp?: (query: Buffer, socket: Socket) => void
  readonly host?: string
  /** A free one unless given. */
  readonly port?: number
}

export interface DnsServer extends AsyncDisposable {
  readonly port: number
  readonly target: string
  readonly udpQueries: readonly Buffer[]
  readonly tcpQueries: readonly Buffer[]
}

async function bindUdp(handlers: Handlers, host: string, port: number, queries: Buffer[]): Promise<UdpSocket> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (query, { address, port: from }) => {
    queries.push(query)
    // The probe may be over, and its port closed.
    handlers.udp?.(query, octets => socket.send(octets, from, address, () => {}))
  })
  socket.bind(port, host)
  await once(socket, 'listening')
  return socket
}

async function listenTcp(handlers: Handlers, host: string, queries: Buffer[]): Promise<Server> {
  const sockets = new Set<Socket>()
  const server = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', chunk => {
      queries.push(chunk.subarray(2))
      handlers.tcp?.(chunk.subarray(2), socket)
    })
  })
  const close = server.close.bind(server)
  server.close = callback => {
    for (const socket of sockets) socket.destroy()
    return close(callback)
  }
  server.listen(handlers.port ?? 0, host)
  await once(server, 'listening')
  return server
}

/** A DNS server on a free port of loopback that answers as it is told; without a handler that port stays closed. */
export async function startDns(handlers: Handlers): Promise<DnsServer> {
  const host = handlers.host ?? '127.0.0.1'
  const udpQueries: Buffer[] = []
  const tcpQueries: Buffer[] = []
  const tcp = handlers.tcp && (await listenTcp(handlers, host, tcpQueries))
  const wanted = tcp === undefined ? (handlers.port ?? 0) : (tcp.address() as { port: number }).port
  const udp = handlers.udp && (await bindUdp(handlers, host, wanted, udpQueries))
  const port = udp?.address().port ?? wanted
  return {
    port,
    target: host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`,
    udpQueries,
    tcpQueries,
    async [Symbol.asyncDispose]() {
      udp?.close()
      if (tcp !== undefined) await new Promise(resolve => tcp.close(resolve))
    },
  }
}

/** A port of loopback that nobody listens on. */
export async function closedPort(): Promise<number> {
  await using server = await startDns({ tcp: () => {}, udp: () => {} })
  return server.port
}

/** Answers over TCP, and leaves the closing to the client. */
export const reply = (socket: Socket, octets: Buffer) => void socket.write(framed(octets))
