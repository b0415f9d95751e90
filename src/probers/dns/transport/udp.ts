import { createSocket } from 'node:dgram'
import { DnsFailure } from '../failure.ts'
import type { Query } from '../query.ts'
import { strayOf } from './match.ts'
import type { Server, Watch } from './server.ts'
import { withHandle } from './with-handle.ts'

// Far more than any network delivers by mistake; it bounds what a server that floods us costs.
const maxIgnored = 1000

/**
 * Asks over UDP and returns the first datagram that answers the query. The socket is connected, so that the kernel
 * drops datagrams from other addresses and a closed port is an error at once. Other datagrams are skipped, up to a
 * thousand. Throws `DnsFailure('mismatch')` when there are more, errno errors, and the signal's reason.
 */
export function askUdp(server: Server, query: Query, watch: Watch, signal: AbortSignal): Promise<Buffer> {
  return withHandle<Buffer>(signal, ({ resolve, reject }) => {
    let ignored = 0
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
      if (stray === undefined) return resolve(octets)
      watch.ignored(++ignored, stray)
      if (ignored < maxIgnored) return
      reject(new DnsFailure('mismatch', `gave up after ${ignored} datagrams that do not answer the query`))
    })
    if (server.source === undefined) send()
    else socket.bind({ address: server.source, port: 0, exclusive: true }, send)
    return () => socket.close()
  })
}
