import { connect } from 'node:net'
import { DnsFailure } from '../failure.ts'
import type { Query } from '../query.ts'
import { createFrame, framed } from './frame.ts'
import type { Server, Watch } from './server.ts'
import { withHandle } from './with-handle.ts'

/**
 * Asks over TCP and returns the first message that comes back. Throws `DnsFailure('closed')` when the server closes
 * before it is whole, errno errors, and the signal's reason.
 */
export function askTcp(server: Server, query: Query, watch: Watch, signal: AbortSignal): Promise<Buffer> {
  return withHandle<Buffer>(signal, ({ resolve, reject }) => {
    const frame = createFrame()
    watch.phase('connect')
    const socket = connect({
      host: server.address,
      port: server.port,
      family: server.family,
      ...(server.source !== undefined && { localAddress: server.source }),
    })
    socket.on('error', reject)
    socket.on('connect', () => {
      watch.phase('request')
      socket.write(framed(query.octets))
    })
    socket.on('data', chunk => {
      const message = frame.push(chunk)
      if (message !== undefined) resolve(message)
    })
    socket.on('close', () =>
      reject(new DnsFailure('closed', `the server closed the connection after ${frame.receivedBytes} octets`)),
    )
    return () => socket.destroy()
  })
}
