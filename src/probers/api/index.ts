import { DeadlineExceeded, ProbeFailure } from '../../kit/failure.ts'
import { defineProber, type ProbeContext } from '../../kit/prober.ts'
import { credentials } from './credentials.ts'
import type { DocumentResult } from './extract/answer.ts'
import { merge } from './extract/merge.ts'
import { metrics } from './metrics.ts'
import { type ApiOptions, options } from './options/options.ts'
import { createReport, type Report, reportOutcome } from './report.ts'
import { toProbeFailure } from './request/failed.ts'
import { logOutcome } from './request/log.ts'
import { planOf } from './request/plan.ts'
import { type Ended, Run } from './request/run.ts'
import { type ApiRequest, accept } from './target.ts'
import { warnings } from './warnings.ts'
import { withAuth } from './with-auth.ts'

/** The failure of the first required request that has failed. */
function requestFailure({ written }: ApiOptions, ended: ReadonlyMap<string, Ended>): ProbeFailure | undefined {
  for (const { id, required } of planOf(written)) {
    const failure = required ? ended.get(id)?.failure : undefined
    if (failure !== undefined) return toProbeFailure(id, failure)
  }
  return undefined
}

/** Makes the series of what was answered so far. Returns why the probe has failed, if it has. */
function conclude(ctx: ProbeContext, options: ApiOptions, ended: ReadonlyMap<string, Ended>): ProbeFailure | undefined {
  const results = [...ended].flatMap(([id, { result }]): [string, DocumentResult][] =>
    result === undefined ? [] : [[id, result]],
  )
  const outcome = merge(options.extraction, new Map(results))
  reportOutcome(ctx.metrics, outcome)
  logOutcome(ctx.log, outcome)
  const [first] = outcome.failures
  return requestFailure(options, ended) ?? (first === undefined ? undefined : new ProbeFailure('content', first))
}

/** The answer is sealed at the deadline, before a rejection would come through. Returns what was not done by then. */
function concludeLate(
  ctx: ProbeContext,
  options: ApiOptions,
  ended: ReadonlyMap<string, Ended>,
  { open }: Run,
  report: Report,
): string {
  const late = planOf(options.written).flatMap(({ id }) => (ended.has(id) ? [] : [id]))
  const shown = late.map(id => `${id} (${open.has(id) ? report.phaseOf(id) : 'not begun'})`).join(', ')
  for (const id of late) {
    report.failed(id, 'timeout')
    if (open.has(id)) report.eventsOf(id).phases.end()
  }
  ctx.log.info('the deadline passed', { requests: shown })
  conclude(ctx, options, ended)
  return shown
}

async function probe(ctx: ProbeContext, request: ApiRequest, options: ApiOptions): Promise<void> {
  const report = createReport(ctx.metrics)
  const ended = new Map<string, Ended>()
  const settled = (id: string, end: Ended) => {
    ended.set(id, end)
    if (end.failure === undefined) return report.succeeded(id)
    report.failed(id, end.failure.reason)
    ctx.log.info('request failed', { request: id, reason: end.failure.reason, error: end.failure.message })
  }
  const run = new Run({ ctx, request, options, eventsOf: report.eventsOf, settled })
  let late: string | undefined
  const onAbort = () => {
    if (ctx.signal.reason instanceof DeadlineExceeded) late = concludeLate(ctx, options, ended, run, report)
  }
  ctx.signal.addEventListener('abort', onAbort, { once: true })
  try {
    await run.all()
  } catch (error) {
    if (late === undefined || error !== ctx.signal.reason) throw error
    throw new ProbeFailure('timeout', `the deadline passed; unanswered: ${late}`, { cause: error })
  } finally {
    ctx.signal.removeEventListener('abort', onAbort)
  }
  const failure = conclude(ctx, options, ended)
  if (failure !== undefined) throw failure
}

/** Makes metrics and verdicts of what an HTTP API, or a local status file, says. */
export const api = defineProber({
  name: 'api',
  options,
  metrics,
  metricsOf: ({ extraction }) => extraction.families,
  params: ({ written }) => Object.keys(written.params),
  warnings,
  credentials,
  withAuth,
  accept: (request, { written }, policy) => accept(request, written, policy),
  probe,
})
