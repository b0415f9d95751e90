import type { Duplex } from 'node:stream'

type Answer = readonly [status: string, line: string]

const answers: Readonly<Record<string, Answer>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'address and headers are too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'chunk extensions are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request came too slowly'],
}

const malformed: Answer = ['400 Bad Request', 'malformed request']

/** A whole answer: one line, and the connection is closed. */
function endWith(socket: Duplex, [status, line]: Answer, ...headers: readonly string[]): void {
  const body = `${line}\n`
  const text = [
    `HTTP/1.1 ${status}`,
    ...headers,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
  socket.end(text, () => socket.destroy())
}

/** Answers what Node's parser refuses, unless an answer is under way on the same connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void {
  if (!socket.writable || isBusy || error.code === 'ECONNRESET') socket.destroy()
  else endWith(socket, answers[error.code ?? ''] ?? malformed)
}

/** Answers CONNECT, which Node hands over with the bare connection. */
export function refuseTunnel(socket: Duplex): void {
  socket.on('error', () => socket.destroy())
  endWith(socket, ['405 Method Not Allowed', 'method CONNECT is not allowed here, use GET or HEAD'], 'Allow: GET, HEAD')
}
