import { checkSource, connectOptions } from '../../kit/net/connect-options.ts'
import { type HttpAuth, replaceAuth } from '../../kit/net/http/auth-options.ts'
import { moduleHeaders } from '../../kit/net/http/header-options.ts'
import { checkHttpClient, httpClientOptions } from '../../kit/net/http/options.ts'
import { method, statusCode } from '../../kit/net/http/request-options.ts'
import { addressOptions, atMostOne, bool, bytes, pattern, text, z } from '../../kit/options.ts'
import { acceptsCoding } from './accept-encoding.ts'
import { cel, compression, headerMatch, httpVersion } from './parts.ts'

const shape = {
  valid_status_codes: z
    .array(statusCode())
    .default([])
    .describe('Accepted status codes: 200, or ranges as in 2xx and 200-299. Empty: 200-299.'),
  accept_any_response: bool()
    .default(false)
    .describe('Accept every status code; headers and body are still checked. Excludes valid_status_codes.'),
  valid_http_versions: z
    .array(httpVersion())
    .default([])
    .describe('Accepted versions: HTTP/1.0, HTTP/1.1, HTTP/2.0, HTTP/3.0. Empty: any.'),
  method: method().prefault('GET').describe('Request method.'),
  headers: moduleHeaders()
    .default({})
    .describe('Headers to send: text, or secrets and files as in http_headers. Host sets virtual host and TLS name.'),
  body: text().optional().describe('Body to send.'),
  body_file: text().optional().describe('File whose content is the body to send.'),
  compression: compression()
    .prefault('')
    .describe(
      'Take the body as gzip, br, deflate, zstd (Node 24) or identity, whatever the answer says. Empty: do not decode it.',
    ),
  body_size_limit: bytes()
    .prefault(0)
    .describe(
      'Fail when the body has more octets than this after decoding; 0 means no limit, but 16MB for patterns and 4MB for CEL.',
    ),
  fail_if_ssl: bool().default(false).describe('Fail when the final answer came over TLS.'),
  fail_if_not_ssl: bool().default(false).describe('Fail when the final answer did not come over TLS.'),
  fail_if_body_matches_regexp: z.array(pattern()).default([]).describe('Fail when one of these is in the body.'),
  fail_if_body_not_matches_regexp: z.array(pattern()).default([]).describe('Fail unless all of these are in the body.'),
  fail_if_body_json_matches_cel: cel()
    .optional()
    .describe('Fail unless this CEL expression is false; it knows the JSON of the body as `body`, numbers as doubles.'),
  fail_if_body_json_not_matches_cel: cel()
    .optional()
    .describe('Fail unless this CEL expression is true; it knows the JSON of the body as `body`, numbers as doubles.'),
  fail_if_header_matches: z
    .array(headerMatch)
    .default([])
    .describe('Fail when any value of such a header matches, or when it is missing.'),
  fail_if_header_not_matches: z
    .array(headerMatch)
    .default([])
    .describe('Fail unless a value of each such header matches.'),
  skip_resolve_phase_with_proxy: bool()
    .default(false)
    .describe('Leave it to the proxy to look the name up; without a proxy it does nothing.'),
  enable_http3: bool().default(false).describe('HTTP/3; modules that set it cannot run, as Node has no HTTP/3.'),
  no_follow_redirects: bool().optional().describe('Older form of follow_redirects, with the opposite meaning.'),
  ...addressOptions,
  ...connectOptions,
  ...httpClientOptions,
}

type Shape = z.output<z.ZodObject<typeof shape>>

function checkVersions(http: Shape, issues: z.RefinementCtx): void {
  const refuse = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message })
  const lists = (version: Shape['valid_http_versions'][number]) => http.valid_http_versions.includes(version)
  if (!http.enable_http3) {
    if (lists('HTTP/3.0')) refuse('valid_http_versions', 'HTTP/3.0 needs enable_http3: true')
    const isHttp2Alone = lists('HTTP/2.0') && new Set(http.valid_http_versions).size === 1
    if (isHttp2Alone && !http.enable_http2) refuse('valid_http_versions', 'HTTP/2.0 needs enable_http2: true')
    return
  }
  if (http.enable_http2) refuse('enable_http3', 'needs enable_http2: false')
  if (lists('HTTP/1.1') || lists('HTTP/2.0')) {
    refuse('valid_http_versions', 'with enable_http3, neither HTTP/1.1 nor HTTP/2.0 is possible')
  }
}

/** blackbox_exporter's rules for the section `http`, and what could never succeed. */
export const options = z.strictObject(shape).superRefine((http, issues) => {
  const refuse = (path: readonly string[], message: string) =>
    issues.addIssue({ code: 'custom', path: [...path], message })
  checkHttpClient(http, issues)
  checkSource(http, issues)
  checkVersions(http, issues)
  atMostOne(issues, { body: http.body, body_file: http.body_file })
  if (http.accept_any_response && http.valid_status_codes.length > 0) {
    refuse(['accept_any_response'], 'excludes valid_status_codes')
  }
  if (http.fail_if_ssl && http.fail_if_not_ssl) refuse(['fail_if_not_ssl'], 'excludes fail_if_ssl')
  for (const [name, value] of Object.entries(http.headers)) {
    if (typeof value !== 'string' || name.toLowerCase() !== 'accept-encoding') continue
    if (acceptsCoding(value, http.compression)) continue
    refuse(['headers', name], `does not accept the coding that compression: ${http.compression} asks for`)
  }
})

export type HttpOptions = z.output<typeof options>

/** Whether redirects are followed: the deprecated key has the last word. */
export const followsRedirects = ({ no_follow_redirects: no, follow_redirects: yes }: HttpOptions): boolean =>
  no === undefined ? yes : !no

/** The options with these credentials in place of their own, a header Authorization among those. */
export const withAuth = (http: HttpOptions, auth: HttpAuth): HttpOptions => ({
  ...replaceAuth(http, auth),
  headers: Object.fromEntries(Object.entries(http.headers).filter(([name]) => !/^authorization$/i.test(name))),
})
