import type { IncomingMessage, RequestListener } from 'node:http'
import { isIP } from 'node:net'
import { sendText } from './answer.ts'
import { healthPaths, type WebOptions } from './web-options.ts'

/** Node keeps the first of several and says nothing. */
function hasTwoHosts({ rawHeaders }: IncomingMessage): boolean {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count > 1
}

const withoutPort = (host: string) => host.replace(/:\d*$/, '').replace(/^\[|\]$|\.$/g, '')

/**
 * Whether a `Host` may be asked for. The check is against DNS rebinding, so addresses and `localhost`, for which no
 * foreign name server is asked, always may.
 */
export function isAllowedHost(host: string | undefined, allowed: readonly string[]): boolean {
  const name = withoutPort(host ?? '').toLowerCase()
  if (name === 'localhost' || isIP(name) !== 0) return true
  return allowed.some(entry => (entry.startsWith('*.') ? name.endsWith(entry.slice(1)) : name === entry))
}

const pathOf = ({ url = '' }: IncomingMessage) => {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

/**
 * Keeps other sites' pages out: a request that one of them makes a browser send is refused on everything but metrics
 * and health, and with `allowedHosts` so is one for a name that is not ours. A request with two `Host` is broken.
 */
export function guard({ allowedHosts, telemetryPath }: WebOptions, handler: RequestListener): RequestListener {
  const health = new Set<string>(healthPaths)
  return (request, response) => {
    const { headers } = request
    if (hasTwoHosts(request)) return sendText(response, 400, 'Host is given twice')
    if (headers['sec-fetch-site'] === 'cross-site') {
      const path = pathOf(request)
      if (path !== telemetryPath && !health.has(path)) {
        return sendText(response, 403, 'refused: cross-site (open the address by hand)')
      }
    }
    if (allowedHosts.length > 0 && !isAllowedHost(headers.host, allowedHosts) && !health.has(pathOf(request))) {
      return sendText(response, 403, 'refused: host (not among --web.allowed-hosts)')
    }
    handler(request, response)
  }
}
