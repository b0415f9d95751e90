import { within } from '../../kit/abort.ts'
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
import { type Ended, Run, type RunParts } from './request/run.ts'
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

/** What is left of the time when requests are given up: that one is optional must not fail the probe by its silence. */
const marginMs = (remainingMs: number): number => Math.min(100, remainingMs / 20)

const givenUp = (doing: string): Ended => ({
  failure: { reason: 'timeout', message: `no answer in time: ${doing}` },
  result: undefined,
  isOld: false,
})

/** Makes all requests. When time runs out, those that have not ended have timed out, and `late` is called at once. */
async function runAll(
  ctx: ProbeContext,
  parts: Omit<RunParts, 'ctx'>,
  {
    ended,
    report,
    late,
  }: { readonly ended: ReadonlyMap<string, Ended>; readonly report: Report; readonly late: () => void },
): Promise<void> {
  const remainingMs = ctx.remainingMs()
  const run = async (signal: AbortSignal) => {
    const requests = new Run({ ...parts, ctx: { ...ctx, signal } })
    const onAbort = () => {
      if (!(signal.reason instanceof DeadlineExceeded)) return
      for (const { id } of planOf(parts.options.written).filter(({ id }) => !ended.has(id))) {
        const doing = requests.open.has(id) ? report.phaseOf(id) : 'not begun'
        if (requests.open.has(id)) parts.eventsOf(id).phases.end()
        parts.settled(id, givenUp(doing))
      }
      late()
    }
    signal.addEventListener('abort', onAbort, { once: true })
    await requests.all().finally(() => signal.removeEventListener('abort', onAbort))
  }
  try {
    await within(remainingMs - marginMs(remainingMs), ctx.signal, () => new DeadlineExceeded(), run)
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error
  }
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
  // At the deadline itself the answer is sealed before a rejection would come through.
  const late = () => void (ctx.signal.aborted && conclude(ctx, options, ended))
  await runAll(ctx, { request, options, eventsOf: report.eventsOf, settled }, { ended, report, late })
  ctx.signal.throwIfAborted()
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
