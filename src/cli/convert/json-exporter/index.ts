import type { Path } from '../../../config/yaml.ts'
import type { Converted, Finding, Findings } from '../finding.ts'
import { convertBody } from './body.ts'
import { convertMetric } from './metric.ts'
import { compact, listOf, literal, type Members, mapOf, noteUnknown, textOf } from './read.ts'

function convertHeaders(input: unknown, path: Path, findings: Findings): Members | undefined {
  const headers = Object.entries(mapOf(input)).flatMap(([name, value]) => {
    if (typeof value !== 'object' || value === null) return [[name, literal(textOf(value))]]
    findings.lost([...path, name], `the header ${name}: expected a text`)
    return []
  })
  return headers.length === 0 ? undefined : Object.fromEntries(headers)
}

function convertModule(input: unknown, path: Path, findings: Findings): Members {
  const module = mapOf(input)
  const at = (key: string) => [...path, key]
  noteUnknown(module, ['headers', 'metrics', 'http_client_config', 'body', 'valid_status_codes'], path, findings)
  const metrics = listOf(module.metrics).flatMap((metric, index) => {
    const converted = convertMetric(metric, [...at('metrics'), index], findings)
    return converted === undefined ? [] : [converted]
  })
  const api = compact({
    headers: convertHeaders(module.headers, at('headers'), findings),
    ...convertBody(module.body, at('body'), findings),
    http_client_config: module.http_client_config ?? undefined,
    valid_status_codes: module.valid_status_codes ?? undefined,
    metrics,
  })
  return { prober: 'api', api }
}

/** Converts the value of a config.yml of json_exporter, which reads it as leniently as this does. */
export function convertJsonExporter(input: unknown): Converted {
  const all: Finding[] = []
  const findings: Findings = {
    lost: (path, message) => all.push({ path, message, isLoss: true }),
    note: (path, message) => all.push({ path, message, isLoss: false }),
  }
  const file = mapOf(input)
  noteUnknown(file, ['modules'], [], findings)
  const modules = Object.entries(mapOf(file.modules))
  if (modules.length === 0) findings.lost([], 'expected modules')
  if (Object.hasOwn(mapOf(file.modules), 'default')) {
    findings.note(['modules', 'default'], 'sonde takes a request without module= to mean http_2xx, not default')
  }
  const value = {
    modules: Object.fromEntries(
      modules.map(([name, module]) => [name, convertModule(module, ['modules', name], findings)]),
    ),
  }
  return { value, findings: all }
}
