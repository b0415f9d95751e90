import type { IncomingMessage, ServerResponse } from 'node:http'
import { render } from '../engine/exposition.ts'
import type { Recorder } from '../engine/probe-log.ts'
import { resultJson, resultsJson } from '../engine/result-json.ts'
import type { ProbeResult } from '../engine/run-probe.ts'
import { sendJson, sendMetrics, sendPage } from './answer.ts'
import { debugText } from './debug-text.ts'
import type { Call } from './probe-call.ts'

/** Sends what became of a probe; `recorder` is only undefined where metrics alone are asked for. */
export type AnswerProbe = (
  request: IncomingMessage,
  response: ServerResponse,
  call: Call,
  result: ProbeResult,
  recorder: Recorder | undefined,
) => void | Promise<void>

/** Answers with metrics, or in the form that the query asks for. */
export const answerProbe: AnswerProbe = async (request, response, call, result, recorder) => {
  const { module, target, timeoutMs, form } = call
  const status = call.failsAs503 && !result.success ? 503 : 200
  if (form === 'json') {
    const json = resultJson({ ...result, module: module.name, target, timeoutMs, logs: recorder?.entries ?? [] })
    return sendJson(request, response, resultsJson([json]), status)
  }
  const text = await render(result.families)
  if (form === 'metrics' || recorder === undefined) return sendMetrics(request, response, text, status)
  return sendPage(request, response, debugText(recorder, text, module), status)
}
