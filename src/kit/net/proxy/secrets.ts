import type { ProxyConfig } from './options.ts'
import { proxyAuthorization } from './tunnel.ts'

/** What goes to proxies and must not be shown, as headers. */
export function proxySecrets(config: ProxyConfig): readonly (readonly [name: string, value: string])[] {
  const { proxy_url, proxy_from_environment: environment, proxy_connect_header: headers = {} } = config
  const proxies = [proxy_url, ...(environment ? [environment.http, environment.https] : [])]
  return [
    ...proxies.flatMap(proxy => {
      const value = proxy && proxyAuthorization(proxy)
      return value === undefined ? [] : [['Proxy-Authorization', value] as const]
    }),
    ...Object.entries(headers).flatMap(([name, values]) => values.map(value => [name, value.reveal()] as const)),
  ]
}
