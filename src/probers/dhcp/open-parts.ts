import { untilAborted, wait } from '../../kit/abort.ts'
import { closeSoon, openRegular } from '../../kit/files/open.ts'
import { hasCode } from '../../kit/files/refused.ts'
import { isAdmitted, resolveTarget } from '../../kit/files/resolve.ts'
import { createRoots, type PathPolicy } from '../../kit/files/roots.ts'
import { LeaseFileError } from './failure.ts'
import { chooseFormat, formats, headBytes } from './formats/detect.ts'
import type { LeaseFormat } from './formats/format.ts'
import { beginsLikeKea } from './formats/kea-header.ts'
import { loadOrder, type PartName, suffixes } from './kea-set.ts'
import { isYounger, type Job, type Opened, type Part, settleMs } from './parts.ts'
import { readHead } from './read.ts'
import { resolveSideFile, sideFileBase } from './side-file.ts'

/** Tells the format of a file that need not be looked at. */
export type RecallFormat = (current: Part) => LeaseFormat | undefined

/** Opens a part; undefined when it is missing. */
async function openPart(
  { ctx, path, stats }: Job,
  policy: PathPolicy,
  name: PartName,
  base = path,
): Promise<Part | undefined> {
  const suffix = suffixes[name]
  const { signal } = ctx
  stats.delete(name)
  try {
    const file = await openRegular({
      signal,
      resolve: () => (name === 'current' ? resolveTarget(path, policy) : resolveSideFile(base, suffix, policy)),
      isAdmitted: (opened, real) => isAdmitted(opened, real, policy, suffix),
      onStats: found => stats.set(name, found),
    })
    ctx.log.debug('opened the lease file', { part: name, bytes: Number(file.stats.size) })
    return { name, ...file }
  } catch (error) {
    // A side file has a longer name than the current one.
    if (hasCode(error, 'ENOENT', 'ENAMETOOLONG')) return undefined
    throw error
  }
}

/** Throws `LeaseFileError('too_large')`, before an octet is read. */
function checkSize({ options, stats }: Job): number {
  const total = Number([...stats.values()].reduce((sum, { size }) => sum + size, 0n))
  if (total > options.max_file_bytes) {
    throw new LeaseFileError('too_large', `${total} octets, more than ${options.max_file_bytes}`)
  }
  return total
}

const headOf = ({ handle, stats }: Part, signal: AbortSignal): Promise<Buffer> =>
  readHead(handle, Math.min(headBytes, Number(stats.size)), signal)

/** The format of a part by its head; undefined when it has no octets. */
async function formatOf(part: Part, { ctx, options }: Job): Promise<LeaseFormat | undefined> {
  const octets = await headOf(part, ctx.signal)
  if (octets.length === 0) return undefined
  return chooseFormat(options.format, { octets, sizeBytes: Number(part.stats.size) }, ctx.now())
}

type Opener = (name: PartName, base?: string) => Promise<Part | undefined>

/** The current file; undefined when it is missing. */
async function openCurrent({ ctx, options }: Job, open: Opener): Promise<Part | undefined> {
  const current = await open('current')
  const isHalfway = current?.stats.size === 0n && isYounger(current.stats, settleMs)
  if (!isHalfway || (options.format !== 'auto' && options.empty_ok)) return current
  await wait(settleMs, ctx.signal)
  return open('current')
}

/** The side files of a Kea set in Kea's order of loading. */
async function openSideFiles(base: string, open: Opener): Promise<Part[]> {
  for (const names of loadOrder) {
    const parts: Part[] = []
    for (const name of names) {
      const part = await open(name, base)
      if (part !== undefined) parts.push(part)
    }
    if (parts.length > 0) return parts
  }
  return []
}

/** Whether files that may be anything are Kea's, by the first of them that has octets. */
async function areKea(parts: readonly Part[], { ctx, options }: Job): Promise<boolean> {
  if (options.format === 'kea-csv') return true
  for (const part of parts) {
    const head = await headOf(part, ctx.signal)
    if (head.length > 0) return beginsLikeKea(head.toString('latin1'))
  }
  return false
}

async function openAll(
  job: Job,
  policy: PathPolicy,
  recallFormat: RecallFormat,
  open: Opener,
): Promise<Omit<Opened, 'close'>> {
  const { options, ctx, path } = job
  let current = await openCurrent(job, open)
  checkSize(job)
  const seen = current && (recallFormat(current) ?? (await formatOf(current, job)))
  const mayBeSet = options.kea_side_files && (options.format === 'kea-csv' || options.format === 'auto')
  const isSet = mayBeSet && (seen === undefined || seen.name === 'kea-csv')
  const base = isSet ? await untilAborted(sideFileBase(path, current?.realPath, policy), ctx.signal) : undefined
  let sides = base === undefined ? [] : await openSideFiles(base, open)
  if (seen === undefined && !(await areKea(sides, job))) {
    for (const { name } of sides) job.stats.delete(name)
    sides = []
  }
  if (current === undefined && sides.length > 0) {
    // Between renaming the current file and creating a new one.
    await wait(settleMs, ctx.signal)
    current = await open('current')
  }
  const parts = current === undefined ? sides : [...sides, current]
  if (parts.length === 0) throw new LeaseFileError('not_found', 'no such file')
  const total = checkSize(job)
  const named = options.format === 'auto' ? undefined : formats[options.format]
  const format = seen ?? (sides.length > 0 ? formats['kea-csv'] : named)
  if (format === undefined || (total === 0 && !options.empty_ok)) throw new LeaseFileError('empty', 'the file is empty')
  ctx.log.debug('decided on the format', { format: format.name, parts: parts.length, bytes: total })
  const setBase = format.name === 'kea-csv' ? base : undefined
  return { parts, format, setBase, path: current?.realPath ?? base ?? path }
}

/**
 * Opens all that a file consists of; whoever gets it has to close it. Throws `LeaseFileError`, the errors of the file
 * system and the signal's reason.
 */
export async function openParts(job: Job, recallFormat: RecallFormat): Promise<Opened> {
  const toClose: Part[] = []
  const close = async (signal: AbortSignal) => {
    await Promise.all(toClose.map(({ handle }) => closeSoon(handle, signal)))
  }
  const policy = { roots: createRoots(job.options.roots), symlinks: job.options.symlinks }
  job.stats.clear()
  const open: Opener = async (name, base) => {
    const part = await openPart(job, policy, name, base)
    if (part !== undefined) toClose.push(part)
    return part
  }
  try {
    return { ...(await openAll(job, policy, recallFormat, open)), close }
  } catch (error) {
    await close(job.ctx.signal)
    throw error
  }
}
