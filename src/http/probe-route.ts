import type { IncomingMessage, ServerResponse } from 'node:http'
import { ClientGone, type Deadline, startDeadline } from '../engine/deadline.ts'
import { render } from '../engine/exposition.ts'
import type { Logger } from '../engine/logger.ts'
import type { Snapshot } from '../engine/module.ts'
import { createRecorder } from '../engine/probe-log.ts'
import { type ProbeResult, runProbe } from '../engine/run-probe.ts'
import type { SelfMetrics } from '../engine/self-metrics.ts'
import type { Limiter } from '../kit/limiter.ts'
import type { ProbeLog } from '../kit/prober.ts'
import { safeText } from '../kit/text.ts'
import { allowMethods, sendUnavailable } from './answer.ts'
import { createAnswerError } from './answer-error.ts'
import type { History } from './history/history.ts'
import { sourceOf } from './history/source.ts'
import { answerProbe } from './probe-answer.ts'
import { type Call, calledFor, loggable, queryOf, readCall } from './probe-call.ts'

export interface ProbeRouteDeps {
  readonly current: () => Snapshot | undefined
  readonly limiter: Limiter
  readonly metrics: SelfMetrics
  readonly log: Logger
  /** The log of the probes of one module and target. */
  readonly probeLog: (module: string, target: string) => Logger
  readonly timeoutOffsetMs: number
  readonly now: () => number
  readonly isDraining: () => boolean
  /** The deadlines of the probes that run or wait. */
  readonly running: Set<Deadline>
  /** Undefined: none is kept. */
  readonly history: History | undefined
}

const mostNamed = 10

/** Builds the handler of `/probe`, or of a page that shows the same with another `answer`. On plain node:http types. */
export function createProbeRoute(deps: ProbeRouteDeps, answer = answerProbe) {
  const { metrics, log, limiter, now, running, history } = deps
  const answerError = createAnswerError(deps)

  function run({ module, target, params }: Call, deadline: Deadline, probeLog: ProbeLog): Promise<ProbeResult> {
    const overran = (ms: number) => {
      metrics.overran()
      log.warn('a prober ran on after its answer', { module: module.name, seconds: ms / 1000 })
    }
    const counters = metrics.countersOf(module.name)
    return runProbe(module, { target, params }, deadline, { limiter, now, log: probeLog, counters, overran })
  }

  function report(call: Call, result: ProbeResult, probeLog: ProbeLog) {
    metrics.probed(call.module.name, result.durationMs, result.reason)
    if (result.rejected !== undefined) metrics.rejected(result.rejected)
    const seconds = { duration_seconds: result.durationMs / 1000, queued_seconds: result.queuedMs / 1000 }
    if (result.success) probeLog.debug('probe succeeded', seconds)
    else probeLog.info('probe failed', { reason: result.reason, error: result.message, ...seconds })
  }

  async function probe(request: IncomingMessage, response: ServerResponse, call: Call, startedMs: number) {
    const { module, target, timeoutMs, undeclared } = call
    const deadline = startDeadline(timeoutMs, startedMs)
    const onClose = () => response.writableEnded || deadline.abort(new ClientGone())
    response.once('close', onClose)
    running.add(deadline)
    const shownTarget = loggable(target)
    const processLog = deps.probeLog(module.name, shownTarget)
    const isTold = call.form !== 'metrics' || answer !== answerProbe || history !== undefined
    const recorder = isTold ? createRecorder(processLog, startedMs) : undefined
    const probeLog = recorder?.log ?? processLog
    probeLog.debug('beginning probe', { prober: module.prober, timeout_seconds: timeoutMs / 1000 })
    if (undeclared.length > 0) {
      const names = safeText(undeclared.slice(0, mostNamed).join(' '))
      probeLog.warn('ignoring parameters that the module does not declare', { names, count: undeclared.length })
    }
    try {
      const result = await run(call, deadline, probeLog)
      report(call, result, probeLog)
      const text = await render(result.families)
      await answer(request, response, { call, result, metrics: text, recorder })
      if (recorder !== undefined && history !== undefined) {
        const source = sourceOf(request.headers['user-agent'])
        const asked = { module, target: shownTarget, rawTarget: target, source, timeoutMs }
        history.add({ ...asked, result, metrics: text, log: recorder })
      }
    } finally {
      deadline.clear()
      running.delete(deadline)
      response.off('close', onClose)
    }
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedMs = performance.now()
    if (!allowMethods(request, response, 'GET', 'HEAD')) return
    if (deps.isDraining()) return sendUnavailable(response, 'shutting down')
    const query = queryOf(request)
    try {
      const call = readCall(request, query, deps.current(), deps.timeoutOffsetMs, metrics.moduleUnknown)
      await probe(request, response, call, startedMs)
    } catch (error) {
      if (!response.destroyed && !response.headersSent) answerError(error, response, calledFor(query))
    }
  }
}
