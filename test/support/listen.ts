import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'

/** A server on a free port. */
export interface Listening extends AsyncDisposable {
  readonly port: number
  /** `127.0.0.1:port` */
  readonly host: string
  /** Connections that are open now. */
  readonly connections: ReadonlySet<Socket>
}

/** Listens on a free port of loopback; all that is connected goes with its scope. */
export async function listen(server: Server, address = '127.0.0.1'): Promise<Listening> {
  const connections = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => connections.delete(socket))
  })
  server.on('tlsClientError', () => {})
  server.on('sessionError', () => {})
  server.listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    host: `127.0.0.1:${port}`,
    connections,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of connections) socket.destroy()
      await once(server, 'close')
    },
  }
}
