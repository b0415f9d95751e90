import type { LogFields, ProbeLog } from '../kit/prober.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface LogEntry {
  readonly offsetMs: number
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

/** A log that can be read afterwards. */
export interface Recorder {
  readonly log: ProbeLog
  readonly entries: readonly LogEntry[]
  /** How many lines came after the last one kept. */
  readonly omitted: number
}

const maxEntries = 1000

/** Keeps what a probe tells, with the time since `startedMs`, and passes each line on; nothing is formatted here. */
export function createRecorder(next: ProbeLog, startedMs: number): Recorder {
  const entries: LogEntry[] = []
  let omitted = 0

  const record =
    (level: 'debug' | 'info' | 'warn') =>
    (message: string, fields: LogFields = {}) => {
      next[level](message, fields)
      if (entries.length < maxEntries) entries.push({ offsetMs: performance.now() - startedMs, level, message, fields })
      else omitted++
    }

  const log: ProbeLog = { debug: record('debug'), info: record('info'), warn: record('warn') }
  return {
    log,
    entries,
    get omitted() {
      return omitted
    },
  }
}
