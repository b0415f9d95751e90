import { bool, type z } from '../../options.ts'
import { checkProxy, proxyOptions } from '../proxy/options.ts'
import { tlsConfig } from '../tls/options.ts'
import { authOptions, checkAuth } from './auth-options.ts'
import { furtherHeaders } from './header-options.ts'

/** The HTTP client options that blackbox_exporter takes from prometheus/common; spread them into a schema. */
export const httpClientOptions = {
  ...authOptions,
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
  checkAuth(http, issues)
  checkProxy(http, issues)
}
