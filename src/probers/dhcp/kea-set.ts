import { stat } from 'node:fs/promises'
import type { FileStats } from '../../kit/files/open.ts'
import { hasCode } from '../../kit/files/refused.ts'

/** The files that hold a server's leases; all but Kea have one, the current. */
export type PartName = 'completed' | '2' | '1' | 'current'

/** Suffixes of the files that Kea's lease file cleanup leaves beside the current one. */
export const suffixes: Readonly<Record<PartName, string>> = { completed: '.completed', 2: '.2', 1: '.1', current: '' }

/** Kea's order of loading (memfile_lease_mgr.cc, loadLeasesFromFiles); `.output` and `.pid` are never read. */
export const loadOrder: readonly (readonly PartName[])[] = [['completed'], ['2', '1']]

const isSame = (name: PartName, was: FileStats, now: FileStats) =>
  was.dev === now.dev &&
  was.ino === now.ino &&
  // The current file grows all the time; the others never change, but an inode may be used again.
  (name === 'current' || (was.size === now.size && was.mtimeNs === now.mtimeNs))

/** Whether the cleanup changed the set since its parts were opened, so that leases may have been missed. */
export async function hasSetChanged(base: string, opened: ReadonlyMap<PartName, FileStats>): Promise<boolean> {
  const passedOver = opened.has('completed') ? ['2', '1'] : []
  for (const [name, suffix] of Object.entries(suffixes) as [PartName, string][]) {
    if (passedOver.includes(name)) continue
    const was = opened.get(name)
    const now = await stat(base + suffix, { bigint: true }).catch(error => {
      if (hasCode(error, 'ENOENT', 'ENAMETOOLONG')) return undefined
      throw error
    })
    if (was === undefined || now === undefined ? was !== now : !isSame(name, was, now)) return true
  }
  return false
}
