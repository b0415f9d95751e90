import { gauge, type MetricSink } from '../metrics.ts'
import type { TlsFacts } from './tls/facts.ts'

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

/** The metrics of `setTlsMetrics`, without the cipher: blackbox_exporter has that for http alone. */
export const tlsMetrics = [earliestExpiry, lastChainExpiry, chainInfo, versionInfo]

/** The metric of `setCipherMetric`. */
export const tlsCipherMetrics = [cipherInfo]

/** Certificate and version of a handshake, by blackbox_exporter's names; also for one that was refused. */
export function setTlsMetrics(metrics: MetricSink, facts: TlsFacts): void {
  metrics.set(versionInfo, 1, { version: facts.version })
  const { certificate } = facts
  if (certificate === undefined) return
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

export const setCipherMetric = (metrics: MetricSink, facts: TlsFacts): void =>
  metrics.set(cipherInfo, 1, { cipher: facts.cipher })
