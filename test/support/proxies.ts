import { createServer, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import { connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { pipeline, type Readable } from 'node:stream'
import { type Listening, listen } from './listen.ts'

/** What a proxy was asked. */
export interface AskedProxy {
  readonly method: string
  /** `host:port` for a tunnel, else the whole URL. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
}

export interface TestProxy<T> extends Listening {
  readonly asked: readonly T[]
}

const withAsked = async <T>(server: Server, asked: readonly T[]): Promise<TestProxy<T>> => ({
  ...(await listen(server)),
  asked,
})

/** Joins both sides, `to` being reached at this machine whatever its name is. */
function join(client: Socket, to: { readonly port: number }, ready: (upstream: Socket) => void): void {
  const upstream = connect(to.port, '127.0.0.1', () => {
    ready(upstream)
    client.pipe(upstream).pipe(client)
  })
  upstream.on('error', () => client.destroy()).on('close', () => client.destroySoon())
  client.on('close', () => upstream.destroy())
}

export interface HttpProxyOptions {
  /** Makes it a proxy that is talked to over TLS. */
  readonly tls?: ServerOptions
  /** `user:password` that it wants. */
  readonly login?: string
  /** What it writes in place of connecting. */
  readonly answer?: string
  /** Octets that follow the head of its answer in the same packet. */
  readonly early?: string
}

/** A real HTTP proxy: forwards requests, and tunnels to ports of this machine. */
export function startHttpProxy({ tls, login, answer, early = '' }: HttpProxyOptions = {}) {
  const asked: AskedProxy[] = []
  const credentials = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`
  const isWelcome = (message: IncomingMessage) => {
    const { method = '', url = '', headers, rawHeaders } = message
    asked.push({ method, url, headers, rawHeaders })
    return credentials === undefined || headers['proxy-authorization'] === credentials
  }
  const server = tls === undefined ? createServer() : createTlsServer(tls)
  server.on('request', (message, response) => {
    if (!isWelcome(message)) {
      response.writeHead(407, { 'Proxy-Authenticate': 'Basic realm="test"' }).end()
      return
    }
    const { port, pathname, search } = new URL(message.url ?? '')
    const headers = message.headers
    const forwarded = request({ host: '127.0.0.1', port, path: pathname + search, method: message.method, headers })
    forwarded.on('response', reply => {
      response.writeHead(reply.statusCode ?? 500, reply.headers)
      pipeline(reply, response, () => {})
    })
    forwarded.on('error', () => response.writeHead(502).end())
    pipeline(message as Readable, forwarded, () => {})
  })
  server.on('connect', (message: IncomingMessage, client: Socket) => {
    client.on('error', () => {})
    if (!isWelcome(message)) client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    else if (answer !== undefined)
      client
        .on('end', () => client.end())
        .resume()
        .write(answer)
    else {
      const port = Number(/\d+$/.exec(message.url ?? '')?.[0])
      join(client, { port }, () => client.write(`HTTP/1.1 200 OK\r\nVia: test\r\n\r\n${early}`))
    }
  })
  return withAsked(server, asked)
}

/** What a SOCKS proxy was asked. */
export interface AskedSocks {
  /** `user:password` that it got. */
  readonly login: string | undefined
  readonly type: 'ip4' | 'ip6' | 'name'
  /** As its octets say. */
  readonly host: string
  readonly port: number
}

export interface SocksProxyOptions {
  /** `user:password` that it wants. */
  readonly login?: string
  /** Reply in place of success. */
  readonly code?: number
  /** Address in the reply: type and octets. */
  readonly bound?: readonly number[]
  /** Octets that follow the reply in the same packet. */
  readonly early?: string
}

/** Takes octets from the start of a stream as they come. */
function reader(socket: Socket) {
  const chunks = socket.iterator({ destroyOnReturn: false })
  let held = Buffer.alloc(0)
  return {
    async take(count: number): Promise<Buffer> {
      while (held.length < count) {
        const { value, done } = await chunks.next()
        if (done) throw new Error('the client hung up')
        held = Buffer.concat([held, value])
      }
      const taken = held.subarray(0, count)
      held = held.subarray(count)
      return taken
    },
    async end() {
      await chunks.return?.()
      if (held.length > 0) socket.unshift(held)
    },
  }
}

async function serveSocks(client: Socket, asked: AskedSocks[], options: SocksProxyOptions): Promise<void> {
  const { login, code = 0, bound = [1, 127, 0, 0, 1], early = '' } = options
  const { take, end } = reader(client)
  const text = async () => (await take((await take(1))[0] ?? 0)).toString()
  const offered = await take((await take(2))[1] ?? 0)
  const method = login === undefined ? 0 : 2
  if (!offered.includes(method)) {
    client.end(Buffer.from([5, 0xff]))
    return
  }
  client.write(Buffer.from([5, method]))
  let got: string | undefined
  if (login !== undefined) {
    await take(1)
    got = `${await text()}:${await text()}`
    client.write(Buffer.from([1, got === login ? 0 : 1]))
    if (got !== login) return
  }
  const kind = (await take(4))[3]
  const type = kind === 1 ? 'ip4' : kind === 3 ? 'name' : 'ip6'
  const host =
    type === 'ip4' ? [...(await take(4))].join('.') : type === 'ip6' ? (await take(16)).toString('hex') : await text()
  const port = (await take(2)).readUInt16BE()
  asked.push({ login: got, type, host, port })
  await end()
  const reply = Buffer.from([5, code, 0, ...bound, 0, 0, ...Buffer.from(early)])
  if (code !== 0) client.end(reply)
  else join(client, { port }, () => client.write(reply))
}

/** A real SOCKS5 proxy that connects to ports of this machine. */
export function startSocksProxy(options: SocksProxyOptions = {}) {
  const asked: AskedSocks[] = []
  const server = createTcpServer(client => {
    serveSocks(client, asked, options).catch(() => client.destroy())
  })
  return withAsked(server, asked)
}

/** A server on a TCP port that treats each connection as it likes: proxies that are none. */
export function startOddProxy(handler: (client: Socket) => void) {
  const server = createTcpServer(client => {
    client.resume() // else it would not notice that the other side has gone
    handler(client)
  })
  return withAsked(server, [] as const)
}
