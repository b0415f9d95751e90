import { untilAborted } from '../../kit/abort.ts'
import { hasGrown, isEarlier, isSame, type Known, LeaseCache } from './cache.ts'
import { LeaseFileError } from './failure.ts'
import { Flights, type Waiter } from './flights.ts'
import type { FileFacts, LeaseFormat } from './formats/format.ts'
import type { Leases } from './leases.ts'
import { openParts } from './open-parts.ts'
import { parseParts } from './parse.ts'
import type { Job, Opened, Part } from './parts.ts'

/** A lease file, or a set of them, as it was read. Nobody changes the leases any more. */
export interface LeaseFile {
  readonly format: LeaseFormat
  readonly leases: Leases
  readonly facts: FileFacts
  /** It was still being changed when it was read for the last time. */
  readonly changed: boolean
  /** Of the reading whose result this is. */
  readonly parseMs: number
}

const maxRereads = 2
const maxReopenings = 2

/** How far ahead of our clock a server may say that it wrote its file. */
const maxAheadSeconds = 3600

// They outlive the probes, and show in nothing but speed.
const cache = new LeaseCache()
const flights = new Flights<Known>()

/** All that shapes what a file comes to, besides its octets. */
const keyOf = (path: string, { options, keepsDetails }: Job): string =>
  JSON.stringify([path, options.format, options.family, options.kea_side_files, options.max_entries, keepsDetails])

/** The format of a file that is as it was when it was read last; undefined when it must be looked at. */
const recallFormat = (job: Job) => (current: Part) => {
  const known = cache.get(keyOf(current.realPath, job))
  const part = known?.parts.at(-1)
  return known && part && isSame({ parts: [part] }, [current]) ? known.file.format : undefined
}

/** Reads what was opened, and closes it. */
async function readNow(key: string, opened: Opened, job: Job, { signal, remainingMs }: Waiter): Promise<Known> {
  try {
    const known = cache.get(key)
    const grown = known && hasGrown(known, opened.parts) ? known : undefined
    const read = await parseParts(opened, { ...job, ctx: { ...job.ctx, signal, remainingMs } }, grown)
    if (!read.file.changed) cache.put(key, read)
    return read
  } finally {
    await opened.close(signal)
  }
}

const identityOf = ({ parts }: Opened): string =>
  parts.map(({ name, stats: { dev, ino, size, mtimeNs } }) => [name, dev, ino, size, mtimeNs].join(':')).join()

/**
 * What the opened parts come to: from the cache, from a reading that others wait for, or by reading them. Undefined
 * when somebody has read a later state of them meanwhile, unless they are to be read all the same.
 */
async function readShared(opened: Opened, job: Job, mayReopen: boolean): Promise<Known | undefined> {
  const { ctx } = job
  const key = keyOf(opened.path, job)
  const identity = identityOf(opened)
  let isHandedOver = false
  try {
    for (;;) {
      const known = cache.get(key)
      if (known && isSame(known, opened.parts)) {
        ctx.log.debug('the file is as it was when it was read last')
        return known
      }
      if (mayReopen && known && isEarlier(opened.parts, known)) return undefined
      const flight = flights.get(key)
      if (flight === undefined) {
        isHandedOver = true
        return await flights.start(key, identity, own => readNow(key, opened, job, own)).join(ctx)
      }
      ctx.log.debug('another probe is reading the file', { same_state: flight.identity === identity })
      if (flight.identity === identity) return await flight.join(ctx)
      await untilAborted(flight.ended, ctx.signal)
      if (mayReopen) return undefined
    }
  } finally {
    if (!isHandedOver) await opened.close(ctx.signal)
  }
}

async function readOpened(job: Job): Promise<Known> {
  for (let reopenings = 0; ; reopenings++) {
    const known = await readShared(await openParts(job, recallFormat(job)), job, reopenings < maxReopenings)
    if (known !== undefined) return known
  }
}

/**
 * Reads a lease file, again when it was changed meanwhile and there is time for it. Throws `LeaseFileError`, the errors
 * of the file system and the signal's reason.
 */
export async function readLeaseFile(job: Job): Promise<LeaseFile> {
  for (let rereads = 0; ; rereads++) {
    const startedMs = performance.now()
    const { file } = await readOpened(job)
    const tookMs = performance.now() - startedMs
    if (!file.changed || rereads === maxRereads || job.ctx.remainingMs() < 2 * tookMs) return file
    job.ctx.log.debug('the file changed while it was being read, reading it again', { rereads: rereads + 1 })
  }
}

/**
 * Throws `LeaseFileError('malformed')` when the counts cannot be trusted: too many entries were skipped, or the file
 * was written in the future.
 */
export function checkMalformed({ leases, facts }: LeaseFile, maxRatio: number, nowMs: number): void {
  const { entries, malformed } = leases
  if (facts.writtenAt !== undefined && facts.writtenAt > nowMs / 1000 + maxAheadSeconds) {
    throw new LeaseFileError('malformed', 'the file says that it was written more than an hour from now')
  }
  if (malformed === 0 || malformed / entries <= maxRatio) return
  const place = facts.firstMalformed === undefined ? '' : `, the first at ${facts.firstMalformed}`
  throw new LeaseFileError('malformed', `${malformed} of ${entries} entries are malformed${place}`)
}
