import { formatFields } from '../../engine/logger.ts'
import { type ResultJson, type ResultsJson, resultJson, resultsJson } from '../../engine/result-json.ts'
import { roundSeconds } from '../../kit/duration.ts'
import { debugText } from '../debug-text.ts'
import type { PastProbe } from './history.ts'
import { readMetrics } from './read-metrics.ts'
import type { Source } from './source.ts'

export const timeOf = ({ startedAtMs }: PastProbe): string => new Date(startedAtMs).toISOString()

export const verdictOf = ({ result }: PastProbe) => (result.success ? 'success' : 'failure')

const summary = (past: PastProbe) => ({
  id: past.id,
  time: timeOf(past),
  module: past.module.name,
  target: past.target,
  result: verdictOf(past),
  reason: past.result.reason,
  source: past.source,
  error: past.result.message,
})

const secondsOf = ({ result }: PastProbe) => roundSeconds(result.durationMs / 1000)

/** A line for each probe. */
export const listText = (probes: readonly PastProbe[]): string =>
  probes.map(past => `${formatFields({ ...summary(past), duration_seconds: secondsOf(past) })}\n`).join('')

export const listJson = (probes: readonly PastProbe[]) => ({
  version: 1,
  probes: probes.map(past => ({ ...summary(past), durationSeconds: secondsOf(past) })),
})

/** The story of a probe, as `debug=true` told it or would have. */
export const pastText = ({ log, metrics, module }: PastProbe): string => debugText(log, metrics, module)

interface PastJson extends ResultJson {
  readonly id: number
  readonly time: string
  readonly source: Source
  /** That of the module at that time, as YAML, secrets hidden. */
  readonly config: string
}

/** The same as `/probe?format=json`, and when it was. */
export function pastJson(past: PastProbe): ResultsJson<PastJson> {
  const { id, source, module, target, timeoutMs, result, metrics, log } = past
  const families = readMetrics(metrics)
  const json = resultJson({ ...result, families, module: module.name, target, timeoutMs, logs: log.entries })
  return resultsJson([{ id, time: timeOf(past), source, ...json, config: module.describe() }])
}
