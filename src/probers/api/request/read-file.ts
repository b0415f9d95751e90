import { untilAborted } from '../../../kit/abort.ts'
import { Denied, isExhaustion, ProbeFailure } from '../../../kit/failure.ts'
import { closeSoon, type OpenFile, openRegular } from '../../../kit/files/open.ts'
import { readAt } from '../../../kit/files/read-at.ts'
import { FileRefused, hasCode } from '../../../kit/files/refused.ts'
import { isAdmitted, resolveTarget } from '../../../kit/files/resolve.ts'
import { createRoots, type PathPolicy } from '../../../kit/files/roots.ts'

const attempts = 3

const nothing = () => undefined

/** The message tells no more of a file than the caller may know. */
function asFailure(error: unknown): unknown {
  if (error instanceof FileRefused) {
    if (error.reason === 'read_error') return new ProbeFailure('protocol', error.message, { cause: error })
    const isOutside = error.reason !== 'not_regular_file'
    return new ProbeFailure('denied', error.message, { cause: isOutside ? new Denied('path') : error })
  }
  const { code, syscall } = error as NodeJS.ErrnoException
  if (typeof code !== 'string' || syscall === undefined || isExhaustion(error)) return error
  if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG')) {
    return new ProbeFailure('not_found', 'no such file', { cause: error })
  }
  if (hasCode(error, 'EACCES', 'EPERM')) {
    return new ProbeFailure('denied', 'no permission to read the file', { cause: error })
  }
  return new ProbeFailure('protocol', `reading failed with ${code}`, { cause: error })
}

const tooLarge = (limitBytes: number) => new ProbeFailure('too_large', `the file is larger than ${limitBytes} octets`)

const pieceBytes = 2 ** 16

/** The octets of what the kernel writes as it is read, as below /proc: it is said to be empty. */
async function readUnsized({ handle }: OpenFile, limitBytes: number, signal: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (let length = 0; ; ) {
    const piece = await readAt(handle, length, pieceBytes, signal)
    pieces.push(piece)
    length += piece.length
    if (length > limitBytes) throw tooLarge(limitBytes)
    if (piece.length < pieceBytes) return Buffer.concat(pieces, length)
  }
}

/** The octets of an open file; undefined when somebody wrote to it meanwhile, unless `canBeShort` explains it. */
async function readWhole(file: OpenFile, canBeShort: boolean, limitBytes: number, signal: AbortSignal) {
  const { handle, stats } = file
  if (stats.size > limitBytes) throw tooLarge(limitBytes)
  const size = Number(stats.size)
  const octets = size === 0 ? await readUnsized(file, limitBytes, signal) : await readAt(handle, 0, size, signal)
  const after = await untilAborted(handle.stat({ bigint: true }), signal)
  const isSame = after.size === stats.size && after.mtimeNs === stats.mtimeNs
  return isSame && (octets.length >= size || canBeShort) ? octets : undefined
}

/**
 * Reads a local file below the roots, proof against links, devices and whatever is swapped meanwhile; once more when it
 * is written to at that moment. Throws `ProbeFailure`, and the signal's reason.
 */
export async function readFileBelow(
  path: string,
  paths: readonly string[],
  limitBytes: number,
  signal: AbortSignal,
): Promise<Buffer> {
  const policy: PathPolicy = { roots: createRoots(paths), symlinks: 'within_roots' }
  const resolve = () => resolveTarget(path, policy)
  const admitted = (opened: string, real: string) => isAdmitted(opened, real, policy)
  try {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const file = await openRegular({ signal, resolve, isAdmitted: admitted, onStats: nothing })
      try {
        const isLast = attempt === attempts - 1 // what is always shorter than it says lies below /sys
        const octets = await readWhole(file, isLast, limitBytes, signal)
        if (octets !== undefined) return octets
      } finally {
        await closeSoon(file.handle, signal)
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    throw asFailure(error)
  }
  throw new ProbeFailure('protocol', 'the file is being written to again and again')
}
