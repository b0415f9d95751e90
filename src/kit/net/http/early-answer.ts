import type { Socket } from 'node:net'

/** What came before a write failed is here already, and only has to be read. */
const graceMs = 200

type Done = (error?: Error | null) => void

const isHangUp = ({ code, syscall }: NodeJS.ErrnoException) =>
  syscall === 'write' && (code === 'EPIPE' || code === 'ECONNRESET')

/**
 * Lets an answer be read whose server hung up on the rest of the request, such as 413 for a large body. When a write
 * fails, Node destroys a socket with all that it has not read yet; so the socket learns of such a failure a bit later.
 * Over TLS this helps often, not always: what is encrypted and unread may go with the connection underneath.
 */
export function awaitEarlyAnswer(socket: Socket): void {
  const delayed =
    (done: Done): Done =>
    error => {
      if (!error || !isHangUp(error)) return done(error)
      const timer = setTimeout(done, graceMs, error)
      socket.once('close', () => clearTimeout(timer))
    }
  const write = socket._write.bind(socket)
  const writev = socket._writev?.bind(socket)
  socket._write = (chunk, encoding, done) => write(chunk, encoding, delayed(done))
  if (writev !== undefined) socket._writev = (chunks, done) => writev(chunks, delayed(done))
}
