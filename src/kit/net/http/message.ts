import type { Readable } from 'node:stream'
import { ProbeFailure } from '../../failure.ts'
import type { HeaderLine } from './headers.ts'

export interface HttpRequest {
  readonly method: string
  /** Path and query; the whole URL for a proxy that is asked without a tunnel. */
  readonly path: string
  readonly headers: readonly HeaderLine[]
  readonly body: Uint8Array | undefined
}

/** Values by lower-case name, in the order received, each as Latin-1. */
export type ReceivedHeaders = ReadonlyMap<string, readonly string[]>

/** Head of an answer, and its body, which the caller reads (`readBody`) or leaves: destroying the connection ends it. */
export interface HttpResponse {
  readonly status: number
  /** `1.0`, `1.1` or `2.0`. */
  readonly version: string
  readonly headers: ReceivedHeaders
  /** The octets that the head announces; 0 when there is no body, undefined when it does not tell. */
  readonly contentLength: number | undefined
  /** Whether this answer has a body at all, even an empty one. */
  readonly hasBody: boolean
  readonly body: Readable
}

/** Go reads up to 10 MB of header; real ones stay far below this. */
export const maxHeadBytes = 256 * 1024

/** As many interim answers as Go takes. */
const maxInterim = 5

/** What is wrong with so many interim (1xx) answers before the final one; undefined when nothing is. */
export const interimFault = (count: number): ProbeFailure | undefined =>
  count > maxInterim ? new ProbeFailure('protocol', 'too many interim (1xx) answers') : undefined

/** Headers from a flat list of names and values. */
export function headersOf(raw: readonly string[]): ReceivedHeaders {
  const headers = new Map<string, string[]>()
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase()
    const value = raw[index + 1] ?? ''
    const known = headers.get(name)
    if (known === undefined) headers.set(name, [value])
    else known.push(value) // a hostile head may repeat one name 100,000 times
  }
  return headers
}

const isBodiless = (method: string, status: number) =>
  method === 'HEAD' || status < 200 || status === 204 || status === 304

function lengthOf(method: string, status: number, headers: ReceivedHeaders): number | undefined {
  if (method !== 'HEAD' && isBodiless(method, status)) return 0
  const text = headers.has('transfer-encoding') ? '' : (headers.get('content-length')?.[0] ?? '')
  return /^\d+$/.test(text) ? Number(text) : undefined
}

/** An answer to a request with this method, from what the connection gave. */
export function responseOf(
  method: string,
  received: Pick<HttpResponse, 'status' | 'version' | 'headers' | 'body'>,
): HttpResponse {
  const { status, headers } = received
  const contentLength = lengthOf(method, status, headers)
  return { ...received, contentLength, hasBody: !isBodiless(method, status) && contentLength !== 0 }
}
