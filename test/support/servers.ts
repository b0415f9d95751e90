import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { type Listening, listen } from './listen.ts'

/** What a server was asked. */
export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface TestServer extends Listening {
  readonly asked: readonly Asked[]
  /** The names that clients sent in the handshake; false for none. */
  readonly serverNames: readonly (string | false)[]
}

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** A real HTTP server, or an HTTPS one when it has an identity, on a free port of loopback. */
export async function serve(handler: Handler, tls?: ServerOptions, address = '127.0.0.1'): Promise<TestServer> {
  const asked: Asked[] = []
  const serverNames: (string | false)[] = []
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers, rawHeaders } = request
    const body = Buffer.concat(chunks).toString()
    asked.push({ method, url, headers, rawHeaders, body })
    handler(request, response, body)
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  server.on('secureConnection', socket => serverNames.push(socket.servername))
  return { ...(await listen(server, address)), asked, serverNames }
}

/** A TCP server that treats each connection as it likes; for answers that no HTTP server would give. */
export async function serveRaw(handler: (socket: Socket) => void): Promise<TestServer> {
  const server = createTcpServer(socket => {
    socket.resume() // else it would not notice that the other side has gone
    handler(socket)
  })
  return { ...(await listen(server)), asked: [], serverNames: [] }
}

/** Answers the first octets of each connection with this text, then closes it. */
export const serveText = (text: string | Buffer): Promise<TestServer> =>
  serveRaw(socket => socket.once('data', () => socket.end(text)))
