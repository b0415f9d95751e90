import { compileNoProxy, entryExpected, type NoProxy } from './no-proxy.ts'
import { type ProxyServer, parseProxy } from './proxy-url.ts'

/** What the environment says of proxies. */
export interface EnvironmentProxies {
  readonly http: ProxyServer | undefined
  readonly https: ProxyServer | undefined
  readonly noProxy: NoProxy
  readonly warnings: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** The variable that counts: in capitals before in small letters, and an empty one is none. */
function settingOf(env: Environment, name: string) {
  const variable = [name, name.toLowerCase()].find(known => env[known]) ?? name
  return { variable, value: env[variable]?.trim() ?? '' }
}

function proxyOf(env: Environment, name: string): ProxyServer | undefined {
  const { variable, value } = settingOf(env, name)
  if (value === '') return undefined
  try {
    return parseProxy(value.includes('://') ? value : `http://${value}`)
  } catch (error) {
    throw new Error(`${variable}: ${(error as Error).message}`)
  }
}

/**
 * Reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Go does (golang.org/x/net/http/httpproxy). Throws an `Error` for a proxy
 * that is none, where Go goes without in silence. What cannot be used in NO_PROXY is passed over with a warning, as
 * programs differ in what they take there.
 */
export function proxiesOf(env: Environment): EnvironmentProxies {
  const http = proxyOf(env, 'HTTP_PROXY')
  const https = proxyOf(env, 'HTTPS_PROXY')
  const { variable, value } = settingOf(env, 'NO_PROXY')
  const noProxy = compileNoProxy(value)
  // The web server would make HTTP_PROXY of a client's header Proxy.
  const isCgi = Boolean(env.REQUEST_METHOD)
  return {
    http: isCgi ? undefined : http,
    https,
    noProxy,
    warnings: [
      ...(http === undefined && https === undefined ? ['there is neither HTTP_PROXY nor HTTPS_PROXY'] : []),
      ...(isCgi && http !== undefined ? ['HTTP_PROXY is not used, as REQUEST_METHOD is set: this looks like CGI'] : []),
      ...noProxy.junk.map(entry => `${variable}: '${entry}' is not used: ${entryExpected}`),
    ],
  }
}
