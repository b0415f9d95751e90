import { type Answer, type ProbeOptions, probe } from '../../support/probe.ts'
import type { Handler } from '../../support/servers.ts'

/** Probes `target` with a module of these options. */
export function probeHttp(
  target: string,
  options: Readonly<Record<string, unknown>> = {},
  { query = {}, timeout = '5s', ...rest }: ProbeOptions & { query?: Record<string, string>; timeout?: string } = {},
): Promise<Answer> {
  const yaml = `modules: {m: {prober: http, timeout: ${timeout}, http: ${JSON.stringify(options)}}}`
  return probe(yaml, { target, module: 'm', ...query }, rest)
}

/** The Location of everything under /to/…, `fine` elsewhere. */
export const redirecting: Handler = (request, response) => {
  const [, status, location] = /^\/to\/(\d+)\/(.*)$/.exec(request.url ?? '') ?? []
  if (status === undefined) response.end('fine')
  else response.writeHead(Number(status), { location: decodeURIComponent(location ?? '') }).end('moved')
}
