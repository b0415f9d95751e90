import type { LogEntry, Recorder } from '../../engine/probe-log.ts'
import type { Family } from '../../engine/probe-metrics.ts'
import type { LogFields } from '../../kit/prober.ts'

const maxLogBytes = 64 * 1024
const maxMetricBytes = 256 * 1024

/** What an object takes besides its texts, roughly. */
const lineBytes = 150
const seriesBytes = 150

/** A value may be a function that holds on to a whole answer; what is kept is its text. */
function settled(fields: LogFields): LogFields {
  let copy: Record<string, LogFields[string]> | undefined
  for (const key in fields) {
    const value = fields[key]
    if (typeof value !== 'function') continue
    copy ??= { ...fields }
    copy[key] = value()
  }
  return copy ?? fields
}

/** Octets of the texts among these values, for which UTF-16 takes up to two each. */
function textBytes(values: LogFields): number {
  let bytes = 0
  for (const key in values) {
    const value = values[key]
    if (typeof value === 'string') bytes += 2 * value.length
  }
  return bytes
}

/** The lines of a probe as far as 64 kB hold them; more are counted. */
export function boundedLog({ entries: lines, omitted }: Pick<Recorder, 'entries' | 'omitted'>) {
  const entries: LogEntry[] = []
  let bytes = 0
  for (const line of lines) {
    const fields = settled(line.fields)
    const weight = lineBytes + 2 * line.message.length + textBytes(fields)
    if (bytes + weight > maxLogBytes) break
    bytes += weight
    entries.push(fields === line.fields ? line : { ...line, fields })
  }
  return { entries, omitted: omitted + lines.length - entries.length, bytes }
}

/** All families, or none when they are large. */
export function boundedFamilies(families: readonly Family[]) {
  let bytes = 0
  let series = 0
  for (const { samples } of families) {
    series += samples.length
    for (const { labels } of samples) bytes += seriesBytes + textBytes(labels)
  }
  return bytes > maxMetricBytes
    ? { families: [], omittedSeries: series, bytes: 0 }
    : { families, omittedSeries: 0, bytes }
}
