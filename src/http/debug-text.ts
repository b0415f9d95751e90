import { formatEntry } from '../engine/logger.ts'
import type { Module } from '../engine/module.ts'
import type { Recorder } from '../engine/probe-log.ts'

/** The lines of a probe, with offsets. */
export function logLines({ entries, omitted }: Pick<Recorder, 'entries' | 'omitted'>): readonly string[] {
  const lines = entries.map(entry => `${(entry.offsetMs / 1000).toFixed(6)}s ${formatEntry(entry)}`)
  return omitted > 0 ? [...lines, `(${omitted} more lines)`] : lines
}

/** What `debug=true` answers, in blackbox_exporter's three parts: log lines with offsets, metrics, configuration. */
export function debugText(log: Pick<Recorder, 'entries' | 'omitted'>, metrics: string, module: Module): string {
  return [
    'Logs for the probe:',
    ...logLines(log),
    '\n',
    'Metrics that would have been returned:',
    metrics.trimEnd(),
    '\n',
    'Module configuration:',
    module.describe(),
  ].join('\n')
}
