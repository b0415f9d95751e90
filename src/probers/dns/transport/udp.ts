import { createSocket } from 'node:dgram'
import type { Query } from '../query.ts'
import { strayOf } from './match.ts'
import type { Server, Watch } from './server.ts'
import { withHandle } from './with-handle.ts'

/**
 * Asks over UDP and returns the first datagram that answers the query. The socket is connected, so that the kernel
 * drops datagrams from other addresses and a closed port is an error at once. Other datagrams are skipped, however many:
 * the event loop takes a few dozen of them at a time, so a server that floods us holds nobody else up. Throws errno
 * errors and the signal's reason.
 */
export function askUdp(server: Server, query: Query, watch: Watch, signal: AbortSignal): Promise<Buffer> {
  return withHandle<Buffer>(signal, ({ resolve, reject }) => {
    watch.phase('connect')
    const socket = createSocket(server.family === 4 ? 'udp4' : 'udp6')

    const send = () =>
      socket.connect(server.port, server.address, (error?: Error) => {
        if (error) return reject(error)
        watch.phase('request')
        socket.send(query.octets, failed => failed && reject(failed))
      })

    socket.on('error', reject)
    socket.on('message', octets => {
      const stray = strayOf(octets, query)
      if (stray === undefined) resolve(octets)
      else watch.ignored(stray)
    })
    if (server.source === undefined) send()
    else socket.bind({ address: server.source, port: 0, exclusive: true }, send)
    return () => socket.close()
  })
}
