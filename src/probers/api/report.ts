import type { MetricSink } from '../../kit/metrics.ts'
import { createPhases, type Phase } from '../../kit/net/phases.ts'
import type { TlsFacts } from '../../kit/net/tls/facts.ts'
import type { Outcome } from './extract/merge.ts'
import {
  checkSuccess,
  earliestExpiry,
  extractErrors,
  type RequestReason,
  requestDuration,
  requestError,
  requestStatus,
  requestSuccess,
  responseBytes,
} from './metrics.ts'
import type { SendEvents } from './request/send.ts'

/** What a probe tells of its requests, written as soon as it is known: the deadline may pass at any moment. */
export interface Report {
  /** For one request, also when it is sent again. */
  eventsOf(request: string): SendEvents
  /** What a request was at last doing. */
  phaseOf(request: string): Phase | 'preparation'
  succeeded(request: string): void
  failed(request: string, reason: RequestReason): void
}

export function createReport(sink: MetricSink): Report {
  let earliestMs = Number.POSITIVE_INFINITY
  const handshake = ({ certificate }: TlsFacts) => {
    earliestMs = Math.min(earliestMs, certificate?.earliestExpiryMs ?? earliestMs)
    if (Number.isFinite(earliestMs)) sink.set(earliestExpiry, earliestMs / 1000)
  }
  const known = new Map<string, SendEvents>()
  const createEvents = (request: string): SendEvents => ({
    phases: createPhases((phase, ms) => sink.set(requestDuration, ms / 1000, { request, phase })),
    handshake,
    answered: status => sink.set(requestStatus, status, { request }),
    bodyRead: bytes => sink.set(responseBytes, bytes, { request }),
  })
  return {
    eventsOf(request) {
      const events = known.get(request) ?? createEvents(request)
      known.set(request, events)
      return events
    },
    phaseOf: request => known.get(request)?.phases.current ?? 'preparation',
    succeeded: request => sink.set(requestSuccess, 1, { request }),
    failed(request, reason) {
      sink.set(requestSuccess, 0, { request })
      sink.set(requestError, 1, { request, reason })
    },
  }
}

/** Writes what all answers together come to. */
export function reportOutcome(sink: MetricSink, { samples, errors, checks }: Outcome): void {
  for (const { def, value, labels, atMs } of samples) {
    if (atMs === undefined) sink.set(def, value, labels)
    else sink.setAt(def, atMs, value, labels)
  }
  for (const { metric, reason, count } of errors) sink.set(extractErrors, count, { metric, reason })
  for (const { name: check, severity, passed } of checks) sink.set(checkSuccess, passed, { check, severity })
}
