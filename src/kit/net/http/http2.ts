import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Socket } from 'node:net'
import { Readable } from 'node:stream'
import { ProbeFailure } from '../../failure.ts'
import type { Connection } from './connection.ts'
import { type HttpRequest, type HttpResponse, headersOf, interimFault, maxHeadBytes, responseOf } from './message.ts'

/** Lines that belong to an HTTP/1.1 connection (RFC 9113, 8.2.2), and `Host`, whose place is `:authority`. */
const perConnection = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Go's client grants 4 MiB; with the 64 KiB of the standard, every body would wait for the way back and forth. */
const windowBytes = 4 * 2 ** 20

const ignore = () => undefined

function headersFor({ method, path, headers }: HttpRequest): OutgoingHttpHeaders {
  const joined = new Map<string, string>()
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (perConnection.has(lower) || (lower === 'te' && value !== 'trailers')) continue
    const before = joined.get(lower)
    joined.set(lower, before === undefined ? value : `${before}${lower === 'cookie' ? '; ' : ', '}${value}`)
  }
  const authority = headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? ''
  return {
    ':method': method,
    ':scheme': 'https',
    ':authority': authority,
    ':path': path,
    ...Object.fromEntries(joined),
  }
}

function openSession(socket: Socket): ClientHttp2Session {
  // Only the socket counts; what a request is for stands in its own headers.
  const session = connect('https://localhost', {
    createConnection: () => socket,
    settings: { enablePush: false, initialWindowSize: windowBytes, maxHeaderListSize: maxHeadBytes },
    maxHeaderListPairs: maxHeadBytes / 32, // each counts for at least that many octets (RFC 9113, 6.5.2)
  })
  session.once('connect', () => session.destroyed || session.setLocalWindowSize(windowBytes))
  return session
}

const errorName = (code: number | undefined) =>
  Object.entries(constants)
    .find(([name, value]) => name.startsWith('NGHTTP2_') && value === code)?.[0]
    ?.slice(8) ?? String(code)

/** What HTTP/2 itself says is a malformed answer; the rest, such as a reset connection, tells for itself. */
const asFailure = (error: NodeJS.ErrnoException) =>
  error.code?.startsWith('ERR_HTTP2') ? new ProbeFailure('protocol', error.message, { cause: error }) : error

/** A body of its own: Node ends a stream that breaks off like one that is complete; its code tells them apart. */
function bodyOf(stream: ClientHttp2Stream): Readable {
  const body = new Readable({
    read: () => stream.resume(),
    destroy(error, done) {
      stream.destroy()
      done(error)
    },
  })
  stream.on('data', chunk => body.push(chunk) || stream.pause())
  stream.on('error', error => body.destroy(asFailure(error)))
  stream.on('end', () => {
    if (stream.rstCode === constants.NGHTTP2_NO_ERROR) body.push(null)
    else body.destroy(new ProbeFailure('protocol', `the body broke off: ${errorName(stream.rstCode)}`))
  })
  body.on('error', ignore) // whoever reads it learns of it
  return body
}

/**
 * Sends one HTTP/2 request over a TLS socket that has agreed on `h2`, and resolves with the head of the final answer.
 * `opened` gets the session and its socket, for the caller to destroy. Rejects with Node's errors,
 * `ProbeFailure` (`protocol` for what HTTP/2 does not allow, `connect` for a connection closed before the answer), or
 * the signal's reason.
 */
export function sendHttp2(
  socket: Socket,
  wanted: HttpRequest,
  opened: (session: Connection) => void,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const session = openSession(socket)
    const end = () => {
      session.destroy()
      // After a GOAWAY, the session would wait until the server hangs up. At once would be amid what it still reads.
      setImmediate(() => socket.destroy())
    }
    opened({ destroy: end })
    let interim = 0
    let goaway: number | undefined
    const settle = () => signal.removeEventListener('abort', onAbort)
    const fail = (error: Error) => {
      settle()
      reject(asFailure(error))
    }
    const onAbort = () => {
      end()
      fail(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    session.on('error', fail)
    session.on('goaway', code => {
      goaway = code
    })
    let stream: ClientHttp2Stream
    try {
      stream = session.request(headersFor(wanted), { endStream: wanted.body === undefined })
    } catch (error) {
      return fail(error as Error) // a header that HTTP/2 does not allow
    }
    stream.on('error', fail)
    stream.on('headers', () => {
      const fault = interimFault(++interim)
      if (fault !== undefined) stream.destroy(fault)
    })
    stream.on('response', (headers: IncomingHttpHeaders & IncomingHttpStatusHeader, _flags: number, raw: string[]) => {
      settle()
      const status = headers[':status'] ?? 0
      resolve(responseOf(wanted.method, { status, version: '2.0', headers: headersOf(raw), body: bodyOf(stream) }))
    })
    stream.on('close', () =>
      fail(
        goaway === undefined || goaway === constants.NGHTTP2_NO_ERROR
          ? new ProbeFailure('connect', 'the server closed the connection before an answer')
          : new ProbeFailure('protocol', `the server refused to answer: GOAWAY ${errorName(goaway)}`),
      ),
    )
    if (wanted.body !== undefined) stream.end(wanted.body)
  })
}
