import { gauge } from '../../kit/metrics.ts'
import { leaseExpiry, leaseInfo, leaseInfoOmitted } from './per-lease.ts'
import { subnetLeases, subnetLeasesOmitted } from './per-subnet.ts'

export const failure = gauge(
  'probe_dhcp_failure',
  'Why the lease file could not be used; always 1, and only there when it could not.',
  ['reason'],
)
export const fileInfo = gauge(
  'probe_dhcp_lease_file_info',
  'Format of the lease file, and the version of the format if it has any; always 1.',
  ['format', 'schema'],
)
export const fileSize = gauge('probe_dhcp_lease_file_size_bytes', 'Size of each file of the set.', ['part'])
export const fileMtime = gauge(
  'probe_dhcp_lease_file_mtime_timestamp_seconds',
  'When each file of the set was last written.',
  ['part'],
)
export const newestMtime = gauge(
  'probe_dhcp_lease_file_newest_mtime_timestamp_seconds',
  'When the set of files was last written.',
)
export const entries = gauge(
  'probe_dhcp_lease_file_entries',
  'Complete entries of all files read, before the last one of an address wins.',
)
export const malformedEntries = gauge(
  'probe_dhcp_lease_file_malformed_entries',
  'Entries that were skipped because they are malformed.',
)
export const incompleteTail = gauge(
  'probe_dhcp_lease_file_incomplete_tail',
  'Whether the end of a file is no whole entry; it was dropped.',
)
export const changedDuringRead = gauge(
  'probe_dhcp_lease_file_changed_during_read',
  'Whether the file was still being changed when it was read for the last time.',
)
export const parseDuration = gauge(
  'probe_dhcp_lease_file_parse_duration_seconds',
  'Time it took to read and parse the files.',
)
export const leases = gauge('probe_dhcp_leases', 'Leases by state at the time of the probe.', [
  'family',
  'type',
  'state',
])
export const leasesOverdue = gauge(
  'probe_dhcp_leases_overdue',
  'Leases recorded as active whose end has passed: many for long means that the server is down.',
  ['family'],
)
export const leasesInfinite = gauge('probe_dhcp_leases_infinite', 'Active leases that never end.', ['family'])
export const leasesExpiring = gauge('probe_dhcp_leases_expiring', 'Active leases that end within this time.', [
  'family',
  'within',
])
export const newestTransaction = gauge(
  'probe_dhcp_newest_transaction_timestamp_seconds',
  'When a client last dealt with the server, as far as the file tells.',
  ['family'],
)

const poolLabels = ['pool', 'shared_network', 'family'] as const

export const poolSize = gauge(
  'probe_dhcp_pool_size',
  'Addresses, or prefixes, that a pool can hand out; without those that are excluded.',
  poolLabels,
)
export const poolUsedRatio = gauge(
  'probe_dhcp_pool_used_ratio',
  'Share of a pool that is active, abandoned or declined.',
  poolLabels,
)
export const poolFree = gauge(
  'probe_dhcp_pool_free',
  'Size of a pool less what is active, abandoned, declined or set aside for the failover peer.',
  poolLabels,
)
export const poolLeases = gauge(
  'probe_dhcp_pool_leases',
  'Leases in a pool by what they do to it; unavailable is abandoned or declined, backup is free for the peer only.',
  [...poolLabels, 'state'],
)
const networkLabels = ['shared_network', 'family'] as const

export const networkSize = gauge(
  'probe_dhcp_shared_network_size',
  'Addresses of all pools in a shared network; prefixes where it has no addresses.',
  networkLabels,
)
export const networkUsedRatio = gauge(
  'probe_dhcp_shared_network_used_ratio',
  'Share of a shared network that is active, abandoned or declined.',
  networkLabels,
)
export const networkFree = gauge(
  'probe_dhcp_shared_network_free',
  'Size of a shared network less what is active, abandoned, declined or set aside for the failover peer.',
  networkLabels,
)
export const leasesOutsidePools = gauge(
  'probe_dhcp_leases_outside_pools',
  'Active leases whose address is in no pool; only with pools of the family.',
  ['family'],
)
export const serverConfigValid = gauge(
  'probe_dhcp_server_config_valid',
  'Whether the file of server_config could be read as it is now; if not, the pools read last stand.',
)
export const failoverState = gauge(
  'probe_dhcp_failover_state',
  'State of either end of a failover relationship; always 1.',
  ['peer', 'role', 'state'],
)
export const failoverStateSince = gauge(
  'probe_dhcp_failover_state_since_timestamp_seconds',
  'Since when an end of a failover relationship has been in its state.',
  ['peer', 'role'],
)
export const checkFailed = gauge(
  'probe_dhcp_check_failed',
  'Whether a check of fail_if failed, for each that is configured and could be judged.',
  ['check'],
)

export const metrics = [
  failure,
  fileInfo,
  fileSize,
  fileMtime,
  newestMtime,
  entries,
  malformedEntries,
  incompleteTail,
  changedDuringRead,
  parseDuration,
  leases,
  leasesOverdue,
  leasesInfinite,
  leasesExpiring,
  newestTransaction,
  poolSize,
  poolUsedRatio,
  poolFree,
  poolLeases,
  networkSize,
  networkUsedRatio,
  networkFree,
  leasesOutsidePools,
  serverConfigValid,
  failoverState,
  failoverStateSince,
  checkFailed,
  subnetLeases,
  subnetLeasesOmitted,
  leaseInfo,
  leaseExpiry,
  leaseInfoOmitted,
]
