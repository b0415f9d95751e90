import { roundSeconds } from '../kit/duration.ts'
import type { Reason } from '../kit/failure.ts'
import type { LogFields } from '../kit/prober.ts'
import type { LogEntry, LogLevel } from './probe-log.ts'
import type { Family } from './probe-metrics.ts'

/** What is known of one probe: a `ProbeResult`, and what was asked. */
export interface ResultParts {
  readonly module: string
  readonly target: string
  readonly success: boolean
  readonly durationMs: number
  readonly timeoutMs: number
  readonly reason: Reason | undefined
  readonly message: string | undefined
  readonly families: readonly Family[]
  readonly logs: readonly LogEntry[]
}

type Plain = string | number | boolean

interface SampleJson {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** What JSON has no number for is a text: `NaN`, `+Inf`, `-Inf`. */
  readonly value: number | string
}

interface LogJson {
  readonly offsetSeconds: number
  readonly level: LogLevel
  readonly message: string
  readonly fields: Readonly<Record<string, Plain>>
}

/** One result as JSON, the same on the command line and from `/probe?format=json`. */
export interface ResultJson {
  readonly module: string
  readonly target: string
  readonly success: boolean
  readonly durationSeconds: number
  readonly timeoutSeconds: number
  /** Only there when the probe failed. */
  readonly error?: { readonly reason?: Reason | undefined; readonly message: string }
  /** Seconds by phase, where the prober tells phases. */
  readonly phases: Readonly<Record<string, number>>
  readonly metrics: readonly SampleJson[]
  readonly logs: readonly LogJson[]
}

export interface ResultsJson<R extends { readonly success: boolean } = ResultJson> {
  readonly version: 1
  readonly success: boolean
  readonly results: readonly R[]
}

const jsonNumber = (value: number): number | string => {
  if (Number.isFinite(value)) return value
  return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Inf' : '+Inf'
}

function phasesOf(families: readonly Family[]): Readonly<Record<string, number>> {
  const isByPhase = ({ name, samples }: Family) =>
    name.endsWith('_duration_seconds') && samples.every(({ labels }) => Object.keys(labels).join() === 'phase')
  const samples = families.find(family => family.samples.length > 0 && isByPhase(family))?.samples ?? []
  return Object.fromEntries(samples.map(({ labels, value }) => [labels.phase, value]))
}

function plainFields(fields: LogFields): Readonly<Record<string, Plain>> {
  const plain = Object.entries(fields).flatMap(([key, field]) => {
    const value = typeof field === 'function' ? field() : field
    return value === undefined ? [] : [[key, value] as const]
  })
  return Object.fromEntries(plain)
}

/** The JSON of one result. */
export function resultJson(parts: ResultParts): ResultJson {
  const { module, target, success, durationMs, timeoutMs, reason, message, families, logs } = parts
  return {
    module,
    target,
    success,
    durationSeconds: roundSeconds(durationMs / 1000),
    timeoutSeconds: timeoutMs / 1000,
    ...(!success && { error: { reason, message: message ?? '' } }),
    phases: phasesOf(families),
    metrics: families.flatMap(({ name, samples }) =>
      samples.map(({ labels, value }) => ({ name, labels, value: jsonNumber(value) })),
    ),
    logs: logs.map(({ offsetMs, level, message, fields }) => ({
      offsetSeconds: roundSeconds(offsetMs / 1000),
      level,
      message,
      fields: plainFields(fields),
    })),
  }
}

/** The whole document. */
export const resultsJson = <R extends { readonly success: boolean }>(results: readonly R[]): ResultsJson<R> => ({
  version: 1,
  success: results.every(({ success }) => success),
  results,
})
