import { bool, dumps, secret, text, z } from '../../options.ts'
import { isSet } from '../tls/options.ts'

const proxySchemes = ['http:', 'https:', 'socks5:', 'socks5h:']

/** A URL as it may be shown: the password and what follows the `?` can be secrets. */
export function hideSecrets(value: string): string {
  if (!URL.canParse(value)) return value
  const url = new URL(value)
  if (url.password === '' && url.search === '') return value
  if (url.password !== '') url.password = 'SECRET'
  if (url.search !== '') url.search = 'SECRET'
  return url.href.replaceAll('SECRET', '<secret>')
}

const proxyUrl = () =>
  text()
    .refine(value => value === '' || (URL.canParse(value) && proxySchemes.includes(new URL(value).protocol)), {
      error: 'expected the URL of a proxy: http://, https://, socks5:// or socks5h://',
    })
    .register(dumps, { dump: hideSecrets })

/** The proxy keys that HTTP client and OAuth 2.0 have alike. */
export const proxyOptions = {
  proxy_url: proxyUrl().optional().describe('Proxy to use: http://, https://, socks5:// or socks5h://.'),
  no_proxy: text()
    .optional()
    .describe('Comma-separated hosts, domains and networks that are reached without the proxy.'),
  proxy_from_environment: bool().default(false).describe('Take the proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY.'),
  proxy_connect_header: z
    .record(z.string(), z.array(secret()))
    .optional()
    .describe('Headers to send to the proxy with CONNECT.'),
}

export type ProxyConfig = z.output<z.ZodObject<typeof proxyOptions>>

/** The rules that concern several of them. */
export function checkProxy(proxy: ProxyConfig, issues: z.RefinementCtx): void {
  const refuse = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message })
  const hasUrl = isSet(proxy.proxy_url)
  if (proxy.proxy_from_environment && hasUrl) refuse('proxy_url', 'cannot be combined with proxy_from_environment')
  if (isSet(proxy.no_proxy) && !hasUrl) refuse('no_proxy', 'needs proxy_url')
  if (Object.keys(proxy.proxy_connect_header ?? {}).length > 0 && !hasUrl && !proxy.proxy_from_environment) {
    refuse('proxy_connect_header', 'needs proxy_url or proxy_from_environment')
  }
}

/** The proxy keys that are in use, for a prober that has no proxies yet. */
export const proxyKeysInUse = (http: ProxyConfig): readonly string[] => [
  ...(isSet(http.proxy_url) ? ['proxy_url'] : []),
  ...(http.proxy_from_environment ? ['proxy_from_environment'] : []),
]
