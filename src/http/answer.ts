import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import { contentType } from '../engine/exposition.ts'

const gzipLater = promisify(gzip)
const plainText = 'text/plain; charset=utf-8'
const json = 'application/json; charset=utf-8'

/** Below this, compressing on the spot is cheaper than a turn in the thread pool. */
const syncGzipBytes = 64 * 1024
const fastest = { level: 1 }

function acceptsGzip(request: IncomingMessage): boolean {
  const codings = String(request.headers['accept-encoding'] ?? '').split(',')
  const named = (name: RegExp) => codings.find(coding => name.test(coding))
  const entry = named(/^\s*gzip\s*(;|$)/i) ?? named(/^\s*\*\s*(;|$)/)
  return entry !== undefined && !/;\s*q=0(\.0*)?\s*$/i.test(entry)
}

/** Sends a whole body; nothing is cached, sniffed or tagged. */
export function send(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.statusCode = status
  response.setHeader('Content-Type', type)
  response.setHeader('Content-Length', Buffer.byteLength(body))
  response.setHeader('Cache-Control', 'no-store')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  response.end(body)
}

/** One line of text: every answer that is not 200, and the small ones that are. */
export const sendText = (response: ServerResponse, status: number, line: string): void =>
  send(response, status, plainText, `${line.replace(/\s*\n\s*/g, ' ')}\n`)

/** 503: the caller should come back. */
export function sendUnavailable(response: ServerResponse, line: string): void {
  response.setHeader('Retry-After', '1')
  sendText(response, 503, line)
}

async function sendCompressible(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
): Promise<void> {
  response.setHeader('Vary', 'Accept-Encoding')
  const body = Buffer.from(text)
  if (!acceptsGzip(request)) return send(response, status, type, body)
  const packed = body.length < syncGzipBytes ? gzipSync(body, fastest) : await gzipLater(body, fastest)
  response.setHeader('Content-Encoding', 'gzip')
  send(response, status, type, packed)
}

/** Metrics in text format 0.0.4. */
export const sendMetrics = (
  request: IncomingMessage,
  response: ServerResponse,
  metrics: string,
  status = 200,
): Promise<void> => sendCompressible(request, response, status, contentType, metrics)

/** A page of text for people. */
export const sendPage = (
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  status = 200,
): Promise<void> => sendCompressible(request, response, status, plainText, text)

export const sendJson = (
  request: IncomingMessage,
  response: ServerResponse,
  value: unknown,
  status = 200,
): Promise<void> => sendCompressible(request, response, status, json, `${JSON.stringify(value, undefined, 2)}\n`)

/** Answers 405 unless the method is one of `allowed`; tells whether it is. */
export function allowMethods(request: IncomingMessage, response: ServerResponse, ...allowed: string[]): boolean {
  if (allowed.includes(request.method ?? '')) return true
  response.setHeader('Allow', allowed.join(', '))
  sendText(response, 405, `method ${request.method} is not allowed here, use ${allowed.join(' or ')}`)
  return false
}
