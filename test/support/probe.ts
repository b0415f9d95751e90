import { parseExposition, type Series, sampleValue } from './exposition.ts'
import { type SondeOptions, startSonde } from './sonde.ts'

/** What `/probe` answered. */
export interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
  /** That of `probe_failure_info`. */
  readonly reason: string | undefined
  readonly names: ReadonlySet<string>
  readonly series: readonly Series[]
  /** Everything that was logged. */
  readonly log: string
  value(name: string, labels?: Readonly<Record<string, string>>): number | undefined
}

export interface ProbeOptions extends SondeOptions {
  readonly headers?: Readonly<Record<string, string>>
}

export async function readAnswer(response: Response, log: readonly string[] = []): Promise<Answer> {
  const text = await response.text()
  const isMetrics = response.headers.get('content-type')?.includes('version=0.0.4') === true
  const series = isMetrics ? parseExposition(text) : []
  return {
    status: response.status,
    text,
    headers: response.headers,
    series,
    log: log.join(''),
    reason: series.find(({ name }) => name === 'probe_failure_info')?.labels.reason,
    names: new Set(series.map(({ name }) => name)),
    value: (name, labels) => sampleValue(series, name, labels),
  }
}

/** Asks `/probe` of a sonde that runs for this one request with `yaml` as its modules file. */
export async function probe(
  yaml: string,
  query: Readonly<Record<string, string>>,
  { headers = {}, ...options }: ProbeOptions = {},
): Promise<Answer> {
  await using sonde = await startSonde(yaml, options)
  const response = await sonde.get(`/probe?${new URLSearchParams(query)}`, {
    headers: { connection: 'close', ...headers },
  })
  return await readAnswer(response, sonde.lines)
}
