import { type Answer, type ProbeOptions, probe } from '../../support/probe.ts'

/** Probes `target` with a module of these options. */
export function probeApi(
  target: string,
  options: Readonly<Record<string, unknown>> = {},
  { query = {}, timeout = '5s', ...rest }: ProbeOptions & { query?: Record<string, string>; timeout?: string } = {},
): Promise<Answer> {
  const yaml = `modules: {m: {prober: api, timeout: ${timeout}, api: ${JSON.stringify(options)}}}`
  return probe(yaml, { target, module: 'm', ...query }, rest)
}
