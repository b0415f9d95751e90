import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSecureServer, type SecureServerOptions } from 'node:http2'
import { identity, pem } from '../../support/identities.ts'
import { listen } from '../../support/listen.ts'
import { type Asked, serve, serveRaw, serveText, type TestServer } from '../../support/servers.ts'
import { answering } from './routes.ts'
import type { Scope } from './scope.ts'
import { asSent, type Targets } from './targets.ts'

const chain = identity('server', 'intermediate.crt')

/** Speaks HTTP/2, and HTTP/1.1 if it may. */
async function serveHttp2(options: SecureServerOptions = {}): Promise<TestServer> {
  const asked: Asked[] = []
  const server = createSecureServer({ ...chain, ...options }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method, url, headers, rawHeaders } = request
    const body = Buffer.concat(chunks).toString()
    asked.push({ method, url, headers, rawHeaders, body })
    // Its requests and answers do what those of HTTP/1.1 do, but are of other classes.
    answering(request as unknown as IncomingMessage, response as unknown as ServerResponse, body)
  })
  return { ...(await listen(server)), asked, serverNames: [] }
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

/** Starts all of them. */
export async function startServers(scope: Scope): Promise<Targets> {
  const started = await Promise.all(
    Object.entries(starts).map(async ([name, start]) => [name, scope.add(await start())] as const),
  )
  let seen: Readonly<Record<string, number>> = {}
  return {
    ports: Object.fromEntries(started.map(([name, { port }]) => [name, port])),
    takeSent() {
      const fresh = started.flatMap(([name, { asked }]) => asked.slice(seen[name] ?? 0))
      seen = Object.fromEntries(started.map(([name, { asked }]) => [name, asked.length]))
      return fresh.map(asSent)
    },
  }
}
