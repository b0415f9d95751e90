import type { FileHandle } from 'node:fs/promises'
import { readAt, readFull } from '../../kit/files/read-at.ts'
import { createSlices } from '../../kit/slices.ts'
import type { LeaseReader } from './formats/format.ts'

const chunkBytes = 262_144

/** Short, as compiling and collecting garbage come on top. */
export const sliceMs = 3

/** Well below a time slice of parsing, also before the reader is compiled. */
const bytesBetweenPauses = 16_384

/** The first octets of a file. */
export const readHead = (handle: FileHandle, length: number, signal: AbortSignal): Promise<Buffer> =>
  readAt(handle, 0, length, signal)

/** The last octets before the end of what is read of a file, by which it is known again. */
export class Tail {
  readonly octets: Buffer
  readonly #start: number

  constructor(endBytes: number, length = 512) {
    this.octets = Buffer.alloc(Math.min(length, endBytes))
    this.#start = endBytes - this.octets.length
  }

  /** Notes octets that stand at a position. */
  note(position: number, octets: Buffer): void {
    const from = Math.max(0, this.#start - position)
    if (from < octets.length) octets.copy(this.octets, position + from - this.#start, from)
  }
}

export interface Stretch {
  readonly from: number
  readonly to: number
}

/**
 * Feeds a stretch of a file to a reader, never more: a file below /proc may be endless. Returns false when the file has
 * become shorter meanwhile.
 */
export async function readThrough(
  handle: FileHandle,
  { from, to }: Stretch,
  reader: Pick<LeaseReader, 'feed'>,
  signal: AbortSignal,
  tail = new Tail(to),
): Promise<boolean> {
  const pause = createSlices(signal, sliceMs)
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, to - from))
  for (let position = from; position < to; ) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, to - position))
    const length = await readFull(handle, wanted, position, signal)
    for (let at = 0; at < length; at += bytesBetweenPauses) {
      const turn = pause()
      if (turn !== undefined) await turn
      reader.feed(wanted.subarray(at, Math.min(length, at + bytesBetweenPauses)))
    }
    tail.note(position, wanted.subarray(0, length))
    if (length < wanted.length) return false
    position += length
  }
  return true
}
