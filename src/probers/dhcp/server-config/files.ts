import {
  type BigIntStats,
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
} from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { untilAborted } from '../../../kit/abort.ts'
import { closeSoon, openAborting } from '../../../kit/files/open.ts'
import { createSlices } from '../../../kit/slices.ts'
import { toLeaseFileError } from '../failure.ts'
import { isSettled } from '../parts.ts'
import { readHead } from '../read.ts'
import type { Reading, Reply, Wish } from './reading.ts'

const maxBytes = 8 * 2 ** 20
const maxFiles = 500

// A plain open of a FIFO would wait for its writer.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/** What tells whether a file or folder changed since it was read, by path; those that could not be read are in it too. */
export type Identities = Map<string, string>

const missing = 'missing'

/** A file that was written just now may change again without a trace in its time and size: nothing is equal to it. */
const identityOf = (stats: BigIntStats): string =>
  !isSettled(stats) ? '' : [stats.dev, stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join()

/** What was read so far. */
class Progress {
  readonly identities: Identities
  #files = 0
  #bytes = 0

  constructor(identities: Identities) {
    this.identities = identities
  }

  /** Notes a file that is open; returns why it must not be read, if so. */
  note(path: string, stats: BigIntStats): string | undefined {
    this.identities.set(path, identityOf(stats))
    this.#bytes += Number(stats.size)
    if (!stats.isFile()) return 'not a regular file'
    if (++this.#files > maxFiles) return `more than ${maxFiles} files`
    return this.#bytes > maxBytes ? `more than ${maxBytes} octets` : undefined
  }
}

/** An error of the file system as an answer; others, such as those of a process out of descriptors, go on. */
function faultOf(error: unknown): Reply {
  const known = toLeaseFileError(error)
  if (known === undefined) throw error
  return { fault: known.message }
}

const mayBeRead = (entry: Dirent): boolean => entry.isFile() || entry.isSymbolicLink()

function readFileNow(path: string, progress: Progress): Reply {
  const fd = openSync(path, flags)
  try {
    const stats = fstatSync(fd, { bigint: true })
    const fault = progress.note(path, stats)
    if (fault !== undefined) return { fault }
    const octets = Buffer.alloc(Number(stats.size))
    let filled = 0
    for (let read = -1; filled < octets.length && read !== 0; filled += read) {
      read = readSync(fd, octets, filled, octets.length - filled, filled)
    }
    return { text: octets.toString('utf8', 0, filled) }
  } finally {
    closeSync(fd)
  }
}

function grantNow(wish: Exclude<Wish, 'pause'>, progress: Progress): Reply {
  const path = 'file' in wish ? wish.file : wish.folder
  progress.identities.set(path, missing)
  try {
    if ('file' in wish) return readFileNow(path, progress)
    progress.identities.set(path, identityOf(statSync(path, { bigint: true })))
    const entries = readdirSync(path, { withFileTypes: true }).filter(mayBeRead)
    return { names: entries.map(({ name }) => name).filter(name => statSync(join(path, name)).isFile()) }
  } catch (error) {
    return faultOf(error)
  }
}

/** Does the work of a reader at once, while the configuration is loaded; `identities` is filled also when it throws. */
export function readNow<T>(reading: Reading<T>, identities: Identities): T {
  const progress = new Progress(identities)
  let step = reading.next()
  while (step.done !== true) step = reading.next(step.value === 'pause' ? undefined : grantNow(step.value, progress))
  return step.value
}

async function readFileSoon(path: string, progress: Progress, signal: AbortSignal): Promise<Reply> {
  const handle = await openAborting(await untilAborted(realpath(path), signal), signal)
  try {
    const stats = await untilAborted(handle.stat({ bigint: true }), signal)
    const fault = progress.note(path, stats)
    if (fault !== undefined) return { fault }
    return { text: (await readHead(handle, Number(stats.size), signal)).toString() }
  } finally {
    await closeSoon(handle, signal)
  }
}

async function readFolderSoon(path: string, progress: Progress): Promise<Reply> {
  progress.identities.set(path, identityOf(await stat(path, { bigint: true })))
  const names = (await readdir(path, { withFileTypes: true })).filter(mayBeRead).map(({ name }) => name)
  const areFiles = await Promise.all(names.map(async name => (await stat(join(path, name))).isFile()))
  return { names: names.filter((_name, i) => areFiles[i]) }
}

async function grantSoon(wish: Exclude<Wish, 'pause'>, progress: Progress, signal: AbortSignal): Promise<Reply> {
  const path = 'file' in wish ? wish.file : wish.folder
  progress.identities.set(path, missing)
  try {
    if ('file' in wish) return await readFileSoon(path, progress, signal)
    return await untilAborted(readFolderSoon(path, progress), signal)
  } catch (error) {
    signal.throwIfAborted()
    return faultOf(error)
  }
}

/** Does the work of a reader while others run too. Rejects with the signal's reason when that aborts. */
export async function readSoon<T>(reading: Reading<T>, identities: Identities, signal: AbortSignal): Promise<T> {
  const progress = new Progress(identities)
  const pause = createSlices(signal)
  let step = reading.next()
  while (step.done !== true) {
    await pause()
    step = reading.next(step.value === 'pause' ? undefined : await grantSoon(step.value, progress, signal))
  }
  return step.value
}

/** Whether any of the files and folders is not what it was when it was read. */
export async function haveChanged(identities: Identities, signal: AbortSignal): Promise<boolean> {
  const isSame = async ([path, identity]: readonly [string, string]) => {
    const now = await stat(path, { bigint: true }).then(identityOf, () => missing)
    return identity !== '' && now === identity
  }
  return (await untilAborted(Promise.all([...identities].map(isSame)), signal)).includes(false)
}
