import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { type Answer, type ProbeOptions, probe } from '../../support/probe.ts'

const folder = new URL('../../fixtures/tls/', import.meta.url)

/** The path of a test certificate or key. */
export const pemFile = (name: string): string => new URL(name, folder).pathname

export const pem = (name: string): string => readFileSync(pemFile(name), 'utf8')

/** Key and chain of a test server. */
export const identity = (name: string, ...others: readonly string[]) => ({
  key: pem(`${name}.key`),
  cert: [`${name}.crt`, ...others].map(pem).join(''),
})

/** What a server was asked. */
export interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface TestServer extends AsyncDisposable {
  readonly port: number
  /** `127.0.0.1:port` */
  readonly host: string
  readonly asked: readonly Asked[]
  /** Connections that are open now. */
  readonly connections: ReadonlySet<Socket>
  /** The names that clients sent in the handshake; false for none. */
  readonly serverNames: readonly (string | false)[]
}

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** A real HTTP server, or an HTTPS one when it has an identity, on a free port of loopback. */
export async function serve(handler: Handler, tls?: ServerOptions, address = '127.0.0.1'): Promise<TestServer> {
  const asked: Asked[] = []
  const serverNames: (string | false)[] = []
  const connections = new Set<Socket>()
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers, rawHeaders } = request
    const body = Buffer.concat(chunks).toString()
    asked.push({ method, url, headers, rawHeaders, body })
    handler(request, response, body)
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => connections.delete(socket))
  })
  server.on('secureConnection', socket => serverNames.push(socket.servername))
  server.on('tlsClientError', () => {})
  server.listen(0, address)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    host: `127.0.0.1:${port}`,
    asked,
    connections,
    serverNames,
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of connections) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** A TCP server that treats each connection as it likes; for answers that no HTTP server would give. */
export async function serveRaw(handler: (socket: Socket) => void): Promise<TestServer> {
  const connections = new Set<Socket>()
  const server = createTcpServer(socket => {
    connections.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => connections.delete(socket))
    socket.resume() // else it would not notice that the other side has gone
    handler(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    host: `127.0.0.1:${port}`,
    asked: [],
    connections,
    serverNames: [],
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of connections) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** Answers the first octets of each connection with this text, then closes it. */
export const serveText = (text: string | Buffer): Promise<TestServer> =>
  serveRaw(socket => socket.once('data', () => socket.end(text)))

/** Probes `target` with a module of these options. */
export function probeHttp(
  target: string,
  options: Readonly<Record<string, unknown>> = {},
  { query = {}, timeout = '5s', ...rest }: ProbeOptions & { query?: Record<string, string>; timeout?: string } = {},
): Promise<Answer> {
  const yaml = `modules: {m: {prober: http, timeout: ${timeout}, http: ${JSON.stringify(options)}}}`
  return probe(yaml, { target, module: 'm', ...query }, rest)
}

/** The Location of everything under /to/…, `fine` elsewhere. */
export const redirecting: Handler = (request, response) => {
  const [, status, location] = /^\/to\/(\d+)\/(.*)$/.exec(request.url ?? '') ?? []
  if (status === undefined) response.end('fine')
  else response.writeHead(Number(status), { location: decodeURIComponent(location ?? '') }).end('moved')
}
