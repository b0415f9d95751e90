import type { FileStats } from '../../kit/files/open.ts'
import type { Checkpoint, FileFacts } from './formats/format.ts'
import type { PartName } from './kea-set.ts'
import type { LeaseFile } from './lease-file.ts'

/** Which file a part is, and what it was like when it was read. */
export interface PartIdentity {
  readonly name: PartName
  readonly stats: FileStats
}

/** A file, or a set of them, that was read before. */
export interface Known {
  readonly file: LeaseFile
  readonly parts: readonly (PartIdentity & {
    /** It was written long enough before it was read that a later write shows in its time. */
    readonly isSettled: boolean
  })[]
  /** Facts of the parts before the last one. */
  readonly sideFacts: readonly FileFacts[]
  /** Where the last part can be read on, and its last octets then; undefined when it cannot. */
  readonly appendable: { readonly checkpoint: Checkpoint; readonly tail: Buffer } | undefined
}

const maxBytes = 256 * 2 ** 20

/** What an entry takes besides its leases. */
const entryBytes = 4096

const isUnchanged = (before: FileStats, now: FileStats): boolean =>
  before.dev === now.dev && before.ino === now.ino && before.size === now.size && before.mtimeNs === now.mtimeNs

/** Whether nothing was written to any part since it was read. */
export const isSame = ({ parts }: Pick<Known, 'parts'>, now: readonly PartIdentity[]): boolean =>
  parts.length === now.length &&
  parts.every(({ name, stats, isSettled }, i) => {
    const own = now[i] as PartIdentity
    return isSettled && name === own.name && isUnchanged(stats, own.stats)
  })

/** Whether the last part alone has grown, by what `stat` tells: its octets are still to be compared. */
export function hasGrown({ parts, appendable }: Known, now: readonly PartIdentity[]): boolean {
  if (appendable === undefined || parts.length !== now.length) return false
  return parts.every(({ name, stats, isSettled }, i) => {
    const own = now[i] as PartIdentity
    if (name !== own.name) return false
    if (i < parts.length - 1) return isSettled && isUnchanged(stats, own.stats)
    return stats.dev === own.stats.dev && stats.ino === own.stats.ino && stats.size < own.stats.size
  })
}

/** Whether what `stat` told may be an earlier state of what is known: the last part was written to and has grown since. */
export function isEarlier(earlier: readonly PartIdentity[], { parts }: Pick<Known, 'parts'>): boolean {
  const [before, now] = [earlier.at(-1), parts.at(-1)]
  if (before === undefined || now === undefined || before.name !== now.name) return false
  if (before.stats.mtimeNs > now.stats.mtimeNs) return false
  return before.stats.dev === now.stats.dev && before.stats.ino === now.stats.ino && before.stats.size < now.stats.size
}

/** What was read, up to a total size; what was asked for least recently goes first. */
export class LeaseCache {
  readonly #entries = new Map<string, { readonly known: Known; readonly bytes: number }>()
  readonly #maxBytes: number
  #bytes = 0

  constructor(limitBytes = maxBytes) {
    this.#maxBytes = limitBytes
  }

  get(key: string): Known | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry.known
  }

  put(key: string, known: Known): void {
    this.#delete(key)
    const bytes = entryBytes + known.file.leases.bytes
    if (bytes > this.#maxBytes) return
    this.#entries.set(key, { known, bytes })
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      this.#delete(oldest)
    }
  }

  #delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0
    this.#entries.delete(key)
  }
}
