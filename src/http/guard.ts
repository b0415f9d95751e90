import type { IncomingMessage, RequestListener } from 'node:http'
import { isIP } from 'node:net'
import { sendText } from './answer.ts'
import { healthPaths, type WebOptions } from './web-options.ts'

/** Node leaves out what goes beyond it. */
export const maxHeaders = 100

function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

/** What Node lets pass although it is no sound request (RFC 9112, 2.3, 3.2 and 6.1): status and message. */
function faultIn(request: IncomingMessage): readonly [number, string] | undefined {
  const { rawHeaders, headers, httpVersion, httpVersionMajor, httpVersionMinor } = request
  if (httpVersionMajor !== 1) return [505, `HTTP/${httpVersion} is not spoken here, use HTTP/1.1`]
  if (rawHeaders.length >= 2 * maxHeaders) return [431, 'too many headers']
  const hosts = countHosts(rawHeaders)
  if (hosts > 1) return [400, 'Host is given twice']
  if (hosts === 0 && httpVersionMinor > 0) return [400, 'Host is missing']
  const coding = headers['transfer-encoding']
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return [400, 'Transfer-Encoding is not chunked']
  return undefined
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
 * and health, and with `allowedHosts` so is one for a name that is not ours. So is what is no sound request.
 */
export function guard({ allowedHosts, telemetryPath }: WebOptions, handler: RequestListener): RequestListener {
  const health = new Set<string>(healthPaths)
  return (request, response) => {
    const { headers } = request
    const fault = faultIn(request)
    if (fault !== undefined) {
      response.shouldKeepAlive = false
      return sendText(response, ...fault)
    }
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
