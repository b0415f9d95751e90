import { headerName } from '../../../kit/net/http/header-options.ts'
import { checkHttpClient, httpClientOptions } from '../../../kit/net/http/options.ts'
import { method, statusCode } from '../../../kit/net/http/request-options.ts'
import { isToken } from '../../../kit/net/http/token.ts'
import { bool, bytes, pattern, positiveDuration, text, z } from '../../../kit/options.ts'
import { formats } from '../document/document.ts'
import { given, jsonBody } from '../request/given.ts'
import { template } from '../request/template.ts'
import { requestCheck } from './check.ts'
import { query } from './value.ts'

const body = z
  .strictObject({
    text: given().optional().describe('Body as it stands.'),
    json: jsonBody().optional().describe('Body as JSON; a map of just `file` or `env` stands for a hidden text.'),
    form: z.record(z.string(), given()).optional().describe('Body as fields of a form.'),
  })
  .superRefine((given, issues) => {
    if (Object.values(given).filter(form => form !== undefined).length !== 1) {
      issues.addIssue({ code: 'custom', message: 'expected one of text, json and form' })
    }
  })

/** What a request has of its own, or the section for all of them. */
export const transportShape = {
  path: template().optional().describe("Appended to the target's path."),
  method: method().optional().describe('Request method; GET by default, POST with a body.'),
  query: z.record(z.string(), given()).optional().describe('Parameters of the URL.'),
  headers: z
    .record(headerName(), given())
    .optional()
    .describe('Headers to send: text, or `{file: PATH}` or `{env: NAME}`, which are hidden.'),
  body: body.optional().describe('Body to send.'),
  http_client_config: z
    .strictObject(httpClientOptions)
    .superRefine(checkHttpClient)
    .optional()
    .describe("Authentication, TLS and proxy, with Prometheus' names."),
  valid_status_codes: z
    .array(statusCode())
    .optional()
    .describe('Accepted status codes: 200, or ranges as in 2xx and 200-299. Empty: 200-299.'),
  format: z
    .enum([...formats, 'auto'])
    .optional()
    .describe('What the body is: json, xml, text, or auto to go by its Content-Type; json by default.'),
  body_size_limit: bytes()
    .optional()
    .describe('Fail when the body has more octets than this after decoding; 10MB by default, 5MB for XML.'),
}

const cache = z.strictObject({
  ttl: positiveDuration().describe('How long what was extracted may be used again.'),
})

const token = () => text().refine(isToken, { error: 'expected the name of a header, or of a cookie' })

const ofHead = z
  .strictObject({
    header: token().optional().describe('Header of the answer.'),
    cookie: token().optional().describe('Cookie that the answer sets.'),
  })
  .refine(({ header, cookie }) => (header === undefined) !== (cookie === undefined), {
    error: 'expected one of header and cookie',
  })

/** What is taken from an answer for other requests: found by a query, or in its head. */
export type Extracted = string | z.output<typeof ofHead>

/** One of `requests`. */
export const request = z.strictObject({
  ...transportShape,
  required: bool().default(true).describe('Whether the probe fails when this request does.'),
  checks: z.array(requestCheck).default([]).describe('Checks of the answer: when one fails, the request has failed.'),
  extract: z
    .record(z.string(), z.union([query(), ofHead]))
    .default({})
    .describe(
      'What is `{{REQUEST.NAME}}` in other requests, by name: a query for it, `{header: NAME}`, or `{cookie: NAME}` for one that the answer sets.',
    ),
  cache: cache.optional().describe('Keep what was extracted for later probes.'),
})

/** One of `params`. */
export const param = z.strictObject({
  default: text().optional().describe('Value when the caller gives none.'),
  pattern: pattern().describe('RE2 pattern that the whole value must match.'),
  required: bool().default(false).describe('Whether the caller must give it.'),
})

export type RequestOptions = z.output<typeof request>
