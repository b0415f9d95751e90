import type { Socket } from 'node:net'
import { connectTcp } from '../../../kit/net/connect.ts'
import { loadTls } from '../../../kit/net/tls/context.ts'
import { type Handshake, secure } from '../../../kit/net/tls/secure.ts'
import { DnsFailure } from '../failure.ts'
import type { Query } from '../query.ts'
import type { ExchangeContext, Server, Watch, Way } from './server.ts'
import { askStream } from './stream.ts'

/**
 * Asks over TLS (RFC 7858) and returns the first message that comes back. Nothing is sent before the certificate was
 * accepted: chain, and name or address. Throws `DnsFailure`, what `loadTls`, `connectTcp` and `secure` throw, Node's
 * errors and the signal's reason.
 */
export async function askDot(
  server: Server,
  query: Query,
  { tls }: Way,
  watch: Watch,
  ctx: ExchangeContext,
): Promise<Buffer> {
  const material = await loadTls(tls, ctx.signal)
  watch.phase('connect')
  let open: Socket = await connectTcp(server, ctx.signal)
  try {
    watch.phase('tls')
    const opened = (socket: Socket) => {
      open = socket
    }
    const circumstances = { ...ctx, alpn: ['dot'], opened, brokeOff: watch.handshake }
    const shaken = await secure(open, tls?.server_name || server.host, material, circumstances)
    watch.handshake(shaken.facts)
    refuseFault(shaken)
    watch.phase('request')
    return await askStream(shaken.socket, query.octets, ctx.signal).catch(error => {
      throw shaken.lateFault(error) ?? error
    })
  } finally {
    open.destroy()
  }
}

function refuseFault({ fault }: Handshake): void {
  if (fault !== undefined) throw new DnsFailure('tls_certificate', `certificate not accepted: ${fault}`)
}
