import { connect, type Socket } from 'node:net'

export interface Endpoint {
  readonly address: string
  readonly port: number
}

const ignore = () => undefined

/**
 * Opens a TCP connection to one address; the caller destroys the socket. Rejects with Node's error, or with the
 * signal's reason when that aborts.
 */
export function connectTcp({ address, port }: Endpoint, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const socket = connect({ host: address, port, noDelay: true })
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
