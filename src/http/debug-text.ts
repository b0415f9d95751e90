import { formatEntry } from '../engine/logger.ts'
import type { Module } from '../engine/module.ts'
import type { Recorder } from '../engine/probe-log.ts'

/** What `debug=true` answers, in blackbox_exporter's three parts: log lines with offsets, metrics, configuration. */
export function debugText(
  { entries, omitted }: Pick<Recorder, 'entries' | 'omitted'>,
  metrics: string,
  module: Module,
): string {
  const lines = entries.map(entry => `${(entry.offsetMs / 1000).toFixed(6)}s ${formatEntry(entry)}`)
  if (omitted > 0) lines.push(`(${omitted} more lines)`)
  return [
    'Logs for the probe:',
    ...lines,
    '\n',
    'Metrics that would have been returned:',
    metrics.trimEnd(),
    '\n',
    'Module configuration:',
    module.describe(),
  ].join('\n')
}
