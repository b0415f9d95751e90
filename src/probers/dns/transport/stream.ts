import type { Socket } from 'node:net'
import { DnsFailure } from '../failure.ts'
import { createFrame, framed } from './frame.ts'
import { withHandle } from './with-handle.ts'

const ignore = () => undefined

/**
 * Sends a message over a connected socket and returns the first one that comes back; the caller destroys the socket.
 * Throws `DnsFailure('closed')` when the server closes before it is whole, Node's errors, and the signal's reason.
 */
export function askStream(socket: Socket, octets: Buffer, signal: AbortSignal): Promise<Buffer> {
  return withHandle<Buffer>(signal, ({ resolve, reject }) => {
    const frame = createFrame()
    socket.on('error', reject)
    socket.on('data', chunk => {
      const message = frame.push(chunk)
      if (message !== undefined) resolve(message)
    })
    socket.on('close', () =>
      reject(new DnsFailure('closed', `the server closed the connection after ${frame.receivedBytes} octets`)),
    )
    socket.write(framed(octets))
    return ignore
  })
}
