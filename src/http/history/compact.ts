import type { LogEntry, Recorder } from '../../engine/probe-log.ts'
import type { LogFields } from '../../kit/prober.ts'

const maxLogBytes = 64 * 1024
const maxMetricsLength = 256 * 1024

/** What a line takes besides its texts, roughly. */
const lineBytes = 150

/** Texts from this length on may be a piece of another one, to which V8 then holds on: be it a body of megabytes. */
const pieceLength = 13

/** The same text, on its own: V8 writes a sum of texts out in one when a piece of it is taken. */
export const detached = (text: string): string => (text.length < pieceLength ? text : ` ${text}`.slice(1))

/** A value may be a function that holds on to a whole answer; what is kept is its text. */
function settled(fields: LogFields): LogFields {
  let copy: Record<string, LogFields[string]> | undefined
  for (const key in fields) {
    const value = fields[key]
    const isText = typeof value === 'string'
    if (typeof value !== 'function' && !(isText && value.length >= pieceLength)) continue
    copy ??= { ...fields }
    copy[key] = detached(isText ? value : value())
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
export function compactLog({ entries: lines, omitted }: Pick<Recorder, 'entries' | 'omitted'>) {
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

/** The metrics of a probe, unless they are large. */
export const compactMetrics = (text: string): string =>
  text.length > maxMetricsLength ? `(${text.length} characters of metrics, too many to keep)` : text
