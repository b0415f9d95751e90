import type { ResultParts } from '../../engine/result-json.ts'
import { formatDuration } from '../../kit/duration.ts'
import type { NamedCheck } from './checks-file.ts'

type Bounds = NamedCheck['metrics'][number]

const shown = ({ name, labels }: Pick<Bounds, 'name' | 'labels'>) => {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return pairs.length === 0 ? name : `${name}{${pairs.join(',')}}`
}

function wrongValue(value: number, { min, max, equals }: Bounds): string | undefined {
  if (equals !== undefined && value !== equals) return `is ${value}, expected ${equals}`
  if (min !== undefined && !(value >= min)) return `is ${value}, expected at least ${min}`
  if (max !== undefined && !(value <= max)) return `is ${value}, expected at most ${max}`
  return undefined
}

/** What is wrong with the series that a metric of a check names: all of them have to be within its bounds. */
function metricComplaints(bounds: Bounds, { families }: ResultParts): readonly string[] {
  const wanted = Object.entries(bounds.labels)
  const samples = families
    .filter(({ name }) => name === bounds.name)
    .flatMap(family => family.samples)
    .filter(({ labels }) => wanted.every(([label, value]) => labels[label] === value))
  if (samples.length === 0) return [`there is no ${shown(bounds)}`]
  return samples.flatMap(({ labels, value }) => {
    const wrong = wrongValue(value, bounds)
    return wrong === undefined ? [] : [`${shown({ name: bounds.name, labels })} ${wrong}`]
  })
}

function verdictComplaint(expect: 'up' | 'down', { success, reason, message }: ResultParts): string | undefined {
  if (expect === 'up') return success ? undefined : (message ?? '')
  if (success) return 'expected down, but it is up'
  // Whatever sonde was not allowed to do, it says nothing of the target.
  return reason === 'denied' ? `expected down, but the probe was denied: ${message ?? ''}` : undefined
}

/** Why what was found is not what a check wants; undefined when it is. */
export function complaintOf(
  { expect, max_duration: maxMs, metrics }: NamedCheck,
  found: ResultParts,
): string | undefined {
  const verdict = verdictComplaint(expect, found)
  if (verdict !== undefined && expect === 'up') return verdict // what follows from a failure says nothing new
  const duration =
    maxMs !== undefined && found.durationMs > maxMs
      ? [`took ${formatDuration(Math.round(found.durationMs))}, expected at most ${formatDuration(maxMs)}`]
      : []
  const complaints = [
    ...(verdict === undefined ? [] : [verdict]),
    ...duration,
    ...metrics.flatMap(bounds => metricComplaints(bounds, found)),
  ]
  return complaints.length === 0 ? undefined : complaints.join('; ')
}
