import { gauge, type MetricSink } from '../metrics.ts'
import type { TlsFacts } from './tls/facts.ts'
import { verifyErrors } from './tls/verdict.ts'

const earliestExpiry = gauge('probe_ssl_earliest_cert_expiry', 'Returns last SSL chain expiry in unixtime')
const lastChainExpiry = gauge(
  'probe_ssl_last_chain_expiry_timestamp_seconds',
  'Returns last SSL chain expiry in timestamp',
)
const chainInfo = gauge('probe_ssl_last_chain_info', 'Contains SSL leaf certificate information', [
  'fingerprint_sha256',
  'subject',
  'issuer',
  'subjectalternative',
  'serialnumber',
])
const versionInfo = gauge('probe_tls_version_info', 'Returns the TLS version used or NaN when unknown', ['version'])
const cipherInfo = gauge('probe_tls_cipher_info', 'Returns the TLS cipher negotiated during handshake', ['cipher'])
const isVerified = gauge(
  'probe_ssl_verified',
  "Whether the server's certificate is verified, chain and name, also where tls_config does not demand it.",
)
const verifyErrorInfo = gauge(
  'probe_ssl_verify_error_info',
  `Why the server's certificate is not verified; always 1, and only there then: ${Object.entries(verifyErrors)
    .map(([error, remark]) => (remark === '' ? error : `${error} (${remark})`))
    .join(', ')}.`,
  ['error'],
)
const notBefore = gauge('probe_ssl_cert_not_before', "Start of validity of the server's certificate, in Unix seconds.")
const isStapled = gauge(
  'probe_ssl_ocsp_stapled',
  'Whether the server sent an OCSP response along with its certificate.',
)

/** The metrics of `setTlsMetrics`, without the cipher: blackbox_exporter has that for http alone. */
export const tlsMetrics = [
  earliestExpiry,
  lastChainExpiry,
  chainInfo,
  versionInfo,
  isVerified,
  verifyErrorInfo,
  notBefore,
  isStapled,
]

/** The metric of `setCipherMetric`. */
export const tlsCipherMetrics = [cipherInfo]

/** What a handshake told, by blackbox_exporter's names as far as it has them; also for one that was refused. */
export function setTlsMetrics(
  metrics: MetricSink,
  { version, verdict, isStapled: stapled, certificate }: TlsFacts,
): void {
  metrics.set(versionInfo, 1, { version })
  if (verdict !== undefined) metrics.set(isVerified, verdict === 'verified')
  if (verdict !== undefined && verdict !== 'verified') metrics.set(verifyErrorInfo, 1, { error: verdict })
  if (stapled !== undefined) metrics.set(isStapled, stapled)
  if (certificate === undefined) return
  if (certificate.notBeforeMs !== undefined) metrics.set(notBefore, certificate.notBeforeMs / 1000)
  if (certificate.earliestExpiryMs !== undefined) metrics.set(earliestExpiry, certificate.earliestExpiryMs / 1000)
  if (certificate.lastChainExpiryMs !== undefined) metrics.set(lastChainExpiry, certificate.lastChainExpiryMs / 1000)
  metrics.set(chainInfo, 1, {
    fingerprint_sha256: certificate.fingerprintSha256,
    subject: certificate.subject,
    issuer: certificate.issuer,
    subjectalternative: certificate.dnsNames,
    serialnumber: certificate.serialNumber,
  })
}

export function setCipherMetric(metrics: MetricSink, { cipher }: TlsFacts): void {
  if (cipher !== undefined) metrics.set(cipherInfo, 1, { cipher })
}
