import { setMaxListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { within } from '../../kit/abort.ts'
import { DeadlineExceeded, ProbeFailure } from '../../kit/failure.ts'
import type { ProbeContext } from '../../kit/prober.ts'
import type { DocumentResult } from './extract/answer.ts'
import { merge, type Outcome } from './extract/merge.ts'
import type { ApiOptions } from './options/options.ts'
import { createReport, type Report, reportOutcome } from './report.ts'
import { toProbeFailure } from './request/failed.ts'
import { logOutcome } from './request/log.ts'
import type { Ended } from './request/needs.ts'
import { planOf } from './request/plan.ts'
import { Run } from './request/run.ts'
import type { ApiRequest } from './target.ts'

/** What a probe works on. */
interface Job {
  readonly ctx: ProbeContext
  readonly request: ApiRequest
  readonly options: ApiOptions
  readonly report: Report
  /** What became of the requests so far. */
  readonly ended: Map<string, Ended>
}

/** The failure of the first required request that has failed. */
function requestFailure({ options, ended }: Job): ProbeFailure | undefined {
  for (const { id, required } of planOf(options.written)) {
    const failure = required ? ended.get(id)?.failure : undefined
    if (failure !== undefined) return toProbeFailure(id, failure)
  }
  return undefined
}

/** Makes the series of what was answered so far. */
function outcomeOf({ options, ended }: Job): Outcome {
  const results = [...ended].flatMap(([id, { result }]): [string, DocumentResult][] =>
    result === undefined ? [] : [[id, result]],
  )
  return merge(options.extraction, new Map(results))
}

const manyRows = 1000

/** Whether there are so many series that others shall have their turn while they are put together. */
const isLarge = ({ ended }: Job): boolean =>
  [...ended.values()].some(({ result }) => result?.entries.some(({ rows }) => rows.length > manyRows))

/** Tells the series. Returns why the probe has failed, if it has. */
function conclude(job: Job, outcome: Outcome): ProbeFailure | undefined {
  const { ctx } = job
  reportOutcome(ctx.metrics, outcome)
  logOutcome(ctx.log, outcome)
  const [first] = outcome.failures
  return requestFailure(job) ?? (first === undefined ? undefined : new ProbeFailure('content', first))
}

/** What is left of the time when requests are given up: that one is optional must not fail the probe by its silence. */
const marginMs = (remainingMs: number): number => Math.min(100, remainingMs / 20)

function settle({ ctx, report, ended }: Job, id: string, end: Ended): void {
  ended.set(id, end)
  const { failure } = end
  if (failure === undefined) {
    report.succeeded(id)
  } else {
    report.failed(id, failure.reason)
    ctx.log.info('request failed', { request: id, reason: failure.reason, error: failure.message })
  }
}

/** Time has run out: the requests that have not ended have timed out. */
function giveUp(job: Job, { open }: Run): void {
  const { options, report, ended } = job
  for (const { id } of planOf(options.written).filter(({ id }) => !ended.has(id))) {
    const doing = open.has(id) ? report.phaseOf(id) : 'not begun'
    if (open.has(id)) report.eventsOf(id).phases.end()
    const failure = { reason: 'timeout', message: `no answer in time: ${doing}` } as const
    settle(job, id, { failure, result: undefined, isOld: false })
  }
}

async function makeRequests(job: Job, signal: AbortSignal): Promise<void> {
  const { ctx, request, options, report } = job
  const settled = (id: string, end: Ended) => settle(job, id, end)
  const run = new Run({ ctx: { ...ctx, signal }, request, options, eventsOf: report.eventsOf, settled })
  const onAbort = () => {
    if (!(signal.reason instanceof DeadlineExceeded)) return
    giveUp(job, run)
    if (ctx.signal.aborted) conclude(job, outcomeOf(job)) // the answer is sealed before a rejection would come through
  }
  setMaxListeners(0, signal) // there are some for each request
  signal.addEventListener('abort', onAbort, { once: true })
  await run.all().finally(() => signal.removeEventListener('abort', onAbort))
}

/** Makes all requests, and series and verdicts of what was answered in time. Throws `ProbeFailure`. */
export async function probe(ctx: ProbeContext, request: ApiRequest, options: ApiOptions): Promise<void> {
  const job: Job = { ctx, request, options, report: createReport(ctx.metrics), ended: new Map() }
  const remainingMs = ctx.remainingMs()
  const late = () => new DeadlineExceeded()
  try {
    await within(remainingMs - marginMs(remainingMs), ctx.signal, late, signal => makeRequests(job, signal))
  } catch (error) {
    if (ctx.signal.aborted || !(error instanceof DeadlineExceeded)) throw error
  }
  const isMuch = isLarge(job)
  if (isMuch) await setImmediate()
  const outcome = outcomeOf(job)
  if (isMuch) await setImmediate()
  const failure = conclude(job, outcome)
  if (isMuch) await setImmediate()
  if (failure !== undefined) throw failure
}
