import type { LogEntry, LogLevel } from '../../engine/probe-log.ts'

/** The parts of what `/probe?debug=true` answers that a report needs. */
export interface DebugText {
  readonly metrics: string
  readonly logs: readonly LogEntry[]
}

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error']
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

const fieldsOf = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(field)].map(([, key, value = '']) => [key, unquoted(value)]))

/** What stands in every line of blackbox_exporter. */
const everywhere = new Set(['ts', 'time', 'caller', 'source', 'module', 'target'])

/** A line of blackbox_exporter, in the order of go-kit or of slog; of another program's, the line is the message. */
function readForeignLine(line: string): LogEntry {
  const { msg, level = '', ...rest } = fieldsOf(` ${line}`)
  if (msg === undefined) return { offsetMs: 0, level: 'info', message: line, fields: {} }
  const fields = Object.fromEntries(Object.entries(rest).filter(([key]) => !everywhere.has(key)))
  const known = levels.find(name => name === level.toLowerCase()) ?? 'info'
  return { offsetMs: 0, level: known, message: msg, fields }
}

/** One line of the log. */
function readLogLine(line: string): LogEntry {
  const [, seconds, level = '', message, rest = ''] = logLine.exec(line) ?? []
  if (message === undefined) return readForeignLine(line)
  return {
    offsetMs: Number(seconds) * 1000,
    level: level.toLowerCase() as LogLevel,
    message: unquoted(message),
    fields: fieldsOf(rest),
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
