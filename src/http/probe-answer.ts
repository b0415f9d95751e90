import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Recorder } from '../engine/probe-log.ts'
import { resultJson, resultsJson } from '../engine/result-json.ts'
import type { ProbeResult } from '../engine/run-probe.ts'
import { sendJson, sendMetrics, sendPage } from './answer.ts'
import { debugText } from './debug-text.ts'
import type { Call } from './probe-call.ts'

/** What became of a probe. */
export interface Outcome {
  readonly call: Call
  readonly result: ProbeResult
  /** Those of `result`, printed. */
  readonly metrics: string
  /** Undefined only where metrics alone are asked for. */
  readonly recorder: Recorder | undefined
}

export type AnswerProbe = (request: IncomingMessage, response: ServerResponse, outcome: Outcome) => void | Promise<void>

/** Answers with metrics, or in the form that the query asks for. */
export const answerProbe: AnswerProbe = (request, response, { call, result, metrics, recorder }) => {
  const { module, target, timeoutMs, form } = call
  const status = call.failsAs503 && !result.success ? 503 : 200
  if (form === 'metrics' || recorder === undefined) return sendMetrics(request, response, metrics, status)
  if (form === 'debug') return sendPage(request, response, debugText(recorder, metrics, module), status)
  const json = resultJson({ ...result, module: module.name, target, timeoutMs, logs: recorder.entries })
  return sendJson(request, response, resultsJson([json]), status)
}
