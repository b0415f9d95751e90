import { untilAborted } from '../../../kit/abort.ts'
import type { ProbeContext } from '../../../kit/prober.ts'
import type { DocumentResult } from '../extract/answer.ts'

interface Entry {
  /** Undefined until there has been one. */
  known: { readonly result: DocumentResult; readonly endMs: number } | undefined
  /** The request under way; it comes to nothing, undefined, when the probe that made it was aborted. */
  flight: Promise<DocumentResult | undefined> | undefined
}

/** More targets of one module than any sonde logs in to. */
const maxEntries = 1000

/** What was made of answers that may be used again: by the options of a module, then by target, parameters and request. */
const kept = new WeakMap<object, Map<string, Entry>>()

function entryFor(owner: object, key: string): Entry {
  const entries = kept.get(owner) ?? new Map<string, Entry>()
  kept.set(owner, entries)
  const entry = entries.get(key) ?? { known: undefined, flight: undefined }
  entries.delete(key)
  entries.set(key, entry)
  const [oldest] = entries.keys()
  if (entries.size > maxEntries && oldest !== undefined) entries.delete(oldest)
  return entry
}

/** Which answer is wanted. */
export interface Wanted {
  /** The options of the module: what is kept goes when they go. */
  readonly owner: object
  readonly key: string
  readonly ttlMs: number
  /** What must have been extracted of an answer that is kept. */
  readonly names: readonly string[]
  /** What the target has just refused, and is not to be used again. */
  readonly rejected: DocumentResult | undefined
}

function start(
  entry: Entry,
  { ttlMs, names }: Wanted,
  work: () => Promise<DocumentResult>,
  { now, signal }: ProbeContext,
): Promise<DocumentResult> {
  const own = work()
    .then(result => {
      const isWhole = result.fault === undefined && names.every(name => Object.hasOwn(result.extracted, name))
      if (isWhole) entry.known = { result, endMs: now() + ttlMs }
      return result
    })
    .finally(() => {
      entry.flight = undefined
    })
  entry.flight = own.catch((error: unknown) => {
    if (!signal.aborted) throw error
    return undefined
  })
  entry.flight.catch(() => undefined) // there may be nobody who waits
  return own
}

/**
 * What was made of an answer before, while it may be used, else what `work` makes. Probes that want the same at the
 * same time share one request; when its own probe is aborted, the next one asks anew. Throws what `work` throws.
 */
export async function keptOr(
  wanted: Wanted,
  work: () => Promise<DocumentResult>,
  ctx: ProbeContext,
): Promise<{ readonly result: DocumentResult; readonly isOld: boolean }> {
  const entry = entryFor(wanted.owner, wanted.key)
  const { known } = entry
  if (known !== undefined && known.result !== wanted.rejected && ctx.now() < known.endMs) {
    return { result: known.result, isOld: true }
  }
  entry.known = undefined
  for (;;) {
    ctx.signal.throwIfAborted()
    if (entry.flight === undefined) return { result: await start(entry, wanted, work, ctx), isOld: false }
    ctx.log.debug('waiting for the answer that another probe asks for')
    const result = await untilAborted(entry.flight, ctx.signal)
    if (result !== undefined) return { result, isOld: false }
  }
}

/** Forgets what was kept, unless it is something newer by now. */
export function forget(owner: object, key: string, rejected: DocumentResult): void {
  const entry = kept.get(owner)?.get(key)
  if (entry?.known?.result === rejected) entry.known = undefined
}
