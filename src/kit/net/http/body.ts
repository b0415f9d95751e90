import { isExhaustion, ProbeFailure } from '../../failure.ts'
import { type Coding, decode } from './decode.ts'
import type { HttpResponse } from './message.ts'

export interface BodyRules {
  /** The coding that the body is taken as, whatever the answer says. */
  readonly coding: Coding | 'identity'
  /** More octets than this after decoding are too many; undefined for no limit. */
  readonly limitBytes: number | undefined
  /** Keep the octets; else they are only counted. */
  readonly keep: boolean
  /** Called with the octets so far, after decoding: they are known even if the deadline passes. */
  readonly counted: (bytes: number) => void
  /** Called at the end of a body, or when reading it fails, with its first octets after decoding. */
  readonly head?: (octets: Uint8Array) => void
}

/** What is kept when no limit is configured. */
export const maxKeptBytes = 16 * 2 ** 20

/** As many octets stand in the debug output. */
const headBytes = 1024

/** What the peer is at fault for, as such. */
function asFailure(error: unknown, coding: BodyRules['coding']): unknown {
  if (error instanceof ProbeFailure || isExhaustion(error)) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const isUndecodable = /^(Z_|ZSTD_|ERR__ERROR|ERR_BROTLI|ERR_PADDING)/.test(code)
  const text = isUndecodable
    ? `the body is not ${coding}: ${message}`
    : `the body broke off or is malformed: ${message}`
  return new ProbeFailure('protocol', text, { cause: error })
}

/**
 * Reads a body to its end, decodes and counts it. Throws `ProbeFailure`: `too_large` above the limit, `protocol` when
 * it breaks off or is not in that coding. Rejects with the signal's reason when that aborts, and with what it is that
 * this process ran out of.
 */
export async function readBody(
  { body, hasBody }: HttpResponse,
  { coding, limitBytes, keep, counted, head: tell }: BodyRules,
  signal: AbortSignal,
): Promise<Buffer> {
  const maxBytes = limitBytes ?? (keep ? maxKeptBytes : Number.POSITIVE_INFINITY)
  const kept: Buffer[] = []
  let head: Buffer = Buffer.alloc(0)
  let bytes = 0
  if (!hasBody) return Buffer.alloc(0)
  const source: AsyncIterable<Buffer> = coding === 'identity' ? body : decode(body, coding, signal)
  const onAbort = () => body.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    for await (const chunk of source) {
      signal.throwIfAborted()
      if (head.length < headBytes) head = Buffer.concat([head, chunk.subarray(0, headBytes - head.length)])
      bytes = Math.min(bytes + chunk.length, maxBytes + 1)
      counted(Math.min(bytes, maxBytes))
      if (bytes > maxBytes) throw new ProbeFailure('too_large', `the body is larger than ${maxBytes} octets`)
      if (keep) kept.push(chunk)
    }
    signal.throwIfAborted() // a body that is destroyed may seem to have ended
    return Buffer.concat(kept)
  } catch (error) {
    signal.throwIfAborted()
    throw asFailure(error, coding)
  } finally {
    signal.removeEventListener('abort', onAbort)
    tell?.(head)
  }
}
