import { type Answer, type ProbeOptions, probe, readAnswer } from '../../support/probe.ts'
import type { Sonde } from '../../support/sonde.ts'

export type ApiOptions = Readonly<Record<string, unknown>>

/** A modules file with a module `m` of these options. */
export const apiYaml = (options: ApiOptions, timeout = '5s'): string =>
  `modules: {m: {prober: api, timeout: ${timeout}, api: ${JSON.stringify(options)}}}`

/** Probes `target` with a module of these options. */
export function probeApi(
  target: string,
  options: ApiOptions = {},
  { query = {}, timeout = '5s', ...rest }: ProbeOptions & { query?: Record<string, string>; timeout?: string } = {},
): Promise<Answer> {
  return probe(apiYaml(options, timeout), { target, module: 'm', ...query }, rest)
}

/** Probes with the module `m` of a sonde that goes on running. */
export const ask = async (
  sonde: Sonde,
  target: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Answer> =>
  readAnswer(await sonde.get(`/probe?${new URLSearchParams({ target, module: 'm', ...query })}`), sonde.lines)

/** The errors of requests, as `request reason`. */
export const errorsOf = ({ series }: Answer): readonly string[] =>
  series
    .filter(({ name }) => name === 'probe_api_request_error')
    .map(({ labels }) => `${labels.request} ${labels.reason}`)
    .sort()
