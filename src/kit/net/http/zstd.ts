import type { Transform } from 'node:stream'
import zlib from 'node:zlib'

/** What Node 20 and its types do not have. */
interface Zstd {
  createZstdDecompress(options: {
    readonly params: Readonly<Record<number, number>>
  }): Transform & { bytesWritten: number }
  zstdDecompressSync(octets: Uint8Array): Uint8Array
  readonly constants: { readonly ZSTD_d_windowLogMax: number }
}

const { createZstdDecompress, zstdDecompressSync, constants } = zlib as unknown as Partial<Zstd>

/** Node 22 takes a stream that breaks off for a whole one. */
function noticesTheEnd(): boolean {
  try {
    zstdDecompressSync?.(Buffer.from('28b52ffd20', 'hex')) // half the head of a frame
    return false
  } catch {
    return true
  }
}

/** Whether this Node can decode zstd and tell when it breaks off. */
export const hasZstd = createZstdDecompress !== undefined && noticesTheEnd()

/** Decodes zstd (RFC 8878) as HTTP allows it: frames that need at most 8 MiB (RFC 9659). */
export function createUnzstd(): Transform & { readonly bytesWritten: number } {
  if (createZstdDecompress === undefined || constants === undefined) throw new Error('this Node has no zstd')
  return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: 23 } })
}
