import type { ServerResponse } from 'node:http'
import type { Logger } from '../engine/logger.ts'
import type { SelfMetrics } from '../engine/self-metrics.ts'
import { BadRequest, Denied, Overloaded } from '../kit/failure.ts'
import type { LogFields } from '../kit/prober.ts'
import { sendText, sendUnavailable } from './answer.ts'

export interface AnswerErrorDeps {
  readonly metrics: SelfMetrics
  readonly log: Logger
  readonly isDraining: () => boolean
}

const shedLogPauseMs = 1000

/** Builds the function that answers what `runProbe` throws: everything that is no verdict on the target. */
export function createAnswerError({ metrics, log, isDraining }: AnswerErrorDeps) {
  let shedLoggedMs = Number.NEGATIVE_INFINITY

  function answerOverload({ message }: Overloaded, response: ServerResponse, fields: LogFields) {
    if (isDraining()) return sendUnavailable(response, message)
    metrics.shed()
    if (performance.now() - shedLoggedMs > shedLogPauseMs) {
      shedLoggedMs = performance.now()
      log.warn('shedding probes, sonde_probes_shed_total tells how many', { ...fields, status: 503, error: message })
    }
    sendUnavailable(response, `overloaded: ${message}`)
  }

  return (error: unknown, response: ServerResponse, fields: LogFields): void => {
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
}
