import { gauge } from '../../kit/metrics.ts'

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
]
