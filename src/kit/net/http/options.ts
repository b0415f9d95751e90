import { bool, secret, text, z } from '../../options.ts'
import { oauth2 } from '../oauth2/options.ts'
import { checkProxy, proxyOptions } from '../proxy/options.ts'
import { atMostOne, isSet, refusedRef, tlsConfig } from '../tls/options.ts'
import { furtherHeaders, headerSecret } from './header-options.ts'

const basicAuth = z
  .strictObject({
    username: text().optional().describe('User name.'),
    username_file: text().optional().describe('File with the user name.'),
    username_ref: refusedRef('username or username_file'),
    password: secret().optional().describe('Password.'),
    password_file: text().optional().describe('File with the password.'),
    password_ref: refusedRef('password or password_file'),
  })
  .superRefine((auth, issues) => {
    atMostOne(issues, { username: auth.username, username_file: auth.username_file })
    atMostOne(issues, { password: auth.password, password_file: auth.password_file })
  })

const authorization = z
  .strictObject({
    type: text()
      .transform(type => type.trim() || 'Bearer')
      .refine(type => type.toLowerCase() !== 'basic', { error: 'expected another type than basic: use basic_auth' })
      .refine(type => /^[!#$%&'*+.^_`|~\w-]+$/.test(type), { error: 'expected one word, such as Bearer' })
      .prefault('Bearer')
      .describe('Authentication scheme.'),
    credentials: headerSecret().optional().describe('Credentials to send after the scheme.'),
    credentials_file: text().optional().describe('File with the credentials.'),
    credentials_ref: refusedRef('credentials or credentials_file'),
  })
  .superRefine((auth, issues) => {
    atMostOne(issues, { credentials: auth.credentials, credentials_file: auth.credentials_file })
  })

/** The HTTP client options that blackbox_exporter takes from prometheus/common; spread them into a schema. */
export const httpClientOptions = {
  basic_auth: basicAuth.optional().describe('User name and password to send.'),
  authorization: authorization.optional().describe('Authorization header to send.'),
  bearer_token: headerSecret().optional().describe('Bearer token to send; the older form of authorization.'),
  bearer_token_file: text().optional().describe('File with the bearer token to send.'),
  oauth2: oauth2.optional().describe('Get a token by OAuth 2.0 and send it.'),
  tls_config: tlsConfig().optional().describe('TLS towards the target.'),
  follow_redirects: bool().default(true).describe('Follow redirects, at most 10.'),
  enable_http2: bool().default(true).describe('Speak HTTP/2 when the server offers it over TLS (ALPN); else HTTP/1.1.'),
  ...proxyOptions,
  http_headers: furtherHeaders()
    .optional()
    .describe('Further headers, whose values may be secrets or come from files.'),
}

export type HttpClientConfig = z.output<z.ZodObject<typeof httpClientOptions>>

/** The rules of `httpClientOptions` that concern several keys; call it in `superRefine` of the schema they are in. */
export function checkHttpClient(http: HttpClientConfig, issues: z.RefinementCtx): void {
  atMostOne(issues, { bearer_token: http.bearer_token, bearer_token_file: http.bearer_token_file })
  const ways = {
    basic_auth: http.basic_auth !== undefined,
    oauth2: http.oauth2 !== undefined,
    authorization: http.authorization !== undefined,
    bearer_token: isSet(http.bearer_token) || isSet(http.bearer_token_file),
  }
  const used = Object.entries(ways).flatMap(([name, isUsed]) => (isUsed ? [name] : []))
  if (used.length > 1) {
    issues.addIssue({ code: 'custom', message: `at most one of ${used.join(' and ')} may be set` })
  }
  checkProxy(http, issues)
}
