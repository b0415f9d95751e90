import { validateHeaderName } from 'node:http'
import { secret, text, z } from '../../options.ts'

/** The name of a header. */
export const headerName = () =>
  z.string().refine(
    name => {
      try {
        validateHeaderName(name)
        return true
      } catch {
        return false
      }
    },
    { error: 'expected the name of an HTTP header' },
  )

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const unfitInHeader = /[\u0000-\u0008\u000a-\u001f\u007f]/

export const fitsHeader = (value: string) => !unfitInHeader.test(value)
const badHeaderValue = { error: 'expected a header value without control characters' }

/** A value that goes into a header as it stands. */
export const headerValue = () => text().refine(fitsHeader, badHeaderValue)

/** Like `headerValue`, for one that is secret. */
export const headerSecret = () => secret().refine(value => fitsHeader(value.reveal()), badHeaderValue)

/** Values of one header. */
const headerSources = z.strictObject({
  values: z.array(headerValue()).default([]).describe('Values to send.'),
  secrets: z
    .array(headerSecret())
    .default([])
    .describe('Values to send that are hidden wherever the configuration is shown.'),
  files: z
    .array(text().refine(path => path !== '', { error: 'expected the path of a file' }))
    .default([])
    .describe('Files whose content is a value to send.'),
})

/** Names that `http_headers` may not set (prometheus/common's, and what else belongs to the connection), in lower case. */
const reservedHeaders = new Set([
  'authorization',
  'host',
  'content-encoding',
  'content-length',
  'content-type',
  'user-agent',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'www-authenticate',
  'accept-encoding',
  'x-prometheus-remote-write-version',
  'x-prometheus-remote-read-version',
  'x-prometheus-scrape-timeout-seconds',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-content-sha256',
  'transfer-encoding',
  'te',
  'trailer',
  'upgrade',
  'proxy-connection',
])

/** `http_headers`: what belongs to sonde or to another option may not be set. */
export const furtherHeaders = () =>
  z.record(
    headerName().refine(name => !reservedHeaders.has(name.toLowerCase()), { error: 'this header may not be set here' }),
    headerSources,
  )

/** Headers that sonde writes by itself, whatever a module says of them, in lower case. */
export const framingHeaders: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding', 'trailer'])

/** Those, and `Host`, which is an option of its own. */
export const isOwnHeader = (name: string): boolean => /^host$/i.test(name) || framingHeaders.has(name.toLowerCase())

/**
 * `headers` of a module: plain text, which is not hidden in dumps, as in blackbox_exporter; or values that may be
 * secret or come from files.
 */
export const moduleHeaders = () =>
  z.record(headerName(), z.union([headerValue(), headerSources])).superRefine((headers, issues) => {
    for (const [name, value] of Object.entries(headers)) {
      if (typeof value === 'string' || !isOwnHeader(name)) continue
      issues.addIssue({ code: 'custom', path: [name], message: 'expected plain text for this header' })
    }
  })

export type ModuleHeaders = Readonly<z.output<ReturnType<typeof moduleHeaders>>>
