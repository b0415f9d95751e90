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

const marks = [
  'Logs for the probe:\n',
  '\nMetrics that would have been returned:\n',
  '\nModule configuration:\n',
] as const

/** Reads the answer to `debug=true`; an answer without the parts is all metrics. */
export function readDebugText(text: string): DebugText {
  const [first, second, third] = marks
  const metricsAt = text.indexOf(second)
  const moduleAt = text.indexOf(third, metricsAt)
  if (!text.startsWith(first) || metricsAt === -1 || moduleAt === -1) return { metrics: text, logs: [] }
  const lines = text.slice(first.length, metricsAt).split('\n')
  return {
    metrics: text.slice(metricsAt + second.length, moduleAt),
    logs: lines.filter(line => line !== '').map(readLogLine),
  }
}
