import { type Difference, more, other, withoutLines } from './difference.ts'

const certificate = ['probe_ssl_earliest_cert_expiry', 'probe_ssl_last_chain_info', 'probe_tls_version_info']
const chainEnd = 'probe_ssl_last_chain_expiry_timestamp_seconds'
const lookup = ['probe_dns_lookup_time_seconds', 'probe_ip_protocol', 'probe_ip_addr_hash']
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
    sent: withoutLines(/^referer: /),
  },
} as const satisfies Readonly<Record<string, Difference>>

/** Documented ones, which a case has to name. */
const documented = {
  'a malformed target is refused': {
    because: '400: your request: unknown module, missing or malformed target; user name and password in a target',
    undo: (sonde, blackbox) => (sonde.status === 400 ? blackbox : sonde),
    sent: () => [],
  },
  'TLS facts although the handshake failed': {
    because: 'certificate, version and cipher metrics are exported, probe_success is 0 with reason tls',
    undo: more(...certificate, chainEnd),
  },
  'no chain, no end of it': {
    because: 'probe_ssl_last_chain_expiry_timestamp_seconds without a verified chain is absent, not -62135596800',
    undo: (sonde, blackbox) =>
      blackbox.series[chainEnd] === -62_135_596_800 ? other(chainEnd)(sonde, blackbox) : sonde,
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
    sent: withoutLines(/^authorization: /),
  },
  'cookies stay with the name': {
    because: 'cookies on redirects are stored under the name',
    undo: other(...answer),
    sent: withoutLines(/^cookie: /),
  },
  'Host with a port': {
    because: 'TLS name from a Host header with a port: port removed',
    undo: other(...answer, ...certificate, chainEnd),
    sent: () => [],
  },
  'newer than 0.23.0: the scheme in capitals': {
    because: 'in main, in no release: case-insensitive http scheme (#1137)',
    undo: other(...answer, 'probe_http_duration_seconds', ...lookup),
    sent: () => [],
  },
  'newer than 0.23.0: CEL': {
    because: 'probe_failed_due_to_cel is there with a CEL option; without one, a pattern says the same',
    undo: (sonde, blackbox) =>
      other('probe_failed_due_to_regex')(more('probe_failed_due_to_cel')(sonde, blackbox), blackbox),
  },
  'redirects are looked up too': {
    because: 'each hop goes through its own lookup, so a proxy gets addresses of all; Go looks up the first alone',
    sent: sent => sent.map(request => ({ ...request, url: request.url.replace('localhost:', '127.0.0.1:') })),
  },
  'a Host leads no proxy elsewhere': {
    because: 'a forward proxy is asked for the URL of the target; Go writes the Host into it, which leads elsewhere',
    undo: other(...answer),
    sent: () => [],
  },
  'a refused token is fetched anew': {
    because: 'tokens are cached until they expire, refetched once on 401',
    sent: sent =>
      withoutLines(/^authorization: Bearer fresh/)(sent).filter(
        ({ url }, at) => sent.findIndex(request => request.url === url) === at,
      ),
  },
} as const satisfies Readonly<Record<string, Difference>>

/** Those that these tests found and that no document tells of yet: each is to be told of, or to be mended. */
const undocumented = {
  'targets are read as browsers do': {
    because: 'addresses in short forms, spaces in queries and lone % are understood; Go fails',
    undo: other(...answer, 'probe_http_duration_seconds', ...lookup),
    sent: () => [],
  },
  'reading counts as matching: gzip': {
    because: 'a body that is no gzip fails in the regex step, as one that is no br does',
    undo: other('probe_failed_due_to_regex'),
  },
  'a length of nothing': {
    because: 'Node tells the length of an empty body with every method but a few; Go with a few alone',
    sent: withoutLines(/^content-length: 0$/),
  },
  'no Content-Type without a body': {
    because: 'a redirect that turns POST into GET drops the headers that tell of the body; Go keeps them',
    sent: withoutLines(/^content-type: /),
  },
  'host names in small letters': {
    because: 'sonde sends the host as a URL parser writes it',
    sent: withoutLines(/^host: localhost:\d+$/i),
  },
  'tokens are not packed': {
    because: "Go's client asks the token server for gzip; sonde does not",
    sent: withoutLines(/^accept-encoding: gzip$/),
  },
  'nothing to unpack': {
    because: 'an empty body is no broken one, whatever the coding',
    undo: other('probe_success'),
  },
  'files for TLS are read for TLS': {
    because: 'files of tls_config are not read when nothing of TLS is spoken',
    undo: other(...answer, 'probe_http_duration_seconds'),
    sent: () => [],
  },
  'TLS to the proxy is none to the target': {
    because: 'probe_http_ssl and the certificate are those of the target, which is asked over plain http',
    undo: other('probe_http_ssl', ...certificate, chainEnd),
  },
} as const satisfies Readonly<Record<string, Difference>>

/** Those that a case has to name. */
export const named = { ...documented, ...undocumented }

export type DifferenceName = keyof typeof named

export const http = { prober: 'http', everywhere, named }
