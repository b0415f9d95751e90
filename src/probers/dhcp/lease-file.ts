import { untilAborted, wait } from '../../kit/abort.ts'
import type { ProbeContext } from '../../kit/prober.ts'
import { LeaseFileError } from './failure.ts'
import type { FileFacts, LeaseFormat } from './formats/format.ts'
import { hasSetChanged } from './kea-set.ts'
import { Leases } from './leases.ts'
import { isYounger, type Job, type Opened, type Part, settleMs, withParts } from './parts.ts'
import { readThrough } from './read.ts'

/** A lease file, or a set of them, as it was read. */
export interface LeaseFile {
  readonly format: LeaseFormat
  readonly leases: Leases
  readonly facts: FileFacts
  /** It was still being changed when it was read for the last time. */
  readonly changed: boolean
  readonly parseMs: number
}

const maxRereads = 2

/** What the parts told together; the schema is that of the last one that has a header. */
const combine = (facts: readonly FileFacts[]): FileFacts => ({
  incompleteTail: facts.some(({ incompleteTail }) => incompleteTail),
  schema: facts.findLast(({ family }) => family !== undefined)?.schema ?? facts.at(-1)?.schema ?? '',
  family: facts.findLast(({ family }) => family !== undefined)?.family,
  endsAreLengths: facts.some(({ endsAreLengths }) => endsAreLengths),
  firstMalformed: facts.find(({ firstMalformed }) => firstMalformed !== undefined)?.firstMalformed,
  failover: facts.flatMap(({ failover }) => failover),
  writtenAt: facts.at(-1)?.writtenAt,
})

/** An empty file may just have been truncated, so its server has more time to fill it. */
const emptyYoungMs = 1000
const emptySettleMs = 250

/** Whether a file that its server writes again in place was touched since it was opened, or may be in the middle of it. */
async function isBeingRewritten({ handle, stats }: Part, { signal, remainingMs }: ProbeContext): Promise<boolean> {
  const isEmpty = stats.size === 0n
  const youngMs = isEmpty ? emptyYoungMs : settleMs
  if (isYounger(stats, youngMs)) {
    await wait(Math.min(isEmpty ? emptySettleMs : settleMs, remainingMs() / 4), signal)
  }
  const now = await untilAborted(handle.stat({ bigint: true }), signal)
  return now.size !== stats.size || now.mtimeNs !== stats.mtimeNs || (isEmpty && isYounger(stats, youngMs))
}

async function hasChanged({ parts, format, setBase }: Opened, { ctx, stats }: Job): Promise<boolean> {
  for (const part of parts) if (format.rewrittenInPlace && (await isBeingRewritten(part, ctx))) return true
  return setBase !== undefined && (await untilAborted(hasSetChanged(setBase, stats), ctx.signal))
}

async function readParts(opened: Opened, job: Job): Promise<LeaseFile> {
  const { ctx, options } = job
  const startedMs = performance.now()
  const leases = new Leases({ maxEntries: options.max_entries, keepsDetails: job.keepsDetails })
  const facts: FileFacts[] = []
  let isShorter = false
  for (const { name, handle, stats } of opened.parts) {
    const reader = opened.format.createReader(leases, { family: options.family })
    if (!(await readThrough(handle, Number(stats.size), reader, ctx.signal))) isShorter = true
    const { facts: told } = reader.end()
    facts.push(told)
    ctx.log.debug('read the lease file', {
      part: name,
      incomplete_tail: told.incompleteTail,
      first_malformed: told.firstMalformed,
    })
  }
  const parseMs = performance.now() - startedMs
  const changed = isShorter || (await hasChanged(opened, job))
  return { format: opened.format, leases, facts: combine(facts), changed, parseMs }
}

/**
 * Reads a lease file, again when it was changed meanwhile and there is time for it. Throws `LeaseFileError`, the errors
 * of the file system and the signal's reason.
 */
export async function readLeaseFile(job: Job): Promise<LeaseFile> {
  for (let rereads = 0; ; rereads++) {
    const startedMs = performance.now()
    const file = await withParts(job, opened => readParts(opened, job))
    const tookMs = performance.now() - startedMs
    if (!file.changed || rereads === maxRereads || job.ctx.remainingMs() < 2 * tookMs) return file
    job.ctx.log.debug('the file changed while it was being read, reading it again', { rereads: rereads + 1 })
  }
}

/** Throws `LeaseFileError('malformed')` when too many entries were skipped for the counts to be trusted. */
export function checkMalformed({ leases, facts }: LeaseFile, maxRatio: number): void {
  const { entries, malformed } = leases
  if (malformed === 0 || malformed / entries <= maxRatio) return
  const line = facts.firstMalformed === undefined ? '' : `, the first at ${facts.firstMalformed}`
  throw new LeaseFileError('malformed', `${malformed} of ${entries} entries are malformed${line}`)
}
