import type { FileStats, OpenFile } from '../../kit/files/open.ts'
import type { ProbeContext } from '../../kit/prober.ts'
import type { LeaseFormat } from './formats/format.ts'
import type { PartName } from './kea-set.ts'
import type { Options } from './options.ts'

/** How long a file is left alone that was written just now: its server may not be done. */
export const settleMs = 50

/** What a probe works on. */
export interface Job {
  readonly ctx: ProbeContext
  readonly path: string
  readonly options: Options
  /** Whether what is known of the clients is wanted. */
  readonly keepsDetails: boolean
  /** What `stat` told about each part in the last attempt. */
  readonly stats: Map<PartName, FileStats>
}

export interface Part extends OpenFile {
  readonly name: PartName
}

/** Everything that one attempt opened, in the order in which it is to be read. */
export interface Opened {
  readonly parts: readonly Part[]
  readonly format: LeaseFormat
  /** Path without suffix of a set that may change as a whole; undefined for a single file. */
  readonly setBase: string | undefined
  /** Real path of the file, of a set that of its current one. */
  readonly path: string
  /** Closes the parts; after an abort without waiting. */
  readonly close: (signal: AbortSignal) => Promise<void>
}

/** Whether a file was written less than so many milliseconds ago, by the clock of its file system. */
export const isYounger = ({ mtimeNs }: FileStats, ms: number): boolean =>
  Math.abs(Date.now() - Number(mtimeNs / 1_000_000n)) < ms

/** Some file systems keep times in seconds, FAT in pairs of them. */
const coarsestMs = 2000

/** Whether a file was written long enough ago that a later write shows in its time. */
export const isSettled = (stats: FileStats): boolean =>
  !isYounger(stats, stats.mtimeNs % 1_000_000_000n === 0n ? coarsestMs : settleMs)
