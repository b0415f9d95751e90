import type { Socket } from 'node:net'
import { createServer, type Server, type TlsOptions } from 'node:tls'
import type { Logger } from '../engine/logger.ts'

/** What becomes of a connection. */
export interface Stages {
  /** A handshake is waited for. */
  readonly begins: (socket: Socket) => void
  /** HTTP begins on it; `before` is the socket that waited for the handshake, if that is known. */
  readonly serve: (socket: Socket, before?: Socket) => void
}

/** The same for both sockets of a connection, which Node does not link; undefined: a unix socket. */
const peerOf = ({ remoteAddress, remotePort, localAddress }: Socket): string | undefined =>
  remotePort === undefined ? undefined : `${remoteAddress} ${remotePort} ${localAddress}`

/**
 * Hands a new connection to `serve`, after a handshake if `tls` asks for one: what it returns when a connection comes is
 * what counts for that, so a certificate can change between two of them.
 */
export function createHandshakes(
  tls: () => TlsOptions | undefined,
  { begins, serve }: Stages,
  log: Logger | undefined,
): (socket: Socket) => void {
  let made: { readonly from: TlsOptions; readonly server: Server } | undefined
  const waiting = new Map<string, Socket>()

  function wait(socket: Socket): void {
    const peer = peerOf(socket)
    if (peer === undefined) return
    waiting.set(peer, socket)
    socket.once('close', () => waiting.get(peer) === socket && waiting.delete(peer))
    begins(socket)
  }

  function finish(secured: Socket): void {
    const peer = peerOf(secured) ?? ''
    const before = waiting.get(peer)
    waiting.delete(peer)
    serve(secured, before)
  }

  return socket => {
    const options = tls()
    if (options === undefined) return serve(socket)
    if (made?.from !== options) {
      const server = createServer(options, finish).on('tlsClientError', (error, broken) => {
        log?.debug('handshake failed', { remote: broken.remoteAddress, error: error.message })
        broken.destroy()
      })
      made = { from: options, server }
    }
    wait(socket)
    socket.allowHalfOpen = false // as for a server of TLS alone; else a client that leaves early leaves this behind
    made.server.emit('connection', socket)
  }
}
