import type { IncomingMessage, ServerResponse } from 'node:http'
import { ClientGone, type Deadline, startDeadline, timeoutFor } from '../engine/deadline.ts'
import { render } from '../engine/exposition.ts'
import { formatEntry, type Logger } from '../engine/logger.ts'
import type { Module, RefusedModule, Snapshot } from '../engine/module.ts'
import { createRecorder } from '../engine/probe-log.ts'
import { type ProbeResult, runProbe } from '../engine/run-probe.ts'
import type { SelfMetrics } from '../engine/self-metrics.ts'
import { BadRequest, Denied, Overloaded } from '../kit/failure.ts'
import type { Limiter } from '../kit/limiter.ts'
import { safeText } from '../kit/text.ts'
import { allowMethods, sendMetrics, sendPage, sendText, sendUnavailable } from './answer.ts'

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

/** Query parameters that every module understands. */
const commonParams = new Set(['target', 'module', 'debug'])
const defaultModule = 'http_2xx'

interface Call {
  readonly startedMs: number
  readonly module: Module
  readonly target: string
  readonly query: URLSearchParams
  readonly timeoutMs: number
}

/** Steps 2 to 4 of a request: what the caller can get wrong. Throws `BadRequest`. */
function readCall(
  request: IncomingMessage,
  startedMs: number,
  { current, metrics, timeoutOffsetMs }: ProbeRouteDeps,
): Call {
  const query = new URL(request.url ?? '', 'http://sonde').searchParams
  const name = query.get('module') || defaultModule
  const module = runnable(current()?.modules.get(name))
  if (module === undefined) {
    metrics.moduleUnknown()
    throw new BadRequest(`Unknown module "${safeText(name)}"`)
  }
  const header = request.headers['x-prometheus-scrape-timeout-seconds']
  const timeoutMs = timeoutFor(module.timeoutMs, Array.isArray(header) ? header[0] : header, timeoutOffsetMs)
  const target = query.get('target')
  if (target === null || target === '') throw new BadRequest('Target parameter is missing')
  return { startedMs, module, target, query, timeoutMs }
}

function runnable(module: Module | RefusedModule | undefined): Module | undefined {
  if (module !== undefined && 'refused' in module) throw new BadRequest(module.refused)
  return module
}

/** A target as it may be logged: what follows a `?` or stands before an `@` can be a credential. */
const loggable = (target: string) =>
  safeText(target, 512)
    .replace(/\/\/[^/@]*@/, '//***@')
    .replace(/\?.*$/, '?***')

function paramsOf({ query, module }: Call): ReadonlyMap<string, string> {
  return new Map([...module.params].flatMap(name => (query.has(name) ? [[name, query.get(name) ?? '']] : [])))
}

/** Builds the handler of `/probe`, on plain node:http types. */
export function createProbeRoute(deps: ProbeRouteDeps) {
  const { metrics, log, limiter, now, running } = deps

  async function probe(request: IncomingMessage, response: ServerResponse, call: Call) {
    const { module, target, query, timeoutMs, startedMs } = call
    const deadline = startDeadline(timeoutMs, startedMs)
    const onClose = () => response.writableEnded || deadline.abort(new ClientGone())
    response.once('close', onClose)
    running.add(deadline)
    const processLog = deps.probeLog(module.name, loggable(target))
    const recorder = query.get('debug') === 'true' ? createRecorder(processLog, startedMs) : undefined
    const probeLog = recorder?.log ?? processLog
    probeLog.debug('beginning probe', { prober: module.prober, timeout_seconds: timeoutMs / 1000 })
    for (const name of new Set(query.keys())) {
      if (!commonParams.has(name) && !module.params.has(name)) {
        probeLog.warn('ignoring a parameter that the module does not declare', { parameter: safeText(name, 64) })
      }
    }
    try {
      const result = await runProbe(module, { target, params: paramsOf(call) }, deadline, {
        limiter,
        now,
        log: probeLog,
        counters: metrics.countersOf(module.name),
        overran: ms => {
          metrics.overran()
          log.warn('a prober ran on after its answer', { module: module.name, seconds: ms / 1000 })
        },
      })
      report(result)
      const text = await render(result.families)
      if (recorder === undefined) await sendMetrics(request, response, text)
      else await sendPage(request, response, debugText(recorder, text, module))
    } finally {
      deadline.clear()
      running.delete(deadline)
      response.off('close', onClose)
    }

    function report(result: ProbeResult) {
      metrics.probed(module.name, result.reason)
      if (result.rejected !== undefined) metrics.rejected(result.rejected)
      const seconds = { duration_seconds: result.durationMs / 1000 }
      if (result.success) probeLog.debug('probe succeeded', seconds)
      else probeLog.info('probe failed', { reason: result.reason, error: result.message, ...seconds })
    }
  }

  function answerError(error: unknown, response: ServerResponse) {
    if (error instanceof BadRequest) {
      log.info('refused a request', { status: 400, error: error.message })
      sendText(response, 400, error.message)
    } else if (error instanceof Denied) {
      metrics.rejected(error.reason)
      log.warn('refused a target', { status: 403, reason: error.reason })
      sendText(response, 403, error.message)
    } else if (error instanceof Overloaded) {
      metrics.shed()
      log.warn('shed a probe', { status: 503, error: error.message })
      sendUnavailable(response, `overloaded: ${error.message}`)
    } else {
      metrics.bug()
      log.error('internal error', {
        status: 500,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
      sendText(response, 500, 'internal error')
    }
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const startedMs = performance.now()
    if (!allowMethods(request, response, 'GET', 'HEAD')) return
    if (deps.isDraining()) return sendUnavailable(response, 'shutting down')
    try {
      await probe(request, response, readCall(request, startedMs, deps))
    } catch (error) {
      if (!response.destroyed && !response.headersSent) answerError(error, response)
    }
  }
}

/** blackbox_exporter's three parts. */
function debugText(recorder: ReturnType<typeof createRecorder>, metrics: string, module: Module): string {
  const lines = recorder.entries.map(entry => `${(entry.offsetMs / 1000).toFixed(6)}s ${formatEntry(entry)}`)
  if (recorder.omitted > 0) lines.push(`(${recorder.omitted} more lines)`)
  return [
    'Logs for the probe:',
    ...lines,
    '\n',
    'Metrics that would have been returned:',
    metrics.trimEnd(),
    '\n',
    'Module configuration:',
    module.describe(),
  ].join('\n')
}
