import { bool, dumps, text, z } from '../../options.ts'
import { headerName, headerSecret } from '../http/header-options.ts'
import { type EnvironmentProxies, proxiesOf } from './environment.ts'
import { compileNoProxy, entryExpected, type NoProxy } from './no-proxy.ts'
import { dumpProxy, isSocks, type ProxyServer, parseProxy } from './proxy-url.ts'

/** A URL as it may be shown: the password and what follows the `?` can be secrets. */
export function hideSecrets(value: string): string {
  if (!URL.canParse(value)) return value
  const url = new URL(value)
  if (url.password === '' && url.search === '') return value
  if (url.password !== '') url.password = 'SECRET'
  if (url.search !== '') url.search = 'SECRET'
  return url.href.replaceAll('SECRET', '<secret>')
}

/** Runs what throws an `Error` with a message for the operator. */
function attempt<T>(issues: z.RefinementCtx, work: () => T): T {
  try {
    return work()
  } catch (error) {
    issues.addIssue({ code: 'custom', message: (error as Error).message })
    return z.NEVER
  }
}

/** Empty text counts as absent, as in Go. */
const proxyUrl = () =>
  text()
    .transform((value, issues) => (value === '' ? undefined : attempt(issues, () => parseProxy(value))))
    .meta({ title: 'URL' })
    .register(dumps, { dump: (proxy: ProxyServer) => dumpProxy(proxy) })

const noProxy = () =>
  text()
    .transform((value, issues) => {
      const rules = compileNoProxy(value)
      for (const entry of rules.junk) issues.addIssue({ code: 'custom', message: `'${entry}': ${entryExpected}` })
      return value === '' ? undefined : rules
    })
    .meta({ title: 'text' })
    .register(dumps, { dump: (rules: NoProxy) => rules.text })

/** The environment is read here, once for each time the configuration is. */
const fromEnvironment = () =>
  bool()
    .transform((isOn, issues): EnvironmentProxies | false => isOn && attempt(issues, () => proxiesOf(process.env)))
    .meta({ type: 'boolean', default: false })
    .register(dumps, { dump: (proxies: EnvironmentProxies | false) => proxies !== false })

/** What the request for a tunnel says anyhow, or has no use for. */
const ownHeaders = new Set(['host', 'content-length', 'transfer-encoding', 'trailer'])

const connectHeader = () =>
  headerName().refine(name => !ownHeaders.has(name.toLowerCase()), { error: 'this header may not be set here' })

/** The proxy keys that HTTP client and OAuth 2.0 have alike. */
export const proxyOptions = {
  proxy_url: proxyUrl()
    .optional()
    .describe(
      'Proxy to use: http://, https://, socks5:// or socks5h://; user name and password stand before the host.',
    ),
  no_proxy: noProxy()
    .optional()
    .describe('Comma-separated hosts, domains, addresses and networks that are reached without the proxy.'),
  proxy_from_environment: fromEnvironment()
    .prefault(false)
    .describe('Take the proxy from HTTP_PROXY, HTTPS_PROXY and NO_PROXY, as they are when the configuration is read.'),
  proxy_connect_header: z
    .record(connectHeader(), z.array(headerSecret()))
    .optional()
    .describe('Headers to send when asking an HTTP proxy for a tunnel (CONNECT).'),
}

export type ProxyConfig = z.output<z.ZodObject<typeof proxyOptions>>

/** The rules that concern several of them. */
export function checkProxy(proxy: ProxyConfig, issues: z.RefinementCtx): void {
  const refuse = (path: string, message: string) => issues.addIssue({ code: 'custom', path: [path], message })
  const { proxy_url: url, proxy_from_environment: environment } = proxy
  if (environment && url !== undefined) refuse('proxy_url', 'cannot be combined with proxy_from_environment')
  if (proxy.no_proxy !== undefined && url === undefined) refuse('no_proxy', 'needs proxy_url')
  if (Object.keys(proxy.proxy_connect_header ?? {}).length > 0 && url === undefined && !environment) {
    refuse('proxy_connect_header', 'needs proxy_url or proxy_from_environment')
  }
}

/** What an operator should know of these options at load. */
export function proxyWarnings(config: ProxyConfig): readonly string[] {
  const { proxy_url, proxy_from_environment: environment, proxy_connect_header: headers = {} } = config
  const proxies = [proxy_url, ...(environment ? [environment.http, environment.https] : [])].filter(
    proxy => proxy !== undefined,
  )
  const isOverruled = proxies.some(({ username }) => username !== undefined)
  const overruled = Object.keys(headers).filter(name => isOverruled && name.toLowerCase() === 'proxy-authorization')
  const isInVain = proxies.length > 0 && proxies.every(isSocks) && Object.keys(headers).length > 0
  return [
    ...(environment ? environment.warnings.map(warning => `proxy_from_environment: ${warning}`) : []),
    ...(isInVain ? ['proxy_connect_header is not sent: a SOCKS proxy takes none'] : []),
    ...overruled.map(name => `proxy_connect_header.${name} is not sent when the URL of the proxy has a user name`),
  ]
}
