import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { identity } from '../../support/identities.ts'
import { type Listening, listen } from '../../support/listen.ts'

const trusted = () => identity('server', 'intermediate.crt')

export interface DotServer extends Listening {
  readonly queries: readonly Buffer[]
  /** What each client offered and agreed on by ALPN, and the name that it asked for. */
  readonly handshakes: readonly { readonly alpn: string | false | null; readonly name: string | false }[]
}

/** A DNS server over TLS that gets each query and its connection. */
export async function startDot(
  handler: (query: Buffer, socket: TLSSocket) => void,
  options: TlsOptions = {},
): Promise<DotServer> {
  const queries: Buffer[] = []
  const handshakes: { alpn: string | false | null; name: string | false }[] = []
  const server = createTlsServer({ ...trusted(), ALPNProtocols: ['dot'], ...options }, socket => {
    handshakes.push({ alpn: socket.alpnProtocol, name: socket.servername ?? false })
    socket.on('error', () => {})
    socket.on('data', chunk => {
      queries.push(chunk.subarray(2))
      handler(chunk.subarray(2), socket)
    })
  })
  return Object.assign(await listen(server), { queries, handshakes })
}

/** What a server over HTTPS was asked. */
export interface AskedOverHttp {
  readonly version: string
  readonly method: string
  readonly path: string
  readonly headers: Http2ServerRequest['headers']
  readonly query: Buffer
}

export interface DohServer extends Listening {
  readonly asked: readonly AskedOverHttp[]
}

export type DohHandler = (query: Buffer, response: Http2ServerResponse) => void

/** A DNS server over HTTPS, which speaks HTTP/2, and HTTP/1.1 unless told otherwise. */
export async function startDoh(
  handler: DohHandler,
  { http1 = true, http2 = true, ...options }: TlsOptions & { http1?: boolean; http2?: boolean } = {},
): Promise<DohServer> {
  const asked: AskedOverHttp[] = []
  // Both kinds of requests and answers have what is used here.
  const listener = async (request: Http2ServerRequest, response: Http2ServerResponse) => {
    response.on('error', () => {})
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const dns = new URL(request.url, 'https://x').searchParams.get('dns')
    const query = dns === null ? Buffer.concat(chunks) : Buffer.from(dns, 'base64url')
    const { httpVersion: version, method, url: path, headers } = request
    asked.push({ version, method, path, headers, query })
    handler(query, response)
  }
  const server = http2
    ? createSecureServer({ ...trusted(), allowHTTP1: http1, ...options }, listener)
    : createHttpsServer({ ...trusted(), ...options }, listener as never)
  return Object.assign(await listen(server), { asked })
}

/** Ends the connection of an answer. */
export function hangUp(response: Http2ServerResponse): void {
  const session = response.stream?.session
  if (session) session.destroy()
  else response.socket.destroy()
}

/** Answers a query over HTTPS. */
export function replyOverHttp(response: Http2ServerResponse, octets: Buffer, type = 'application/dns-message'): void {
  response.writeHead(200, { 'content-type': type })
  response.end(octets)
}
