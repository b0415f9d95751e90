import type { IncomingMessage, ServerResponse } from 'node:http'
import { ClientGone, type Deadline, startDeadline } from '../engine/deadline.ts'
import { render } from '../engine/exposition.ts'
import type { Logger } from '../engine/logger.ts'
import type { Snapshot } from '../engine/module.ts'
import { createRecorder } from '../engine/probe-log.ts'
import { type ProbeResult, runProbe } from '../engine/run-probe.ts'
import type { SelfMetrics } from '../engine/self-metrics.ts'
import { BadRequest, Denied, Overloaded } from '../kit/failure.ts'
import type { Limiter } from '../kit/limiter.ts'
import type { LogFields, ProbeLog } from '../kit/prober.ts'
import { safeText } from '../kit/text.ts'
import { allowMethods, sendMetrics, sendPage, sendText, sendUnavailable } from './answer.ts'
import { debugText } from './debug-text.ts'
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
}

const mostNamed = 10
const shedLogPauseMs = 1000

/** Builds the handler of `/probe`, on plain node:http types. */
export function createProbeRoute(deps: ProbeRouteDeps) {
  const { metrics, log, limiter, now, running } = deps
  let shedLoggedMs = Number.NEGATIVE_INFINITY

  function run({ module, target, params }: Call, deadline: Deadline, probeLog: ProbeLog): Promise<ProbeResult> {
    const overran = (ms: number) => {
      metrics.overran()
      log.warn('a prober ran on after its answer', { module: module.name, seconds: ms / 1000 })
    }
    const counters = metrics.countersOf(module.name)
    return runProbe(module, { target, params }, deadline, { limiter, now, log: probeLog, counters, overran })
  }

  function report(call: Call, result: ProbeResult, probeLog: ProbeLog) {
    metrics.probed(call.module.name, result.reason)
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
    const processLog = deps.probeLog(module.name, loggable(target))
    const recorder = call.isDebug ? createRecorder(processLog, startedMs) : undefined
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
      if (recorder === undefined) await sendMetrics(request, response, text)
      else await sendPage(request, response, debugText(recorder, text, module))
    } finally {
      deadline.clear()
      running.delete(deadline)
      response.off('close', onClose)
    }
  }

  function answerOverload({ message }: Overloaded, response: ServerResponse, fields: LogFields) {
    if (deps.isDraining()) return sendUnavailable(response, message)
    metrics.shed()
    if (performance.now() - shedLoggedMs > shedLogPauseMs) {
      shedLoggedMs = performance.now()
      log.warn('shedding probes, sonde_probes_shed_total tells how many', { ...fields, status: 503, error: message })
    }
    sendUnavailable(response, `overloaded: ${message}`)
  }

  function answerError(error: unknown, response: ServerResponse, fields: LogFields) {
    if (error instanceof BadRequest) {
      log.info('refused a request', { ...fields, status: 400, error: error.message })
      sendText(response, 400, error.message)
    } else if (error instanceof Denied) {
      metrics.rejected(error.reason)
      log.warn('refused a target', { ...fields, status: 403, reason: error.reason })
      sendText(response, 403, error.message)
    } else if (error instanceof Overloaded) {
      answerOverload(error, response, fields)
    } else {
      metrics.bug()
      const story = error instanceof Error ? (error.stack ?? error.message) : String(error)
      log.error('internal error', { ...fields, status: 500, error: story })
      sendText(response, 500, 'internal error')
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
