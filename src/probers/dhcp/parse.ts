import { untilAborted, wait } from '../../kit/abort.ts'
import { readAt } from '../../kit/files/read-at.ts'
import type { Known } from './cache.ts'
import type { Checkpoint, FileFacts, LeaseReader } from './formats/format.ts'
import { hasSetChanged } from './kea-set.ts'
import { Leases } from './leases.ts'
import { isSettled, isYounger, type Job, type Opened, type Part, settleMs } from './parts.ts'
import { readThrough, Tail } from './read.ts'

/** What the octets of some parts came to. */
interface Reading {
  readonly leases: Leases
  /** By part. */
  readonly facts: readonly FileFacts[]
  readonly checkpoint: Checkpoint | undefined
  readonly tail: Buffer
  readonly isShorter: boolean
}

/** An empty file may just have been truncated, so its server has more time to fill it. */
const emptyYoungMs = 1000
const emptySettleMs = 250

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

/** The family that a part must be of: the parts of a set belong together. */
const familyOf = (facts: readonly FileFacts[], { family }: Job['options']) =>
  facts.find(own => own.family !== undefined)?.family ?? family

/** Whether a file that its server writes again in place was touched since it was opened, or may be in the middle of it. */
async function isBeingRewritten({ handle, stats }: Part, { signal, remainingMs }: Job['ctx']): Promise<boolean> {
  const isEmpty = stats.size === 0n
  const youngMs = isEmpty ? emptyYoungMs : settleMs
  if (isYounger(stats, youngMs)) {
    await wait(Math.min(isEmpty ? emptySettleMs : settleMs, remainingMs() / 4), signal)
  }
  const now = await untilAborted(handle.stat({ bigint: true }), signal)
  return now.size !== stats.size || now.mtimeNs !== stats.mtimeNs || (isEmpty && isYounger(stats, youngMs))
}

async function hasChanged({ parts, format, setBase }: Opened, { ctx }: Job): Promise<boolean> {
  for (const part of parts) if (format.rewrittenInPlace && (await isBeingRewritten(part, ctx))) return true
  if (setBase === undefined) return false
  const opened = new Map(parts.map(({ name, stats }) => [name, stats]))
  return untilAborted(hasSetChanged(setBase, opened), ctx.signal)
}

function logRead({ ctx }: Job, { name }: Part, from: number, { incompleteTail, firstMalformed }: FileFacts): void {
  const fields = { part: name, from_octet: from, incomplete_tail: incompleteTail, first_malformed: firstMalformed }
  ctx.log.debug('read the lease file', fields)
}

async function readWhole({ parts, format }: Opened, job: Job): Promise<Reading> {
  const { ctx, options, keepsDetails } = job
  const leases = new Leases({ maxEntries: options.max_entries, keepsDetails })
  const facts: FileFacts[] = []
  let end: ReturnType<LeaseReader['end']> | undefined
  let tail = new Tail(0)
  let isShorter = false
  for (const part of parts) {
    const to = Number(part.stats.size)
    const reader = format.createReader(leases, { family: familyOf(facts, options) })
    tail = new Tail(to)
    if (!(await readThrough(part.handle, { from: 0, to }, reader, ctx.signal, tail))) isShorter = true
    end = reader.end()
    facts.push(end.facts)
    logRead(job, part, 0, end.facts)
  }
  return { leases, facts, checkpoint: end?.checkpoint, tail: tail.octets, isShorter }
}

/**
 * Reads what was appended to the last part; undefined when that is not all that changed. A copy over a file keeps its
 * inode, so the octets before the old end must be those of then.
 */
async function readAppended({ parts, format }: Opened, job: Job, known: Known): Promise<Reading | undefined> {
  const { ctx, options } = job
  const [part, before] = [parts.at(-1), known.parts.at(-1)]
  if (part === undefined || before === undefined || known.appendable === undefined) return undefined
  const { checkpoint, tail: oldTail } = known.appendable
  const [from, to] = [Number(before.stats.size) - oldTail.length, Number(part.stats.size)]
  const octets = await readAt(part.handle, from, oldTail.length, ctx.signal)
  if (!octets.equals(oldTail)) return undefined
  const tail = new Tail(to)
  tail.note(from, octets)
  const leases = known.file.leases.fork()
  const reader = format.createReader(leases, { family: familyOf(known.sideFacts, options) }, checkpoint)
  const isLong = await readThrough(part.handle, { from: checkpoint.offset, to }, reader, ctx.signal, tail)
  const end = reader.end()
  logRead(job, part, checkpoint.offset, end.facts)
  const facts = [...known.sideFacts, end.facts]
  return { leases, facts, checkpoint: end.checkpoint, tail: tail.octets, isShorter: !isLong }
}

/** Reads the parts that were opened, or what was appended to a file that is known. Throws `LeaseFileError`. */
export async function parseParts(opened: Opened, job: Job, grown: Known | undefined): Promise<Known> {
  const startedMs = performance.now()
  const parts = opened.parts.map(({ name, stats }) => ({ name, stats, isSettled: isSettled(stats) }))
  const appended = grown && (await readAppended(opened, job, grown))
  const { leases, facts, checkpoint, tail, isShorter } = appended ?? (await readWhole(opened, job))
  const parseMs = performance.now() - startedMs
  const changed = isShorter || (await hasChanged(opened, job))
  const file = { format: opened.format, leases, facts: combine(facts), changed, parseMs }
  const isCurrent = parts.at(-1)?.name === 'current'
  const appendable = checkpoint !== undefined && isCurrent ? { checkpoint, tail } : undefined
  return { file, parts, sideFacts: facts.slice(0, -1), appendable }
}
