import type { Socket } from 'node:net'
import { ProbeFailure } from '../../failure.ts'

const brokeOff = (cause?: Error | null) =>
  new ProbeFailure('connect', 'the proxy hung up before it had answered', { cause })

/** Waits until there is something to read, or nothing will come any more. */
function untilReadable(socket: Socket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    if (socket.destroyed || socket.readableEnded) throw brokeOff(socket.errored)
    const settle = () => {
      socket.off('readable', onReadable).off('end', onEnd).off('error', onError).off('close', onEnd)
      signal.removeEventListener('abort', onAbort)
    }
    const fail = (error: unknown) => {
      settle()
      reject(error)
    }
    const onReadable = () => {
      settle()
      resolve()
    }
    const onEnd = () => fail(brokeOff())
    const onError = (error: Error) => fail(brokeOff(error))
    const onAbort = () => fail(signal.reason)
    socket.on('readable', onReadable).on('end', onEnd).on('error', onError).on('close', onEnd)
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/**
 * Takes octets from a socket until `endOf` says how many of them it wants, and gives the others back to it. Throws what
 * `endOf` throws: it has to bound them.
 */
export async function readUntil(
  socket: Socket,
  endOf: (octets: Buffer) => number | undefined,
  signal: AbortSignal,
): Promise<Buffer> {
  let octets: Buffer = Buffer.alloc(0)
  for (;;) {
    // All that there is, as a socket that still holds something is readable again at once.
    const more: Buffer | null = socket.read()
    if (more === null) {
      await untilReadable(socket, signal)
      continue
    }
    octets = Buffer.concat([octets, more])
    const end = endOf(octets)
    if (end === undefined) continue
    if (end < octets.length) socket.unshift(octets.subarray(end))
    return octets.subarray(0, end)
  }
}

/** Takes this many octets from a socket; what comes after them stays in it. */
export const readExactly = (socket: Socket, count: number, signal: AbortSignal): Promise<Buffer> =>
  readUntil(socket, ({ length }) => (length < count ? undefined : count), signal)
