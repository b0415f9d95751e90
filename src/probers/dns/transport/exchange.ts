import { DnsFailure } from '../failure.ts'
import type { Query } from '../query.ts'
import { Malformed } from '../wire/malformed.ts'
import { type Message, readHeader, readMessage } from '../wire/message.ts'
import { askDoh } from './doh.ts'
import { askDot } from './dot.ts'
import { mismatchOf } from './match.ts'
import type { ExchangeContext, Server, Transport, Watch, Way } from './server.ts'
import { askTcp } from './tcp.ts'
import { askUdp } from './udp.ts'

export interface Reply {
  readonly message: Message
  /** The one that it came over: tcp after a fallback. */
  readonly transport: Transport
  /** Octets of the message, without the frame of TCP. */
  readonly bytes: number
  /** Whether an answer came back truncated: this one, or the one over UDP that it replaces. */
  readonly wasTruncated: boolean
  readonly fellBack: boolean
}

/** Runs a reader; a malformed message becomes the target's failure. */
function reading<T>(read: () => T, wasTruncated = false): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    // Servers cut truncated answers anywhere.
    if (wasTruncated) throw new DnsFailure('truncated', 'the answer is truncated', { cause: error })
    throw new DnsFailure('malformed', error.message, { cause: error })
  }
}

/**
 * Asks a server one question and returns its answer, over TCP when UDP cannot hold it (RFC 7766, 5). The answer may
 * still be truncated: that is for the caller to judge. Throws `DnsFailure`, errno errors, what the kit's TLS and HTTP
 * throw (`rethrow` makes `DnsFailure` of it), and the signal's reason.
 */
export async function exchange(
  server: Server,
  query: Query,
  way: Way,
  watch: Watch,
  ctx: ExchangeContext,
): Promise<Reply> {
  if (way.transport !== 'udp') return overConnection(server, query, way, watch, ctx)
  const octets = await askUdp(server, query, watch, ctx.signal)
  const wasTruncated = readHeader(octets).flags.tc
  if (!wasTruncated || !way.tcpFallback) {
    const message = reading(() => readMessage(octets), wasTruncated)
    return { message, transport: 'udp', bytes: octets.length, wasTruncated, fellBack: false }
  }
  watch.fallsBack()
  const reply = await overConnection(server, query, { ...way, transport: 'tcp' }, watch, ctx)
  return { ...reply, wasTruncated: true, fellBack: true }
}

/** Over a connection of its own, nobody but the server can answer: what does not match is the server's failure. */
async function overConnection(server: Server, query: Query, way: Way, watch: Watch, ctx: ExchangeContext) {
  const { transport } = way
  const octets = await askConnected(server, query, way, watch, ctx)
  const mismatch = reading(() => mismatchOf(octets, query))
  if (mismatch !== undefined) throw new DnsFailure('mismatch', `the answer does not match the query: ${mismatch}`)
  const wasTruncated = readHeader(octets).flags.tc
  const message = reading(() => readMessage(octets), wasTruncated)
  return { message, transport, bytes: octets.length, wasTruncated, fellBack: false }
}

function askConnected(server: Server, query: Query, way: Way, watch: Watch, ctx: ExchangeContext): Promise<Buffer> {
  if (way.transport === 'tcp') return askTcp(server, query, watch, ctx.signal)
  if (way.transport === 'dot') return askDot(server, query, way, watch, ctx)
  return askDoh(server, query, way, watch, ctx)
}
