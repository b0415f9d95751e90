import { gauge } from '../../../kit/metrics.ts'

export const serverUp = gauge('probe_dns_server_up', 'Whether a server of the zone answered.', ['server'])
export const serverSerial = gauge('probe_dns_server_serial', 'Serial number of the zone at each of its servers.', [
  'server',
])
export const serverAuthoritative = gauge(
  'probe_dns_server_authoritative',
  'Whether the answer of a server of the zone is authoritative.',
  ['server'],
)
export const serialLag = gauge(
  'probe_dns_serial_lag',
  'How far the serial numbers of two servers are apart at most (RFC 1982).',
)
export const consistent = gauge(
  'probe_dns_servers_consistent',
  'Whether all servers told a serial number, and none is further behind than max_serial_lag.',
)

export const soaMetrics = [serverUp, serverSerial, serverAuthoritative, serialLag, consistent]
