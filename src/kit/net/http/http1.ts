import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { ProbeFailure } from '../../failure.ts'
import { awaitEarlyAnswer } from './early-answer.ts'
import { type HttpRequest, type HttpResponse, headersOf, interimFault, maxHeadBytes, responseOf } from './message.ts'

const ignore = () => undefined

function start(socket: Socket, { method, path, headers }: HttpRequest): ClientRequest {
  const sent = request({
    createConnection: () => socket,
    method,
    path,
    headers: headers.flat(), // as a list, Node adds nothing and keeps repeated names
    maxHeaderSize: maxHeadBytes,
    // Go takes what old servers send (bare LF, folded lines, two lengths), and no second message follows on this connection.
    insecureHTTPParser: true,
  })
  sent.maxHeadersCount = 0 // the size is bounded; a count would drop headers in silence
  return sent
}

/**
 * Sends one HTTP/1.1 request over a connected socket and resolves with the head of the final answer. The caller
 * destroys the socket. Rejects with Node's errors (HPE_*, ECONNRESET before an answer), `ProbeFailure('protocol')`, or
 * the signal's reason.
 */
export function sendHttp1(socket: Socket, wanted: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
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
      const { statusCode: status = 0, httpVersion: version, rawHeaders } = message
      resolve(responseOf(wanted.method, { status, version, headers: headersOf(rawHeaders), body: message }))
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
      const fault = interimFault(++interim)
      if (fault !== undefined) sent.destroy(fault)
    })
    sent.on('upgrade', message => {
      message.push(null)
      succeed(message)
    })
    sent.on('response', succeed)
    sent.end(wanted.body)
  })
}
