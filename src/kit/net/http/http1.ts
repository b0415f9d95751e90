import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { ProbeFailure } from '../../failure.ts'
import { awaitEarlyAnswer } from './early-answer.ts'
import type { HeaderLine } from './headers.ts'

export interface HttpRequest {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly headers: readonly HeaderLine[]
  readonly body: Uint8Array | undefined
}

/** Head of an answer, and its body, which the caller reads (`readBody`) or leaves: destroying the socket ends it. */
export interface HttpResponse {
  readonly status: number
  /** `1.0` or `1.1`. */
  readonly version: string
  /** Values by lower-case name, in the order received, each as Latin-1. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** The octets that the head announces; 0 when there is no body, undefined when it does not tell. */
  readonly contentLength: number | undefined
  /** Whether this answer has a body at all, even an empty one. */
  readonly hasBody: boolean
  readonly body: IncomingMessage
}

/** Go reads up to 10 MB of header; real ones stay far below this. */
const maxHeadBytes = 256 * 1024

/** As many interim answers as Go takes. */
const maxInterim = 5

const ignore = () => undefined

function headersOf({ rawHeaders }: IncomingMessage): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    const value = rawHeaders[index + 1] ?? ''
    const known = headers.get(name)
    if (known === undefined) headers.set(name, [value])
    else known.push(value) // a hostile head may repeat one name 100,000 times
  }
  return headers
}

const isBodiless = (method: string, status: number) =>
  method === 'HEAD' || status < 200 || status === 204 || status === 304

function lengthOf(method: string, status: number, headers: ReadonlyMap<string, readonly string[]>): number | undefined {
  if (method !== 'HEAD' && isBodiless(method, status)) return 0
  const text = headers.has('transfer-encoding') ? '' : (headers.get('content-length')?.[0] ?? '')
  return /^\d+$/.test(text) ? Number(text) : undefined
}

function responseOf(method: string, message: IncomingMessage): HttpResponse {
  const status = message.statusCode ?? 0
  const headers = headersOf(message)
  return {
    status,
    version: message.httpVersion,
    headers,
    contentLength: lengthOf(method, status, headers),
    hasBody: !isBodiless(method, status) && lengthOf(method, status, headers) !== 0,
    body: message,
  }
}

function start(socket: Socket, { method, path, headers }: HttpRequest): ClientRequest {
  const sent = request({
    createConnection: () => socket,
    method,
    path,
    headers: headers.flat(), // as a list, Node adds nothing and keeps repeated names
    maxHeaderSize: maxHeadBytes,
  })
  sent.maxHeadersCount = 0 // the size is bounded; a count would drop headers in silence
  return sent
}

/**
 * Sends one HTTP/1.1 request over a connected socket and resolves with the head of the final answer. The caller
 * destroys the socket. Rejects with Node's errors (HPE_*, ECONNRESET before an answer), `ProbeFailure('protocol')`, or
 * the signal's reason.
 */
export function sendRequest(socket: Socket, wanted: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const readBefore = socket.bytesRead
    awaitEarlyAnswer(socket)
    const sent = start(socket, wanted)
    let answer: IncomingMessage | undefined
    let interim = 0
    const settle = () => signal.removeEventListener('abort', onAbort)
    const fail = (error: unknown) => {
      settle()
      reject(error)
    }
    const succeed = (message: IncomingMessage) => {
      settle()
      answer = message
      message.on('error', ignore) // `readBody` learns of it from the stream
      resolve(responseOf(wanted.method, message))
    }
    const onAbort = () => {
      socket.destroy()
      fail(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const brokeOff = /^(ECONNRESET|EPIPE)$/.test(error.code ?? '') && socket.bytesRead > readBefore
      fail(brokeOff ? new ProbeFailure('protocol', 'the head of the answer broke off', { cause: error }) : error)
      // A malformed body shows here, and its reader should know what it was. What comes after the body does not matter.
      if (answer?.complete === false) answer.destroy(error)
    })
    sent.on('information', () => {
      if (++interim > maxInterim) sent.destroy(new ProbeFailure('protocol', 'too many interim (1xx) answers'))
    })
    sent.on('upgrade', message => {
      message.push(null)
      succeed(message)
    })
    sent.on('response', succeed)
    sent.end(wanted.body)
  })
}
