import type { Path } from '../../../config/yaml.ts'
import type { Findings } from '../finding.ts'
import { compact, isTrue, type Members, mapOf, noteUnknown, textOf } from './read.ts'
import { readLabel, readPath, readValue, type Start } from './template.ts'

const keys = [
  ...['name', 'path', 'help', 'type', 'valuetype', 'labels', 'values'],
  ...['epochtimestamp', 'allow_missing_key', 'engine'],
]

const types = ['gauge', 'counter', 'untyped']

function readType(metric: Members, path: Path, findings: Findings): string | undefined {
  const type = textOf(metric.valuetype)
  if (type === '' || types.includes(type)) return type || undefined
  findings.note([...path, 'valuetype'], `json_exporter takes the type ${type} to be untyped`)
  return undefined
}

function readLabels(metric: Members, start: Start, path: Path, findings: Findings): Members | undefined {
  const labels = Object.entries(mapOf(metric.labels)).flatMap(([name, template]) => {
    const label = readLabel(textOf(template), start, [...path, 'labels', name], findings)
    return label === undefined ? [] : [[name, label]]
  })
  return labels.length === 0 ? undefined : Object.fromEntries(labels)
}

function readTimestamp(metric: Members, start: Start, path: Path, findings: Findings): Members | undefined {
  const template = textOf(metric.epochtimestamp)
  if (template === '') return undefined
  const at = [...path, 'epochtimestamp']
  findings.note(
    at,
    'json_exporter takes milliseconds and fails on JSON numbers from a million up; for seconds write parse: unix',
  )
  const found = readPath(template, start, at, findings)
  return found === undefined ? undefined : { path: found, parse: 'unix_ms' }
}

/** `type: object`: an item for each match, and a metric for each of `values`. */
function readItems(metric: Members, path: Path, findings: Findings): Members | undefined {
  const items = readPath(textOf(metric.path), '$', [...path, 'path'], findings)
  const values = Object.entries(mapOf(metric.values)).flatMap(([suffix, template]) => {
    const value = readValue(template, '.', [...path, 'values', suffix], findings)
    return value === undefined ? [] : [[suffix, value]]
  })
  if (items === undefined) return undefined
  if (values.length === 0) {
    findings.note(path, 'a metric of type object without values has no series; left out')
    return undefined
  }
  return { items, values: Object.fromEntries(values) }
}

function readSingle(metric: Members, path: Path, findings: Findings): Members | undefined {
  if (metric.values !== undefined) findings.note([...path, 'values'], 'values have no effect without type: object')
  const value = readValue(metric.path, '$', [...path, 'path'], findings)
  return value === undefined ? undefined : { value }
}

/** Converts one of `metrics`; `undefined` when nothing of it is left, which is told. */
export function convertMetric(input: unknown, path: Path, findings: Findings): Members | undefined {
  const metric = mapOf(input)
  noteUnknown(metric, keys, path, findings)
  const [name, kind, engine] = [textOf(metric.name), textOf(metric.type) || 'value', textOf(metric.engine)]
  const refuse = (key: string, message: string) => {
    findings.lost([...path, key], message)
    return undefined
  }
  if (name === '') return refuse('name', 'a metric without a name')
  if (engine !== '' && engine !== 'jsonpath') return refuse('engine', `${name}: the engine ${engine} is not supported`)
  if (kind !== 'value' && kind !== 'object') return refuse('type', `${name}: json_exporter knows no type ${kind}`)
  const start = kind === 'object' ? '.' : '$'
  const series = kind === 'object' ? readItems(metric, path, findings) : readSingle(metric, path, findings)
  if (series === undefined) return undefined
  return compact({
    name,
    help: textOf(metric.help) || undefined,
    type: readType(metric, path, findings),
    ...series,
    labels: readLabels(metric, start, path, findings),
    timestamp: readTimestamp(metric, start, path, findings),
    on_missing: isTrue(metric.allow_missing_key) ? 'skip' : undefined,
  })
}
