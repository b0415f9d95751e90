import { addAbortSignal, pipeline, type Readable, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib'
import { ProbeFailure } from '../../failure.ts'
import { createUnzstd } from './zstd.ts'

export type Coding = 'gzip' | 'br' | 'deflate' | 'zstd'

const ignore = () => undefined

/** Whether a stream starts with a zlib header (RFC 1950): HTTP's deflate has one, what blackbox_exporter takes has not. */
const hasZlibHeader = ([first = 0, second = 0]: Uint8Array) =>
  (first & 0x0f) === 8 && first < 0x80 && ((first << 8) | second) % 31 === 0

const decoders: Readonly<Record<Coding, (head: Uint8Array) => Transform & { readonly bytesWritten: number }>> = {
  gzip: () => createGunzip(),
  br: () => createBrotliDecompress(),
  deflate: head => (hasZlibHeader(head) ? createInflate() : createInflateRaw()),
  zstd: () => createUnzstd(),
}

/** The octets after decoding. Throws `ProbeFailure('protocol')` when nothing is there to decode, or too much. */
export async function* decode(body: Readable, coding: Coding, signal: AbortSignal): AsyncGenerator<Buffer> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>
  let head: Buffer = Buffer.alloc(0)
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    head = Buffer.concat([head, next.value])
    if (head.length >= 2) break
  }
  if (head.length === 0) throw new ProbeFailure('protocol', `the body is empty, which is not ${coding}`)
  let given = 0
  const whole = async function* () {
    given = head.length
    yield head
    for await (const chunk of chunks) {
      given += chunk.length
      yield chunk
    }
  }
  const decoder = addAbortSignal(signal, decoders[coding](head)) // some octets that are here may decode for minutes
  decoder.on('error', ignore) // one that comes after the end as well
  pipeline(whole, decoder, ignore) // its error comes out of the decoder
  yield* decoder as AsyncIterable<Buffer>
  // What follows the end is taken as blackbox_exporter does: gzip has had its say, deflate does not care.
  if ((coding === 'br' || coding === 'zstd') && given > decoder.bytesWritten) {
    throw new ProbeFailure('protocol', `the body goes on after the end of ${coding}`)
  }
}
