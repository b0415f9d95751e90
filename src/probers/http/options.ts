import { type Cel, compileCel } from '../../kit/cel.ts'
import { asciiHost } from '../../kit/net/ascii-host.ts'
import { connectOptions } from '../../kit/net/connect-options.ts'
import { type HttpAuth, replaceAuth } from '../../kit/net/http/auth-options.ts'
import { moduleHeaders } from '../../kit/net/http/header-options.ts'
import { checkHttpClient, httpClientOptions } from '../../kit/net/http/options.ts'
import { hasZstd } from '../../kit/net/http/zstd.ts'
import { isSet } from '../../kit/net/tls/options.ts'
import { addressOptions, bool, bytes, dumps, pattern, text, z } from '../../kit/options.ts'
import { acceptsCoding } from './accept-encoding.ts'

export interface StatusRange {
  readonly from: number
  readonly to: number
}

function statusRange(text: string): StatusRange | undefined {
  const [, single, family, from, to] = /^(?:(\d{1,3})|([1-5])xx|([1-5]\d\d)-([1-5]\d\d))$/i.exec(text) ?? []
  if (single !== undefined) return { from: Number(single), to: Number(single) }
  if (family !== undefined) return { from: Number(family) * 100, to: Number(family) * 100 + 99 }
  const range = { from: Number(from), to: Number(to) }
  return range.from <= range.to ? range : undefined
}

const statusCode = () =>
  z
    .union([z.int(), z.string()])
    .transform((value, issues): StatusRange => {
      const range = statusRange(String(value))
      if (range !== undefined) return range
      issues.addIssue({ code: 'custom', message: 'expected a status such as 200, 2xx or 200-299' })
      return z.NEVER
    })
    .register(dumps, { dump: ({ from, to }: StatusRange) => (from === to ? from : `${from}-${to}`) })

const httpVersion = () =>
  z
    .enum(['HTTP/1.0', 'HTTP/1.1', 'HTTP/2', 'HTTP/2.0', 'HTTP/3.0'])
    .transform(version => (version === 'HTTP/2' ? 'HTTP/2.0' : version))

const method = () =>
  text()
    .transform(value => value.toUpperCase() || 'GET')
    .refine(value => /^[!#$%&'*+.^_`|~\w-]+$/.test(value) && value !== 'CONNECT', { error: 'expected an HTTP method' })

const compression = () =>
  text()
    .transform(value => value.toLowerCase())
    .pipe(
      z.enum(['', 'gzip', 'br', 'deflate', 'zstd', 'identity'], {
        error: 'expected gzip, br, deflate, zstd or identity',
      }),
    )
    .refine(value => value !== 'zstd' || hasZstd, `zstd needs a current Node 24, this is ${process.version}`)

const headerMatch = z.strictObject({
  header: text()
    .refine(value => value !== '', 'expected the name of a header')
    .describe('Name of the header.'),
  regexp: pattern()
    .refine(({ source }) => source !== '', 'expected a regular expression that is not empty')
    .describe('RE2 pattern to look for in its values.'),
  allow_missing: bool().default(false).describe('Accept an answer without this header.'),
})

const cel = () =>
  text()
    .transform((source, issues): Cel => {
      try {
        return compileCel(source)
      } catch (error) {
        issues.addIssue({ code: 'custom', message: `bad CEL expression: ${(error as Error).message}` })
        return z.NEVER
      }
    })
    .meta({ title: 'CEL expression' })

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

/** blackbox_exporter's rules for the section `http`. */
export const options = z.strictObject(shape).superRefine((http, issues) => {
  checkHttpClient(http, issues)
  checkVersions(http, issues)
  if (http.accept_any_response && http.valid_status_codes.length > 0) {
    issues.addIssue({ code: 'custom', path: ['accept_any_response'], message: 'excludes valid_status_codes' })
  }
  if (isSet(http.body) && isSet(http.body_file)) {
    issues.addIssue({ code: 'custom', path: ['body_file'], message: 'at most one of body and body_file may be set' })
  }
  for (const [name, value] of Object.entries(http.headers)) {
    if (typeof value !== 'string') continue
    if (name.toLowerCase() === 'host' && asciiHost(value) === undefined) {
      issues.addIssue({ code: 'custom', path: ['headers', name], message: 'expected a host name' })
    }
    if (name.toLowerCase() !== 'accept-encoding' || acceptsCoding(value, http.compression)) continue
    const message = `does not accept the coding that compression: ${http.compression} asks for`
    issues.addIssue({ code: 'custom', path: ['headers', name], message })
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
