import { constants, existsSync, readFileSync, statSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { untilAborted } from '../abort.ts'
import { isExhaustion, ProbeFailure } from '../failure.ts'

interface Stamp {
  readonly mtimeMs: number
  readonly size: number
  readonly ino: number
}

/** The content of a file that the configuration names; `version` changes when the content may have. */
export interface NamedFile {
  readonly octets: Buffer
  readonly version: string
}

const cache = new WeakMap<object, Map<string, NamedFile>>()

const versionOf = ({ mtimeMs, size, ino }: Stamp) => `${mtimeMs}/${size}/${ino}`

function asFailure(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException).code
  if (code === undefined || isExhaustion(error)) return error
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ProbeFailure('not_found', `file ${path} is missing`, { cause: error })
  }
  return new ProbeFailure('denied', `file ${path} cannot be read: ${code}`, { cause: error })
}

async function readAnew(path: string, maxBytes: number): Promise<NamedFile> {
  // Without O_NONBLOCK, opening a FIFO would wait for its writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw new ProbeFailure('denied', `${path} is not a regular file`)
    if (stats.size > maxBytes) throw new ProbeFailure('too_large', `file ${path} is larger than ${maxBytes} octets`)
    const octets = Buffer.alloc(stats.size)
    let filled = 0
    while (filled < octets.length) {
      const { bytesRead } = await handle.read(octets, filled, octets.length - filled, filled)
      if (bytesRead === 0) break // it was cut while we read
      filled += bytesRead
    }
    return { octets: octets.subarray(0, filled), version: versionOf(stats) }
  } finally {
    await handle.close()
  }
}

/**
 * Reads a file that the configuration names, again only when its time, size or inode changed. `owner` is the part of
 * the configuration that names it: what is kept goes when that goes. A file system that hangs cannot be called off, so
 * with a `signal` this rejects with its reason as soon as that aborts.
 *
 * Throws `ProbeFailure`: `not_found` when it is missing, `denied` when it cannot be read or is no regular file,
 * `too_large` above `maxBytes`.
 */
export const readNamed = (owner: object, path: string, maxBytes: number, signal?: AbortSignal): Promise<NamedFile> =>
  signal === undefined ? readKept(owner, path, maxBytes) : untilAborted(readKept(owner, path, maxBytes), signal)

async function readKept(owner: object, path: string, maxBytes: number): Promise<NamedFile> {
  const files = cache.get(owner) ?? new Map<string, NamedFile>()
  cache.set(owner, files)
  try {
    const known = files.get(path)
    if (known !== undefined && versionOf(await stat(path)) === known.version) return known
    const file = await readAnew(path, maxBytes)
    files.set(path, file)
    return file
  } catch (error) {
    files.delete(path)
    throw asFailure(path, error)
  }
}

/** Like `readNamed`, as text without the white space around it. */
export async function readNamedText(
  owner: object,
  path: string,
  maxBytes = 65_536,
  signal?: AbortSignal,
): Promise<string> {
  return (await readNamed(owner, path, maxBytes, signal)).octets.toString('utf8').trim()
}

/** What a load check can see of a file now; undefined when it cannot be read, which may change until the probe. */
export function peek(path: string, maxBytes: number): Buffer | undefined {
  try {
    const stats = statSync(path)
    return stats.isFile() && stats.size <= maxBytes ? readFileSync(path) : undefined
  } catch {
    return undefined
  }
}

/** Warnings, at load, about files that are not there. */
export const missingFiles = (named: Readonly<Record<string, string | undefined>>): readonly string[] =>
  Object.entries(named).flatMap(([option, path]) =>
    path !== undefined && path !== '' && !existsSync(path) ? [`${option}: file ${path} is missing`] : [],
  )
