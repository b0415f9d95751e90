import type { Duplex } from 'node:stream'

const answers: Readonly<Record<string, readonly [status: string, line: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'address and headers are too large'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Payload Too Large', 'chunk extensions are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'the request came too slowly'],
}

const malformed = ['400 Bad Request', 'malformed request'] as const

/** The whole answer to what is no request: one line, and the connection is closed. */
function answerTo(code: string | undefined): string {
  const [status, line] = answers[code ?? ''] ?? malformed
  const body = `${line}\n`
  return [
    `HTTP/1.1 ${status}`,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

/** Answers what Node's parser refuses, unless an answer is under way on the same connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void {
  if (!socket.writable || isBusy || error.code === 'ECONNRESET') socket.destroy()
  else socket.end(answerTo(error.code), () => socket.destroy())
}
