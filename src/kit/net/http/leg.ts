import type { HttpJob } from './job.ts'
import type { Turn } from './redirects.ts'

/** A request on its way through redirects. */
export interface Leg extends Omit<HttpJob, 'headers'> {
  /** Still at the host of the target: credentials may go along. Once left, it stays left. */
  readonly isHome: boolean
  readonly droppedBody: boolean
}

export const firstLeg = ({ url, path, method, host, virtualHost, body }: HttpJob): Leg => ({
  url,
  path,
  method,
  host,
  virtualHost,
  body,
  isHome: true,
  droppedBody: false,
})

const nameOf = (url: URL) => url.hostname.toLowerCase()

/** Whether secrets for the first host may go to another URL: they stay with its name, and do not go from https to http. */
export const mayHaveSecrets = (url: URL, first: URL): boolean =>
  nameOf(url) === nameOf(first) && !(first.protocol === 'https:' && url.protocol === 'http:')

/** The leg after a redirect. */
export function nextLeg(leg: Leg, { url, path, method, keepsBody, isRelative }: Turn, first: URL): Leg {
  return {
    url,
    path,
    method,
    host: isRelative ? leg.host : undefined,
    virtualHost: isRelative ? leg.virtualHost : undefined,
    body: keepsBody ? leg.body : undefined,
    isHome: leg.isHome && mayHaveSecrets(url, first),
    droppedBody: leg.droppedBody || !keepsBody,
  }
}

/** The name in a `Host` line, without its port. */
const hostName = (host: string) => (URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : host)

/** The name for TLS: `server_name`, else `Host`, else the URL's; for another host than the target's, just the URL's. */
export function serverNameFor(leg: Leg, { url, host }: HttpJob, configured: string | undefined): string {
  if (nameOf(leg.url) !== nameOf(url)) return leg.url.hostname
  return configured || (host === undefined ? leg.url.hostname : hostName(host))
}
