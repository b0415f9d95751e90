import { createHash } from 'node:crypto'
import { readSources, type Sources } from './sources.ts'

/** The modules files as they are read for each load, and whether they have changed since. */
export interface WatchedSources {
  read(): Promise<Sources>
  /** Whether the files differ from those that `read` or `hasChanged` saw last; files that cannot be read differ once. */
  hasChanged(): Promise<boolean>
}

function digestOf({ sources }: Sources): string {
  const hash = createHash('sha256')
  for (const { file, text } of sources) hash.update(JSON.stringify([file, text]))
  return hash.digest('hex')
}

export function watchSources(names: readonly string[]): WatchedSources {
  let seen: string | undefined
  return {
    async read() {
      const sources = await readSources(names)
      seen = digestOf(sources)
      return sources
    },
    async hasChanged() {
      const before = seen
      seen = await readSources(names).then(digestOf, (error: Error) => error.message)
      return seen !== before
    },
  }
}

const longestTimerMs = 2 ** 31 - 1

/** Calls `reload` when `hasChanged` says so, which it is asked every `intervalMs`, one after another. Returns how to stop. */
export function startAutoReload(
  hasChanged: () => Promise<boolean>,
  reload: () => Promise<unknown>,
  intervalMs: number,
): () => void {
  let isBusy = false
  const look = async () => {
    if (isBusy) return
    isBusy = true
    // A reload that fails has said why; the files are tried again when they have changed again.
    await hasChanged()
      .then(changed => (changed ? reload() : undefined))
      .catch(() => undefined)
    isBusy = false
  }
  const timer = setInterval(() => void look(), Math.min(intervalMs, longestTimerMs))
  timer.unref()
  return () => clearInterval(timer)
}
