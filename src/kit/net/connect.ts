import { connect, type Socket } from 'node:net'
import { within } from '../abort.ts'
import { isExhaustion, ProbeFailure } from '../failure.ts'
import type { ProbeContext } from '../prober.ts'
import type { Address } from './address.ts'

interface Endpoint {
  readonly address: string
  readonly port: number
  /** Local address to connect from; undefined leaves the choice to the kernel. */
  readonly source?: string | undefined
}

const ignore = () => undefined

/**
 * Opens a TCP connection to one address; the caller destroys the socket. Rejects with Node's error, or with the
 * signal's reason when that aborts.
 */
export function connectTcp({ address, port, source }: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({
      host: address,
      port,
      noDelay: true,
      ...(source === undefined ? {} : { localAddress: source }),
    })
    const settle = () => {
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
      socket.on('error', ignore) // whoever uses the socket learns of it from its own call
    }
    const onError = (error: Error) => {
      settle()
      reject(error)
    }
    const onAbort = () => {
      settle()
      socket.destroy()
      reject(signal.reason)
    }
    socket.once('error', onError)
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('connect', () => {
      settle()
      resolve(socket)
    })
  })
}

/**
 * Connects to the first of the addresses that takes the connection. Each but the last gets an even share of the time
 * that is left, so that one which swallows packets does not use up all of it. Throws what the last one failed with.
 */
export async function connectFirst(
  addresses: readonly Address[],
  { port, source }: Pick<Endpoint, 'port' | 'source'>,
  { signal, remainingMs, log }: Pick<ProbeContext, 'signal' | 'remainingMs' | 'log'>,
): Promise<{ readonly socket: Socket; readonly address: Address }> {
  for (const [index, address] of addresses.entries()) {
    const open = async (until: AbortSignal) => ({
      socket: await connectTcp({ address: address.address, port, source }, until),
      address,
    })
    const left = addresses.length - index
    if (left === 1) return open(signal)
    const late = () => new ProbeFailure('connect', `no answer from ${address.address} within its share of the time`)
    try {
      return await within(remainingMs() / left, signal, late, open)
    } catch (error) {
      if (signal.aborted || isExhaustion(error)) throw error
      log.info('could not connect, trying the next address', {
        address: address.address,
        error: (error as Error).message,
      })
    }
  }
  throw new ProbeFailure('connect', 'there is no address to connect to')
}
