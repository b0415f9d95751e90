import type { Socket } from 'node:net'
import { createServer, type Server, type TlsOptions } from 'node:tls'
import type { Logger } from '../engine/logger.ts'

/**
 * Hands a new connection to `serve`, after a handshake if `tls` asks for one: what it returns when a connection comes is
 * what counts for that, so a certificate can change between two of them.
 */
export function createHandshakes(
  tls: () => TlsOptions | undefined,
  serve: (socket: Socket) => void,
  log: Logger | undefined,
): (socket: Socket) => void {
  let made: { readonly from: TlsOptions; readonly server: Server } | undefined
  return socket => {
    const options = tls()
    if (options === undefined) return serve(socket)
    if (made?.from !== options) {
      const server = createServer(options, serve).on('tlsClientError', (error, broken) => {
        log?.debug('handshake failed', { remote: broken.remoteAddress, error: error.message })
        broken.destroy()
      })
      made = { from: options, server }
    }
    socket.allowHalfOpen = false // as for a server of TLS alone; else a client that leaves early leaves this behind
    made.server.emit('connection', socket)
  }
}
