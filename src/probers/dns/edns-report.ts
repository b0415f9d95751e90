import { gauge } from '../../kit/metrics.ts'
import type { ProbeContext } from '../../kit/prober.ts'
import type { Edns } from './wire/edns.ts'
import { clientCookieBytes, readEdnsOptions } from './wire/edns-options.ts'

const nsidInfo = gauge(
  'probe_dns_nsid_info',
  'Which of its instances the server says it is, up to 64 octets; always 1.',
  ['nsid'],
)
const extendedError = gauge('probe_dns_ede', 'Extended errors of the answer (RFC 8914); always 1.', ['code', 'name'])
const ecsScope = gauge(
  'probe_dns_ecs_scope_prefix_length',
  'For how much of the client subnet the answer holds, in bits.',
)
const cookieEchoed = gauge(
  'probe_dns_cookie_echoed',
  'Whether the answer repeats the cookie of the query; there when one was sent.',
)

export const ednsMetrics = [nsidInfo, extendedError, ecsScope, cookieEchoed]

// More than any server sends; their codes are the server's choice.
const maxExtendedErrors = 10

/** Reports what the EDNS options of an answer tell; `sent` is the cookie of the query, if it had one. */
export function reportEdns({ metrics, log }: ProbeContext, edns: Edns | undefined, sent: Buffer | undefined): void {
  const { nsid, clientSubnet, cookie, extendedErrors, malformed } = readEdnsOptions(edns ?? { options: [] })
  if (nsid !== undefined) metrics.set(nsidInfo, 1, { nsid })
  if (clientSubnet !== undefined) metrics.set(ecsScope, clientSubnet.scopePrefix)
  if (sent !== undefined) {
    metrics.set(cookieEchoed, cookie?.subarray(0, clientCookieBytes).equals(sent) === true)
  }
  if (edns === undefined) return
  log.debug('the answer has EDNS', {
    udp_size: edns.udpBytes,
    nsid,
    ecs_scope: clientSubnet?.scopePrefix,
    malformed_options: malformed.length,
  })
  for (const { code, name, text } of extendedErrors.slice(0, maxExtendedErrors)) {
    metrics.set(extendedError, 1, { code: String(code), name })
    log.debug('extended error', { code, name, text })
  }
}
