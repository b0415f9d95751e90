import { validateHeaderName } from 'node:http'
import { secret, text, z } from '../../options.ts'
import { isHostPort } from '../ascii-host.ts'

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

/** Whether a value can stand in a header: no control character but the tab (RFC 9110, 5.5). */
export const fitsHeader = (value: string) => !unfitInHeader.test(value)
const badHeaderValue = { error: 'expected a header value without control characters' }

/** A value that goes into a header as it stands. */
const headerValue = () => text().refine(fitsHeader, badHeaderValue)

/** Like `headerValue`, for one that is secret. */
export const headerSecret = () => secret().refine(value => fitsHeader(value.peek() ?? ''), badHeaderValue)

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
  'http2-settings',
])

/** `http_headers`: what belongs to sonde or to another option may not be set. */
export const furtherHeaders = () =>
  z.record(
    headerName().refine(name => !reservedHeaders.has(name.toLowerCase()), { error: 'this header may not be set here' }),
    headerSources,
  )

/** Headers that sonde leaves out or writes by itself, whatever a module says of them, in lower case. */
const framingHeaders: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'trailer',
  'http2-settings', // HTTP/2 is agreed on by TLS (ALPN), never by an upgrade (RFC 9113, 3.1)
])

const isHost = (name: string) => /^host$/i.test(name)

/** Those, and `Host`, which is an option of its own. */
export const isOwnHeader = (name: string): boolean => isHost(name) || framingHeaders.has(name.toLowerCase())

/**
 * `headers` of a module: plain text, which is not hidden in dumps, as in blackbox_exporter; or values that may be
 * secret or come from files.
 */
export const moduleHeaders = () =>
  z.record(headerName(), z.union([headerValue(), headerSources])).superRefine((headers, issues) => {
    const refuse = (name: string, message: string) => issues.addIssue({ code: 'custom', path: [name], message })
    for (const [name, value] of Object.entries(headers)) {
      if (typeof value !== 'string') {
        if (isOwnHeader(name)) refuse(name, 'expected plain text for this header')
      } else if (isHost(name) && value !== '' && !isHostPort(value)) {
        refuse(name, 'expected a host name or an address, with or without a port')
      }
    }
    const [first, ...again] = Object.keys(headers).filter(isHost)
    for (const name of again) refuse(name, `this header is set already, as ${first}`)
  })

export type ModuleHeaders = Readonly<z.output<ReturnType<typeof moduleHeaders>>>

/** What an operator should know of the headers of a module at load. */
export const headerWarnings = (headers: ModuleHeaders): readonly string[] =>
  Object.keys(headers)
    .filter(name => framingHeaders.has(name.toLowerCase()))
    .map(name => `headers.${name} is not sent: sonde frames requests by itself`)
