import { constants } from 'node:fs'
import { type FileHandle, open, readlink, stat } from 'node:fs/promises'
import { untilAborted } from '../../kit/abort.ts'
import { hasCode, LeaseFileError } from './failure.ts'

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
  readonly isAdmitted: (path: string) => Promise<boolean>
  /** Is told about the file before it is opened. */
  readonly onStats: (stats: FileStats) => void
}

// A plain open of a FIFO blocks a thread of libuv for ever, and four such probes all file I/O of the process.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)

const attempts = 3

/** Opens, closing the file again should it come after the signal. */
async function openAborting(path: string, signal: AbortSignal): Promise<FileHandle> {
  const pending = open(path, flags)
  try {
    return await untilAborted(pending, signal)
  } catch (error) {
    pending.then(
      handle => handle.close(),
      () => undefined,
    )
    throw error
  }
}

/** Closes a file; after an abort without waiting for a read that may hang. */
export async function closeSoon(handle: FileHandle, signal: AbortSignal): Promise<void> {
  await untilAborted(handle.close(), signal).catch(() => undefined)
}

/** Whether the kernel says that what was opened is admitted; true where it does not say. */
async function isAdmittedByKernel(handle: FileHandle, { isAdmitted }: OpenOptions): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const path = await readlink(`/proc/self/fd/${handle.fd}`).catch(() => undefined)
  return path === undefined || isAdmitted(path)
}

/** One attempt; undefined when the path came to name another file between two steps. */
async function tryOpen(options: OpenOptions): Promise<OpenFile | undefined> {
  const { signal, onStats } = options
  const realPath = await untilAborted(options.resolve(), signal)
  const before = await untilAborted(stat(realPath, { bigint: true }), signal)
  if (!before.isFile()) throw new LeaseFileError('not_regular_file', 'not a regular file')
  onStats(before)
  const handle = await openAborting(realPath, signal).catch(error => {
    if (hasCode(error, 'ELOOP', 'ENXIO')) return undefined
    throw error
  })
  if (handle === undefined) return undefined
  let file: OpenFile | undefined
  try {
    const stats = await untilAborted(handle.stat({ bigint: true }), signal)
    const isSame = stats.dev === before.dev && stats.ino === before.ino
    if (isSame && (await untilAborted(isAdmittedByKernel(handle, options), signal))) file = { handle, realPath, stats }
    return file
  } finally {
    if (file === undefined) await closeSoon(handle, signal)
  }
}

/**
 * Opens a regular file, proof against links and files that are swapped between the steps. Throws `LeaseFileError`, or
 * the error of the file system.
 */
export async function openRegular(options: OpenOptions): Promise<OpenFile> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const file = await tryOpen(options)
    if (file !== undefined) return file
  }
  throw new LeaseFileError('read_error', 'the file was replaced again and again while it was being opened')
}
