import { gauge, type MetricSink } from '../../kit/metrics.ts'
import { addressMetrics } from '../../kit/net/address.ts'
import { parseHttpDate } from '../../kit/net/http/date.ts'
import type { HttpResponse } from '../../kit/net/http/message.ts'
import { setCipherMetric, setTlsMetrics, tlsCipherMetrics, tlsMetrics } from '../../kit/net/metrics.ts'
import { createPhases, type Phase, type Phases } from '../../kit/net/phases.ts'
import type { TlsFacts } from '../../kit/net/tls/facts.ts'
import { type ContentCheck, hasCel } from './body-fault.ts'
import type { HttpOptions } from './options.ts'

const duration = gauge('probe_http_duration_seconds', 'Duration of http request by phase, summed over all redirects', [
  'phase',
])
const statusCode = gauge('probe_http_status_code', 'Response HTTP status code')
const contentLength = gauge('probe_http_content_length', 'Length of http content response')
const bodyLength = gauge('probe_http_uncompressed_body_length', 'Length of uncompressed response body')
const redirects = gauge('probe_http_redirects', 'The number of redirects')
const isSsl = gauge('probe_http_ssl', 'Indicates if SSL was used for the final redirect')
const httpVersion = gauge('probe_http_version', 'Returns the version of HTTP of the probe response')
const failedDueToRegex = gauge('probe_failed_due_to_regex', 'Indicates if probe failed due to regex')
const failedDueToCel = gauge('probe_failed_due_to_cel', 'Indicates if probe failed due to CEL expression not matching')
const lastModified = gauge(
  'probe_http_last_modified_timestamp_seconds',
  'Returns the Last-Modified HTTP response header in unixtime',
)

const failurePhase = gauge(
  'probe_failure_phase_info',
  'The phase in which the probe failed; always 1, and only there when it failed before the answer was judged.',
  ['phase'],
)

export const metrics = [
  ...addressMetrics,
  duration,
  statusCode,
  contentLength,
  bodyLength,
  redirects,
  isSsl,
  httpVersion,
  failedDueToRegex,
  failedDueToCel,
  lastModified,
  failurePhase,
  ...tlsMetrics,
  ...tlsCipherMetrics,
]

/**
 * What a probe tells, written as soon as it is known, as the deadline may pass at any moment. Present from the start:
 * all but the durations, the date and what TLS told; that of CEL only when a check uses it.
 */
export interface HttpReport {
  readonly phases: Phases
  /** From here on, all phases are there. */
  requestBegins(): void
  redirected(count: number): void
  handshake(facts: TlsFacts): void
  answered(response: HttpResponse, tls: TlsFacts | undefined): void
  bodyRead(bytes: number): void
  failedDueTo(check: ContentCheck): void
  /** Undefined outside of phases: while files are read or a token is fetched. */
  failedIn(phase: Phase | undefined): void
}

export function createReport(sink: MetricSink, options: HttpOptions): HttpReport {
  for (const def of [statusCode, contentLength, bodyLength, redirects, isSsl, httpVersion, failedDueToRegex]) {
    sink.set(def, 0)
  }
  if (hasCel(options)) sink.set(failedDueToCel, 0)
  const setPhase = (phase: Phase, ms: number) => sink.set(duration, ms / 1000, { phase })
  const handshake = (facts: TlsFacts) => {
    setTlsMetrics(sink, facts)
    setCipherMetric(sink, facts)
  }
  return {
    phases: createPhases(setPhase),
    requestBegins() {
      for (const phase of ['connect', 'tls', 'processing', 'transfer'] as const) setPhase(phase, 0)
    },
    redirected: count => sink.set(redirects, count),
    handshake,
    answered(response, tls) {
      sink.set(statusCode, response.status)
      sink.set(contentLength, response.contentLength ?? -1)
      sink.set(httpVersion, Number(response.version))
      sink.set(isSsl, tls !== undefined)
      const modifiedMs = parseHttpDate(response.headers.get('last-modified')?.[0] ?? '')
      if (modifiedMs !== undefined) sink.set(lastModified, modifiedMs / 1000)
      if (tls !== undefined) handshake(tls)
    },
    bodyRead: bytes => sink.set(bodyLength, bytes),
    failedDueTo: check => sink.set(check === 'cel' ? failedDueToCel : failedDueToRegex, 1),
    failedIn: phase => sink.set(failurePhase, 1, { phase: phase ?? 'preparation' }),
  }
}
