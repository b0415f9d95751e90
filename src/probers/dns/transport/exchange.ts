import { DnsFailure } from '../failure.ts'
import type { Query } from '../query.ts'
import { Malformed } from '../wire/malformed.ts'
import { type Message, readHeader, readMessage } from '../wire/message.ts'
import { mismatchOf } from './match.ts'
import type { Server, Transport, Watch } from './server.ts'
import { askTcp } from './tcp.ts'
import { askUdp } from './udp.ts'

export interface Reply {
  readonly message: Message
  readonly transport: Transport
  /** Octets of the message, without the frame of TCP. */
  readonly bytes: number
  /** Whether an answer came back truncated: this one, or the one over UDP that it replaces. */
  readonly wasTruncated: boolean
  readonly fellBack: boolean
}

export interface ExchangeOptions {
  readonly transport: Transport
  /** Whether an answer that is truncated over UDP is asked for again over TCP. */
  readonly tcpFallback: boolean
}

/** Runs a reader; a malformed message becomes the target's failure. */
function reading<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (error instanceof Malformed) throw new DnsFailure('malformed', error.message, { cause: error })
    throw error
  }
}

/**
 * Asks a server one question and returns its answer, over TCP when UDP cannot hold it (RFC 7766, 5). The answer may
 * still be truncated: that is for the caller to judge. Throws `DnsFailure`, errno errors and the signal's reason.
 */
export async function exchange(
  server: Server,
  query: Query,
  { transport, tcpFallback }: ExchangeOptions,
  watch: Watch,
  signal: AbortSignal,
): Promise<Reply> {
  const fellBack = transport === 'udp'
  if (transport === 'udp') {
    const octets = await askUdp(server, query, watch, signal)
    // Only the header counts: servers cut truncated answers anywhere.
    const wasTruncated = readHeader(octets).flags.tc
    if (!wasTruncated || !tcpFallback) {
      const message = reading(() => readMessage(octets))
      return { message, transport, bytes: octets.length, wasTruncated, fellBack: false }
    }
    watch.fallsBack()
  }
  const octets = await askTcp(server, query, watch, signal)
  const mismatch = reading(() => mismatchOf(octets, query))
  if (mismatch !== undefined) {
    throw new DnsFailure('mismatch', `the answer over TCP does not match the query: ${mismatch}`)
  }
  const message = reading(() => readMessage(octets))
  const wasTruncated = fellBack || message.flags.tc
  return { message, transport: 'tcp', bytes: octets.length, wasTruncated, fellBack }
}
