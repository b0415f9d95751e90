import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { WebTls } from '../../config/web-tls.ts'
import type { Logger } from '../../engine/logger.ts'
import { Overloaded } from '../../kit/failure.ts'
import { sendText, sendUnavailable } from '../answer.ts'
import { createLogin } from './basic-auth.ts'
import { rememberFaults } from './client-certificate.ts'
import { type Bucket, createBucket } from './rate-limit.ts'
import type { WebConfigStore } from './store.ts'

/** Lets requests through to a handler as the web configuration says, whatever they ask for. */
export function createGate(store: WebConfigStore, log: Logger): (handler: RequestListener) => RequestListener {
  const login = createLogin()
  const faultOf = rememberFaults()
  let limit: { readonly bucket: Bucket; readonly intervalMs: number; readonly burst: number } | undefined

  /** One bucket for the whole server, the same for as long as its numbers are. */
  function isInTime(): boolean {
    const { rateLimit } = store.current()
    if (rateLimit === undefined) return true
    if (limit?.intervalMs !== rateLimit.intervalMs || limit.burst !== rateLimit.burst) {
      limit = { bucket: createBucket(rateLimit), ...rateLimit }
    }
    return limit.bucket()
  }

  function refuse({ socket }: IncomingMessage, response: ServerResponse, status: number, line: string): void {
    log.debug('refused a request', { status, remote: socket.remoteAddress, error: line })
    sendText(response, status, line)
  }

  /** Answers a request that came another way than TLS is asked for. */
  function isSecure(request: IncomingMessage, response: ServerResponse, tls: WebTls): boolean {
    const { socket } = request
    if (!(socket instanceof TLSSocket)) {
      response.shouldKeepAlive = false // the connection is older than TLS is here
      refuse(request, response, 400, 'this server speaks TLS by now')
      return false
    }
    const fault = faultOf(socket, tls)
    if (fault !== undefined) refuse(request, response, 403, `client certificate refused: ${fault}`)
    return fault === undefined
  }

  function askToLogIn(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader('WWW-Authenticate', 'Basic realm="sonde", charset="UTF-8"')
    refuse(request, response, 401, 'user and password are needed')
  }

  function failed(error: unknown, response: ServerResponse): void {
    if (error instanceof Overloaded) sendUnavailable(response, 'too many are logging in')
    else {
      log.error('internal error', { status: 500, error: (error as Error).stack ?? String(error) })
      sendText(response, 500, 'internal error')
    }
  }

  return handler => (request, response) => {
    const { headers, tls, users } = store.current()
    for (const [name, value] of headers) response.setHeader(name, value)
    if (store.isBroken()) return sendText(response, 500, 'the web configuration file is broken')
    if (!isInTime()) return refuse(request, response, 429, 'too many requests')
    if (tls !== undefined && !isSecure(request, response, tls)) return
    if (users.size === 0) return handler(request, response)
    const enter = (isKnown: boolean) => {
      if (isKnown) handler(request, response)
      else askToLogIn(request, response)
    }
    const answer = login(users, request.headers.authorization)
    if (typeof answer === 'boolean') return enter(answer)
    void answer.then(
      isKnown => response.destroyed || enter(isKnown),
      error => failed(error, response),
    )
  }
}
