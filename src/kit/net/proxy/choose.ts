import { portOfUrl, unbracketed } from '../target.ts'
import { isLocal } from './no-proxy.ts'
import type { ProxyConfig } from './options.ts'
import { isSocks, type ProxyServer } from './proxy-url.ts'

function candidate(url: URL, { proxy_url, no_proxy, proxy_from_environment: environment }: ProxyConfig) {
  if (!environment) return { proxy: proxy_url, noProxy: no_proxy }
  return { proxy: url.protocol === 'https:' ? environment.https : environment.http, noProxy: environment.noProxy }
}

/**
 * The proxy that a request to `url` goes through; `address` is the target's resolved address if known. With `proxy_url`
 * alone all requests do; with `no_proxy` or the environment those to this machine do not, as in Go.
 */
export function chooseProxy(url: URL, address: string | undefined, config: ProxyConfig): ProxyServer | undefined {
  const { proxy, noProxy } = candidate(url, config)
  if (proxy === undefined || noProxy === undefined) return proxy
  const destination = { host: unbracketed(url.hostname), port: portOfUrl(url), address }
  return isLocal(destination) || noProxy.matches(destination) ? undefined : proxy
}

/** Whether the proxy is to connect through to the target; else it gets the request itself, with the whole URL. */
export const needsTunnel = (proxy: ProxyServer, url: URL): boolean => isSocks(proxy) || url.protocol === 'https:'
