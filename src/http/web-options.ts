/** How sonde shows itself on the web; the flags `--web.*`. */
export interface WebOptions {
  /** Stands before every path: empty, or a path without a slash at its end. */
  readonly routePrefix: string
  /** Where a browser finds sonde, behind whatever stands in between. */
  readonly externalUrl: string | undefined
  readonly telemetryPath: string
  /** Requests for sonde's own metrics that are answered at once; 0: as many as come. */
  readonly maxRequests: number
  /** Connections at once; beyond, those that idle are closed. */
  readonly maxConnections: number
  /** Whether `POST /-/reload` is there. */
  readonly hasLifecycle: boolean
  /** Names that `Host` may have, `*.` for any below; none: all. */
  readonly allowedHosts: readonly string[]
}

export const webDefaults: WebOptions = {
  routePrefix: '',
  externalUrl: undefined,
  telemetryPath: '/metrics',
  maxRequests: 40,
  maxConnections: 2048,
  hasLifecycle: true,
  allowedHosts: [],
}

/** Where health is told, to whoever asks. */
export const healthPaths = ['/-/healthy', '/-/ready'] as const

/** A path for the metrics, or undefined when the text is none, or that of something else. */
export function parseTelemetryPath(text: string): string | undefined {
  const isPath = /^(\/[\w.~-]+)+$/.test(text)
  return isPath && !/^\/(probe|config|logs|ui|-)(\/|$)/.test(text) ? text : undefined
}

/** A prefix in the form of `WebOptions`, or undefined when the text is no path. */
export function parseRoutePrefix(text: string): string | undefined {
  const path = text.replace(/^\/*|\/*$/g, '')
  if (path === '') return ''
  return /^[\w.~%!$&'()*+,;=:@-]+(\/[\w.~%!$&'()*+,;=:@-]+)*$/.test(path) ? `/${path}` : undefined
}
