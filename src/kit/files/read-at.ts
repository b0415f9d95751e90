import type { FileHandle } from 'node:fs/promises'
import { untilAborted } from '../abort.ts'

/** Fills `buffer` from `position` on as far as the file goes; returns how many octets there were. */
export async function readFull(
  handle: FileHandle,
  buffer: Buffer,
  position: number,
  signal: AbortSignal,
): Promise<number> {
  let filled = 0
  while (filled < buffer.length) {
    const reading = handle.read(buffer, filled, buffer.length - filled, position + filled)
    const { bytesRead } = await untilAborted(reading, signal)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

/** The octets of a file from `position` on, at most `length` of them. */
export async function readAt(
  handle: FileHandle,
  position: number,
  length: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const octets = Buffer.allocUnsafe(length)
  return octets.subarray(0, await readFull(handle, octets, position, signal))
}
