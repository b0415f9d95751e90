import { familyOf, type Outcome } from './side-by-side.ts'
import type { Sent } from './targets.ts'

/** What sonde does otherwise than blackbox_exporter 0.23.0, on purpose. */
interface Difference {
  /** What is documented, or why it is so. */
  readonly because: string
  /** Sonde's outcome as it would be without this difference. */
  readonly undo?: Undo
  /** The lines of requests that differ, or all requests. */
  readonly sent?: RegExp | 'all'
}

type Undo = (sonde: Outcome, blackbox: Outcome) => Outcome

const without = (outcome: Outcome, families: readonly string[]): Outcome => {
  const keep = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !families.includes(familyOf(key))))
  return { ...outcome, types: keep(outcome.types), series: keep(outcome.series) }
}

/** Families that sonde has and blackbox_exporter has not. */
const more = (...families: readonly string[]): Undo => {
  return (sonde, blackbox) => {
    const missing = families.filter(name => !(name in blackbox.types))
    return without(sonde, missing)
  }
}

/** Families whose values are other ones, or that are there in one of the two alone. */
const other = (...families: readonly string[]): Undo => {
  return (sonde, blackbox) => {
    const rest = Object.keys(blackbox.types).filter(name => !families.includes(name))
    const [mine, theirs] = [without(sonde, families), without(blackbox, rest)]
    return {
      status: sonde.status,
      types: { ...mine.types, ...theirs.types },
      series: { ...mine.series, ...theirs.series },
    }
  }
}

const certificate = ['probe_ssl_earliest_cert_expiry', 'probe_ssl_last_chain_info', 'probe_tls_version_info']
const answer = [
  'probe_success',
  'probe_http_status_code',
  'probe_http_content_length',
  'probe_http_uncompressed_body_length',
  'probe_http_version',
  'probe_http_ssl',
]

/** Those that any case may show. */
export const everywhere = {
  'why it failed': {
    because: 'probe_failure_info{reason} on every failed probe',
    undo: more('probe_failure_info', 'probe_failure_phase_info'),
  },
  'more of TLS': {
    because:
      'new: probe_ssl_verified, probe_ssl_verify_error_info{error}, probe_ssl_cert_not_before, probe_ssl_ocsp_stapled',
    undo: more(
      'probe_ssl_verified',
      'probe_ssl_verify_error_info',
      'probe_ssl_cert_not_before',
      'probe_ssl_ocsp_stapled',
    ),
  },
  'newer than 0.23.0: probe_timeout_seconds': {
    because: 'in main, in no release: probe_timeout_seconds (#1571)',
    undo: more('probe_timeout_seconds'),
  },
  'newer than 0.23.0: probe_tls_cipher_info': {
    because: '0.23.0 does not tell the cipher',
    undo: more('probe_tls_cipher_info'),
  },
  'newer than 0.23.0: serialnumber': {
    because: 'probe_ssl_last_chain_info of 0.23.0 lacks the label serialnumber',
    undo: sonde => {
      const series = Object.entries(sonde.series).map(
        ([key, value]) =>
          [key.replace(/^(probe_ssl_last_chain_info\{.*), serialnumber=[0-9a-f]+/, '$1'), value] as const,
      )
      return { ...sonde, series: Object.fromEntries(series) }
    },
  },
  'no Referer': {
    because: "Go's client tells the next server of a redirect where it came from; sonde does not",
    sent: /^referer: /,
  },
} as const satisfies Readonly<Record<string, Difference>>

/** Those that a case has to name. */
export const named = {
  'TLS facts although the verification failed': {
    because: 'certificate, version and cipher metrics are exported, probe_success is 0 with reason tls',
    undo: more(...certificate),
  },
  'no chain, no end of it': {
    because: 'probe_ssl_last_chain_expiry_timestamp_seconds without a verified chain is absent, not -62135596800',
    undo: (sonde, blackbox) =>
      blackbox.series.probe_ssl_last_chain_expiry_timestamp_seconds === -62_135_596_800
        ? other('probe_ssl_last_chain_expiry_timestamp_seconds')(sonde, blackbox)
        : sonde,
  },
  'deflate in both framings': {
    because: 'compression: deflate takes zlib framing and raw DEFLATE',
    undo: other('probe_success', 'probe_http_uncompressed_body_length'),
  },
  'the body of a redirect that is not followed': {
    because: 'the body of the final response is read, whatever its status',
    undo: other('probe_success', 'probe_failed_due_to_regex', 'probe_http_uncompressed_body_length'),
  },
  'the alias HTTP/2': {
    because: 'valid_http_versions: ["HTTP/2"] is an alias of HTTP/2.0',
    undo: other('probe_success'),
  },
  'credentials stay with the name': {
    because: 'compared with the original name; kept on the same host, never sent to another',
    undo: other(...answer),
    sent: /^authorization: /,
  },
  'cookies stay with the name': {
    because: 'cookies on redirects are stored under the name',
    undo: other(...answer),
    sent: /^cookie: /,
  },
  'Host with a port': {
    because: 'TLS name from a Host header with a port: port removed',
    undo: other(...answer, ...certificate, 'probe_ssl_last_chain_expiry_timestamp_seconds'),
    sent: 'all',
  },
  'newer than 0.23.0: the scheme in capitals': {
    because: 'in main, in no release: case-insensitive http scheme (#1137)',
    undo: other(...answer, 'probe_http_duration_seconds', 'probe_ip_protocol', 'probe_ip_addr_hash'),
    sent: 'all',
  },
  'newer than 0.23.0: CEL': {
    because: 'probe_failed_due_to_cel is there with a CEL option; without one, a pattern says the same',
    undo: (sonde, blackbox) =>
      other('probe_failed_due_to_regex')(more('probe_failed_due_to_cel')(sonde, blackbox), blackbox),
  },
  'no Content-Type without a body': {
    because: 'a redirect that turns POST into GET drops the headers that tell of the body; Go keeps them',
    sent: /^content-type: /,
  },
  'a length of nothing': {
    because: 'Node tells the length of an empty body with every method but a few; Go with a few alone',
    sent: /^content-length: 0$/,
  },
  'host names in small letters': {
    because: 'sonde sends the host as a URL parser writes it',
    sent: /^host: localhost:\d+$/i,
  },
  'a redirect to nowhere counts': {
    because: 'probe_http_redirects counts a redirect whose Location is no URL',
    undo: other('probe_http_redirects'),
  },
  'files for TLS are read for TLS': {
    because: 'files of tls_config are not read when nothing of TLS is spoken',
    undo: other(...answer, 'probe_http_duration_seconds'),
    sent: 'all',
  },
  'files before the request': {
    because: 'a credentials file that is missing ends the probe before the request begins',
    undo: other('probe_http_duration_seconds'),
  },
  'nothing to unpack': {
    because: 'an empty body is no broken one, whatever the coding',
    undo: other('probe_success'),
  },
  'reading counts as matching: gzip': {
    because: 'a body that is no gzip fails in the regex step, as one that is no br does',
    undo: other('probe_failed_due_to_regex'),
  },
  'reading counts as matching: timeout': {
    because: 'a deadline that passes while the body is read is no failed regex',
    undo: other('probe_failed_due_to_regex'),
  },
} as const satisfies Readonly<Record<string, Difference>>

export type DifferenceName = keyof typeof named

/** What came of a question: the metrics, and what the servers were asked. */
export interface Told {
  readonly outcome: Outcome
  readonly sent: readonly Sent[]
}

const strip = (sent: readonly Sent[], lines: RegExp | 'all'): readonly Sent[] =>
  lines === 'all'
    ? []
    : sent.map(request => ({ ...request, headers: request.headers.filter(line => !lines.test(line)) }))

/** Both sides without the differences, and the names of those that were there. */
export function undoDifferences(
  told: { readonly blackbox: Told; readonly sonde: Told },
  names: readonly DifferenceName[],
) {
  const used: string[] = []
  const all: readonly (readonly [string, Difference])[] = [
    ...Object.entries(everywhere),
    ...names.map(name => [name, named[name]] as const),
  ]
  let { blackbox, sonde } = told
  for (const [name, { undo, sent }] of all) {
    const before = JSON.stringify([blackbox, sonde])
    if (undo !== undefined) sonde = { ...sonde, outcome: undo(sonde.outcome, blackbox.outcome) }
    if (sent !== undefined) {
      blackbox = { ...blackbox, sent: strip(blackbox.sent, sent) }
      sonde = { ...sonde, sent: strip(sonde.sent, sent) }
    }
    if (JSON.stringify([blackbox, sonde]) !== before) used.push(name)
  }
  return { blackbox, sonde, used }
}
