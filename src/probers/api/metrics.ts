import { reasons } from '../../kit/failure.ts'
import { gauge } from '../../kit/metrics.ts'

/** Why a request failed: the shared reasons and two finer ones. */
export const requestReasons = [...reasons, 'parse', 'check'] as const

export type RequestReason = (typeof requestReasons)[number]

export const requestSuccess = gauge(
  'probe_api_request_success',
  'Whether the request was answered with what the module wants; also for an answer that was kept from before.',
  ['request'],
)
export const requestDuration = gauge(
  'probe_api_request_duration_seconds',
  'Time that the phases of the request took, summed over redirects.',
  ['request', 'phase'],
)
export const requestStatus = gauge('probe_api_request_status_code', 'Status code of the answer.', ['request'])
export const responseBytes = gauge('probe_api_response_bytes', 'Size of the body after decoding.', ['request'])
export const requestError = gauge(
  'probe_api_request_error',
  `Why the request failed; always 1, and only there when it failed: ${requestReasons.join(', ')}.`,
  ['request', 'reason'],
)
export const checkSuccess = gauge(
  'probe_api_check_success',
  'Whether the check passed; those of severity critical fail the probe.',
  ['check', 'severity'],
)
export const extractErrors = gauge(
  'probe_api_extract_errors',
  'How many series of the metric are missing or not as they should be, by reason; only there when there are some.',
  ['metric', 'reason'],
)
export const earliestExpiry = gauge(
  'probe_ssl_earliest_cert_expiry',
  'Earliest end of a certificate, over all requests that used TLS, in Unix seconds.',
)

export const metrics = [
  requestSuccess,
  requestDuration,
  requestStatus,
  responseBytes,
  requestError,
  checkSuccess,
  extractErrors,
  earliestExpiry,
]
