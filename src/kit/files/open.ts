import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readlink } from 'node:fs/promises'
import { untilAborted } from '../abort.ts'
import { FileRefused, hasCode } from './refused.ts'

/** What `stat` tells about a file. */
export interface FileStats {
  readonly dev: bigint
  readonly ino: bigint
  readonly size: bigint
  readonly mtimeNs: bigint
}

/** A regular file, open for reading. */
export interface OpenFile {
  readonly handle: FileHandle
  readonly realPath: string
  readonly stats: FileStats
}

export interface OpenOptions {
  readonly signal: AbortSignal
  /** Finds the real path; throws when it is not admitted. */
  readonly resolve: () => Promise<string>
  /** Whether the path that the kernel gives for the open file is admitted. */
  readonly isAdmitted: (path: string, realPath: string) => Promise<boolean>
  /** Is told about a file that is admitted, also when it cannot be opened. */
  readonly onStats: (stats: FileStats) => void
}

// A plain open of a FIFO blocks a thread of libuv for ever, and four such probes all file I/O of the process.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

const attempts = 3

/** Opens, closing the file again should it come after the signal. */
export async function openAborting(path: string, signal: AbortSignal): Promise<FileHandle> {
  const pending = open(path, flags)
  try {
    return await untilAborted(pending, signal)
  } catch (error) {
    pending.then(handle => handle.close()).catch(() => undefined)
    throw error
  }
}

/** Closes a file; after an abort without waiting for a read that may hang. */
export async function closeSoon(handle: FileHandle, signal: AbortSignal): Promise<void> {
  await untilAborted(handle.close(), signal).catch(() => undefined)
}

/** Where the kernel says that an open file is; undefined where it does not say. */
async function pathByKernel({ fd }: FileHandle): Promise<string | undefined> {
  return process.platform === 'linux' ? readlink(`/proc/self/fd/${fd}`).catch(() => undefined) : undefined
}

/** One attempt; undefined when the path came to name another file between two steps. */
async function tryOpen({ signal, resolve, isAdmitted, onStats }: OpenOptions): Promise<OpenFile | undefined> {
  const realPath = await untilAborted(resolve(), signal)
  // Links that were put on the path since then lead anywhere: nothing is told of a file before this was asked again.
  const stillLeadsHere = async () => (await untilAborted(resolve(), signal)) === realPath
  const before = await untilAborted(lstat(realPath, { bigint: true }), signal)
  if (before.isSymbolicLink()) return undefined
  if (!before.isFile()) {
    if (await stillLeadsHere()) throw new FileRefused('not_regular_file', 'not a regular file')
    return undefined
  }
  const handle = await openAborting(realPath, signal).catch(async error => {
    if (hasCode(error, 'ELOOP', 'ENXIO') || !(await stillLeadsHere())) return undefined
    if (hasCode(error, 'EACCES', 'EPERM')) onStats(before)
    throw error
  })
  if (handle === undefined) return undefined
  let file: OpenFile | undefined
  try {
    const stats = await untilAborted(handle.stat({ bigint: true }), signal)
    if (stats.dev !== before.dev || stats.ino !== before.ino) return undefined
    const path = await untilAborted(pathByKernel(handle), signal)
    if (!(path === undefined ? await stillLeadsHere() : await untilAborted(isAdmitted(path, realPath), signal)))
      return undefined
    file = { handle, realPath, stats }
    onStats(stats)
    return file
  } finally {
    if (file === undefined) await closeSoon(handle, signal)
  }
}

/**
 * Opens a regular file, proof against links and files that are swapped between the steps. Throws `FileRefused`, or
 * the error of the file system.
 */
export async function openRegular(options: OpenOptions): Promise<OpenFile> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const file = await tryOpen(options)
    if (file !== undefined) return file
  }
  throw new FileRefused('read_error', 'the file was replaced again and again while it was being opened')
}
