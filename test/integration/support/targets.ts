import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSecureServer, type SecureServerOptions } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { type Asked, identity, pem, serve, serveRaw, serveText, type TestServer } from '../../probers/http/support.ts'
import { answering } from './routes.ts'

const chain = identity('server', 'intermediate.crt')

/** Speaks HTTP/2, and HTTP/1.1 if it may. */
async function serveHttp2(options: SecureServerOptions = {}): Promise<TestServer> {
  const asked: Asked[] = []
  const connections = new Set<Socket>()
  const server = createSecureServer({ ...chain, ...options }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, url, headers, rawHeaders } = request
    const body = Buffer.concat(chunks).toString()
    asked.push({ method, url, headers, rawHeaders, body })
    // Its requests and answers do what those of HTTP/1.1 do, but are of other classes.
    answering(request as unknown as IncomingMessage, response as unknown as ServerResponse, body)
  })
  server.on('connection', (socket: Socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  server.on('sessionError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    port,
    host: `127.0.0.1:${port}`,
    asked,
    connections,
    serverNames: [],
    async [Symbol.asyncDispose]() {
      server.close()
      for (const socket of connections) socket.destroy()
      await once(server, 'close')
    },
  }
}

/** One server for each name. All are real; those that no HTTP library would be, speak TCP. */
const starts = {
  web: () => serve(answering),
  both: () => serve(answering, undefined, '::'), // IPv4 and IPv6
  tls: () => serve(answering, chain),
  tls12: () => serve(answering, { ...chain, maxVersion: 'TLSv1.2' }),
  oldtls: () => serve(answering, { ...chain, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' }),
  expired: () => serve(answering, identity('expired')),
  othername: () => serve(answering, identity('other-name')),
  nosan: () => serve(answering, identity('no-san')),
  selfsigned: () => serve(answering, identity('self-signed')),
  nochain: () => serve(answering, identity('server')),
  oldca: () => serve(answering, identity('server', 'intermediate.crt', 'old-ca.crt')),
  nosubject: () => serve(answering, identity('no-subject')),
  mutual: () => serve(answering, { ...chain, requestCert: true, rejectUnauthorized: true, ca: pem('ca.crt') }),
  mutual12: () =>
    serve(answering, {
      ...chain,
      requestCert: true,
      rejectUnauthorized: true,
      ca: pem('ca.crt'),
      maxVersion: 'TLSv1.2',
    }),
  h2: () => serveHttp2({ allowHTTP1: true }),
  h2only: () => serveHttp2(),
  http10: () => serveText('HTTP/1.0 200 OK\r\n\r\nold'),
  nonsense: () => serveText('nonsense\r\n\r\n'),
  badstatus: () => serveText('HTTP/1.1 20x OK\r\n\r\n'),
  short: () => serveText('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive'),
  badchunk: () => serveText('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nfive'),
  hangsup: () => serveRaw(socket => socket.once('data', () => socket.destroy())),
  resets: () => serveRaw(socket => socket.once('data', () => socket.resetAndDestroy())),
  early: () =>
    serveText('HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine'),
  plain: () => serveText('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain'),
} satisfies Readonly<Record<string, () => Promise<TestServer>>>

/** What a request said, but for the version of the one who asked; its headers as sorted lines. */
export interface Sent {
  readonly method: string
  readonly url: string
  readonly headers: readonly string[]
  readonly body: string
}

const asSent = ({ method, url, rawHeaders, body }: Asked): Sent => ({
  method,
  url,
  body,
  headers: rawHeaders
    .flatMap((name, at) => (at % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[at + 1]}`] : []))
    .map(line => line.replace(/^(user-agent): (Blackbox.Exporter|sonde)\/\S+$/, '$1: its own'))
    .sort(),
})

export interface Targets extends AsyncDisposable {
  /** Puts the address of that server for `(name)`, and its port for `(name.port)`. */
  fill(text: string): string
  /** What the servers were asked since the last call. */
  takeSent(): readonly Sent[]
}

export async function startTargets(): Promise<Targets> {
  const servers = new Map<string, TestServer>()
  await Promise.all(Object.entries(starts).map(async ([name, start]) => servers.set(name, await start())))
  let seen = new Map<string, number>()
  return {
    fill: text =>
      text.replace(/\(([a-z0-9]+)(\.port)?\)/g, (whole, name: string, port?: string) => {
        const server = servers.get(name)
        if (server === undefined) return whole
        return port === undefined ? server.host : String(server.port)
      }),
    takeSent() {
      const asked = [...servers].flatMap(([name, server]) => server.asked.slice(seen.get(name) ?? 0))
      seen = new Map([...servers].map(([name, server]) => [name, server.asked.length]))
      return asked.map(asSent)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...servers.values()].map(server => server[Symbol.asyncDispose]()))
    },
  }
}
