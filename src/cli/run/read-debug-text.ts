import type { LogEntry, LogLevel } from '../../engine/probe-log.ts'

/** The parts of what `/probe?debug=true` answers that a report needs. */
export interface DebugText {
  readonly metrics: string
  readonly logs: readonly LogEntry[]
}

const logLine = /^(\d+\.\d+)s level=(DEBUG|INFO|WARN|ERROR) msg=("(?:[^"\\]|\\.)*"|\S+)(.*)$/
const field = / ([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)/g

function unquoted(text: string): string {
  if (!text.startsWith('"')) return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** One line of the log; of another program's, the line is the message. */
function readLogLine(line: string): LogEntry {
  const [, seconds, level = 'INFO', message, rest = ''] = logLine.exec(line) ?? []
  if (message === undefined) return { offsetMs: 0, level: 'info', message: line, fields: {} }
  const fields = Object.fromEntries([...rest.matchAll(field)].map(([, key, value = '']) => [key, unquoted(value)]))
  return {
    offsetMs: Number(seconds) * 1000,
    level: level.toLowerCase() as LogLevel,
    message: unquoted(message),
    fields,
  }
}

/** Reads the answer to `debug=true`; an answer without the parts is all metrics. */
export function readDebugText(text: string): DebugText {
  const parts =
    /^Logs for the probe:\n([\s\S]*?)\n*Metrics that would have been returned:\n([\s\S]*?)\n*Module configuration:\n/
  const match = parts.exec(text)
  if (match === null) return { metrics: text, logs: [] }
  const lines = (match[1] ?? '').split('\n').filter(line => line !== '')
  return { metrics: match[2] ?? '', logs: lines.map(readLogLine) }
}
