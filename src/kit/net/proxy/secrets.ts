import type { ProxyConfig } from './options.ts'
import { connectHeaders, type Header, proxyAuthorization } from './tunnel.ts'

/** What goes to proxies and must not be shown, as headers. Throws `ProbeFailure` for files. */
export async function proxySecrets(config: ProxyConfig): Promise<readonly Header[]> {
  const { proxy_url, proxy_from_environment: environment, proxy_connect_header: configured } = config
  const proxies = [proxy_url, ...(environment ? [environment.http, environment.https] : [])]
  return [
    ...proxies.flatMap(proxy => {
      const value = proxy && proxyAuthorization(proxy)
      return value === undefined ? [] : [['Proxy-Authorization', value] as const]
    }),
    ...(await connectHeaders(configured)),
  ]
}
