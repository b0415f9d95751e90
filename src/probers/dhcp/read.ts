import type { FileHandle } from 'node:fs/promises'
import { untilAborted } from '../../kit/abort.ts'
import { createSlices } from '../../kit/slices.ts'
import type { LeaseReader } from './formats/format.ts'

const chunkBytes = 65_536

/** Short, as compiling and collecting garbage come on top. */
const sliceMs = 5

/** Well below a time slice of parsing, also before the reader is compiled. */
const bytesBetweenPauses = 8192

/** Fills `buffer` from `position` on as far as the file goes; returns how many octets there were. */
async function readFull(handle: FileHandle, buffer: Buffer, position: number, signal: AbortSignal): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const reading = handle.read(buffer, filled, buffer.length - filled, position + filled)
    const { bytesRead } = await untilAborted(reading, signal)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/** The first octets of a file. */
export async function readHead(handle: FileHandle, length: number, signal: AbortSignal): Promise<Buffer> {
  const head = Buffer.allocUnsafe(length)
  return head.subarray(0, await readFull(handle, head, 0, signal))
}

/**
 * Feeds `sizeBytes` octets of a file to a reader, never more: a file below /proc may be endless. Returns false when the
 * file has become shorter meanwhile.
 */
export async function readThrough(
  handle: FileHandle,
  sizeBytes: number,
  reader: LeaseReader,
  signal: AbortSignal,
): Promise<boolean> {
  const pause = createSlices(signal, sliceMs)
  const buffer = Buffer.allocUnsafe(Math.min(chunkBytes, sizeBytes))
  for (let position = 0; position < sizeBytes; ) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, sizeBytes - position))
    const length = await readFull(handle, wanted, position, signal)
    for (let at = 0; at < length; at += bytesBetweenPauses) {
      await pause()
      reader.feed(wanted.subarray(at, Math.min(length, at + bytesBetweenPauses)))
    }
    if (length < wanted.length) return false
    position += length
  }
  return true
}
