import { roundSeconds } from '../kit/duration.ts'
import type { LogFields, ProbeLog } from '../kit/prober.ts'
import type { LogEntry, LogLevel } from './probe-log.ts'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export const logFormats = ['logfmt', 'json'] as const

export type LogFormat = (typeof logFormats)[number]

/** The log of the process: one line per event, in the shape of Prometheus' own programs. */
export interface Logger extends ProbeLog {
  error(message: string, fields?: LogFields): void
}

const bare = /^[^\s"=\p{Cc}\u2028\u2029]+$/u

const shown = (value: LogFields[string]) => (typeof value === 'function' ? value() : value)

/** A value in logfmt: quoted when it needs to be, never with a newline. */
function quote(value: string | number | boolean): string {
  const text = String(typeof value === 'number' ? roundSeconds(value) : value)
  return bare.test(text) ? text : JSON.stringify(text).replace(/[\u007f-\u009f\u2028\u2029]/g, '\ufffd')
}

const pairs = (fields: LogFields) =>
  Object.entries(fields).flatMap(([key, field]) => {
    const value = shown(field)
    return value === undefined ? [] : [`${key}=${quote(value)}`]
  })

/** `key=value` for each field that has a value. */
export const formatFields = (fields: LogFields): string => pairs(fields).join(' ')

/** `level=INFO msg="…" key=value`, as in the process log and in the log part of `debug=true`. */
export const formatEntry = ({ level, message, fields }: Omit<LogEntry, 'offsetMs'>): string =>
  [`level=${level.toUpperCase()}`, `msg=${quote(message)}`, ...pairs(fields)].join(' ')

export interface LoggerOptions {
  readonly level: LogLevel
  readonly format: LogFormat
  /** Takes one line, newline included. */
  readonly write: (line: string) => void
}

/** Builds a logger that drops what is below `level`; `context` stands on every line. */
export function createLogger({ level, format, write }: LoggerOptions, context: LogFields = {}): Logger {
  const lowest = logLevels.indexOf(level)
  const at =
    (severity: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (logLevels.indexOf(severity) < lowest) return
      const time = new Date().toISOString()
      const all = { ...context, ...fields }
      const line =
        format === 'json'
          ? JSON.stringify({ time, level: severity.toUpperCase(), msg: message, ...all }, (_key, value) => shown(value))
          : `time=${time} ${formatEntry({ level: severity, message, fields: all })}`
      write(`${line}\n`)
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
