import { type Difference, more, other } from './difference.ts'
import type { Outcome } from './side-by-side.ts'

const certificate = [
  'probe_ssl_earliest_cert_expiry',
  'probe_ssl_last_chain_expiry_timestamp_seconds',
  'probe_ssl_last_chain_info',
  'probe_ssl_verified',
  'probe_ssl_verify_error_info',
  'probe_ssl_cert_not_before',
  'probe_ssl_ocsp_stapled',
  'probe_tls_version_info',
]
const counts = ['probe_dns_answer_rrs', 'probe_dns_authority_rrs', 'probe_dns_additional_rrs']
const answer = ['probe_success', 'probe_dns_query_succeeded', ...counts]

/** What sonde would have said of a probe that succeeded. */
const succeeded = (outcome: Outcome): Outcome => ({ ...outcome, series: { ...outcome.series, probe_success: 1 } })

/** Those that any case may show. */
export const everywhere = {
  'why it failed': {
    because: 'probe_failure_info{reason} and probe_dns_failure{reason} on every failed probe',
    undo: more('probe_failure_info', 'probe_dns_failure'),
  },
  'newer than 0.23.0: probe_timeout_seconds': {
    because: 'in main, in no release: probe_timeout_seconds (#1571)',
    undo: more('probe_timeout_seconds'),
  },
  'what was asked': {
    because: 'new: probe_dns_query_info, probe_dns_attempts, probe_dns_ignored_responses',
    undo: more('probe_dns_query_info', 'probe_dns_attempts', 'probe_dns_ignored_responses'),
  },
  'what the answer says': {
    because:
      'new: response code, flags, truncation, size, TTLs, hash, the times of a SOA record, the NSID, extended errors',
    undo: more(
      'probe_dns_rcode',
      'probe_dns_rcode_info',
      'probe_dns_flag',
      'probe_dns_truncated',
      'probe_dns_tcp_fallback',
      'probe_dns_response_bytes',
      'probe_dns_answer_ttl_seconds',
      'probe_dns_answer_hash',
      'probe_dns_soa_refresh_seconds',
      'probe_dns_soa_retry_seconds',
      'probe_dns_soa_expire_seconds',
      'probe_dns_soa_minimum_seconds',
      'probe_dns_nsid_info',
      'probe_dns_ede',
    ),
  },
  'what each check came to': {
    because: 'new: probe_dns_check{check}',
    undo: more('probe_dns_check'),
  },
} as const satisfies Readonly<Record<string, Difference>>

/** Those that a case has to name. */
export const named = {
  'signatures have times': {
    because: 'new: when signatures in the answer begin and end',
    undo: more(
      'probe_dns_rrsig_earliest_expiry_timestamp_seconds',
      'probe_dns_rrsig_expiry_seconds',
      'probe_dns_rrsig_inception_timestamp_seconds',
    ),
  },
  'EDNS by default': {
    because: 'sonde sends EDNS unless the module says `edns: false`, so that UDP carries more than 512 octets',
    undo: other(...counts),
  },
  'a truncated answer is asked for over TCP': {
    because: 'TC over UDP -> TCP unless the module says `tcp_fallback: false`; blackbox_exporter ignores the bit',
    undo: other(...counts),
  },
  'a truncated answer is no success': {
    because: 'blackbox_exporter takes the part for the whole',
    undo: succeeded,
  },
  'all_match as it is named': {
    because: 'fail_if_all_match_regexp fails when all match; in blackbox_exporter when not all match',
    undo: other('probe_success'),
  },
  'an answer must answer': {
    because: 'ID, QR, opcode and question are compared; blackbox_exporter compares the ID alone',
    undo: other(...answer),
  },
  'an answer must be well-formed': {
    because: 'what is announced must be there, and at most one OPT record',
    undo: other(...answer),
  },
  'certificates of DNS over TLS': {
    because: 'the probe_ssl_ metrics and probe_tls_version_info also with DNS over TLS',
    undo: more(...certificate),
  },
  'the handshake is a phase': {
    because: 'with DNS over TLS there is phase="tls" in addition, and connect is the TCP connect alone',
    undo: ({ series, ...rest }) => {
      const { 'probe_dns_duration_seconds{phase=tls}': _tls, ...others } = series
      return { ...rest, series: others }
    },
  },
  'newer than 0.23.0: mapped addresses': {
    because: 'miekg/dns prints ::ffff:192.0.2.5 since, 0.23.0 has 192.0.2.5',
    undo: other('probe_success'),
  },
} as const satisfies Readonly<Record<string, Difference>>

export type DnsDifference = keyof typeof named

export const dns = { prober: 'dns', everywhere, named }
