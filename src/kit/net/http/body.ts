import { addAbortSignal, pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { ProbeFailure } from '../../failure.ts'
import type { HttpResponse } from './message.ts'

export type Coding = 'gzip' | 'br' | 'deflate' | 'identity'

export interface BodyRules {
  /** The coding that the body is taken as, whatever the answer says. */
  readonly coding: Coding
  /** More octets than this after decoding are too many; undefined for no limit. */
  readonly limitBytes: number | undefined
  /** Keep the octets; else they are only counted. */
  readonly keep: boolean
  /** Called with the octets so far, after decoding: they are known even if the deadline passes. */
  readonly counted: (bytes: number) => void
}

/** What is kept when no limit is configured. */
export const maxKeptBytes = 16 * 2 ** 20

const ignore = () => undefined

/** Whether a stream starts with a zlib header (RFC 1950): HTTP's deflate has one, what blackbox_exporter takes has not. */
const hasZlibHeader = ([first = 0, second = 0]: Uint8Array) =>
  (first & 0x0f) === 8 && ((first << 8) | second) % 31 === 0

const decoders: Readonly<Record<Exclude<Coding, 'identity'>, (head: Uint8Array) => Transform>> = {
  gzip: () => createGunzip(),
  br: () => createBrotliDecompress(),
  deflate: head => (hasZlibHeader(head) ? createInflate() : createInflateRaw()),
}

/** The body after decoding. Throws `ProbeFailure('protocol')` when there is nothing to decode. */
async function* decoded(
  body: Readable,
  coding: Exclude<Coding, 'identity'>,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>
  let head: Buffer = Buffer.alloc(0)
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    head = Buffer.concat([head, next.value])
    if (head.length >= 2) break
  }
  if (head.length === 0) throw new ProbeFailure('protocol', `the body is empty, which is not ${coding}`)
  const whole = async function* () {
    yield head
    yield* chunks
  }
  const decoder = addAbortSignal(signal, decoders[coding](head)) // some octets that are here may decode for minutes
  pipeline(whole, decoder, ignore) // its error comes out of the decoder as well
  yield* decoder as AsyncIterable<Buffer>
}

function asFailure(error: unknown, coding: Coding): ProbeFailure {
  if (error instanceof ProbeFailure) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const isUndecodable = /^(Z_|ERR__ERROR|ERR_BROTLI|ERR_PADDING)/.test(code)
  const text = isUndecodable
    ? `the body is not ${coding}: ${message}`
    : `the body broke off or is malformed: ${message}`
  return new ProbeFailure('protocol', text, { cause: error })
}

/**
 * Reads a body to its end, decodes and counts it. Throws `ProbeFailure`: `too_large` above the limit, `protocol` when
 * it breaks off or is not in that coding. Rejects with the signal's reason when that aborts.
 */
export async function readBody(
  { body, hasBody }: HttpResponse,
  { coding, limitBytes, keep, counted }: BodyRules,
  signal: AbortSignal,
): Promise<Buffer> {
  const maxBytes = limitBytes ?? (keep ? maxKeptBytes : Number.POSITIVE_INFINITY)
  const kept: Buffer[] = []
  let bytes = 0
  if (!hasBody) return Buffer.alloc(0)
  const source: AsyncIterable<Buffer> = coding === 'identity' ? body : decoded(body, coding, signal)
  const onAbort = () => body.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    for await (const chunk of source) {
      signal.throwIfAborted()
      bytes = Math.min(bytes + chunk.length, maxBytes + 1)
      counted(Math.min(bytes, maxBytes))
      if (bytes > maxBytes) throw new ProbeFailure('too_large', `the body is larger than ${maxBytes} octets`)
      if (keep) kept.push(chunk)
    }
    return Buffer.concat(kept)
  } catch (error) {
    signal.throwIfAborted()
    throw asFailure(error, coding)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
