import { ProbeFailure } from '../../kit/failure.ts'
import { tooManyRedirects } from '../../kit/net/http/redirects.ts'
import { acceptsStatus } from '../../kit/net/http/request-options.ts'
import type { HttpOptions } from './options.ts'

/** Judges the status. A redirect beyond the limit is another failure than an answer with a bad status. */
export function checkStatus(
  {
    valid_status_codes: configured,
    accept_any_response,
  }: Pick<HttpOptions, 'valid_status_codes' | 'accept_any_response'>,
  status: number,
  isBeyondLimit: boolean,
): ProbeFailure | undefined {
  if (accept_any_response) return undefined
  if (acceptsStatus(configured, status)) return undefined
  if (isBeyondLimit) return tooManyRedirects()
  return new ProbeFailure(status === 401 || status === 407 ? 'auth' : 'status', `status ${status} is not accepted`)
}

/** Judges the version of the final answer, as `1.0` or `1.1`. */
export function checkVersion(
  { valid_http_versions: valid }: Pick<HttpOptions, 'valid_http_versions'>,
  version: string,
): ProbeFailure | undefined {
  if (valid.length === 0 || valid.some(name => name === `HTTP/${version}`)) return undefined
  return new ProbeFailure('protocol', `HTTP/${version} is not accepted`)
}

/** Judges whether the final answer came over TLS as wanted. */
export function checkTls(
  { fail_if_ssl, fail_if_not_ssl }: Pick<HttpOptions, 'fail_if_ssl' | 'fail_if_not_ssl'>,
  isTls: boolean,
): ProbeFailure | undefined {
  if (isTls && fail_if_ssl) return new ProbeFailure('tls', 'the final answer came over TLS')
  if (!isTls && fail_if_not_ssl) return new ProbeFailure('tls', 'the final answer did not come over TLS')
  return undefined
}
