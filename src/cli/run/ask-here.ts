import { ClientGone, startDeadline, timeoutFor } from '../../engine/deadline.ts'
import { defaults } from '../../engine/defaults.ts'
import { createLogger } from '../../engine/logger.ts'
import type { Module, Snapshot } from '../../engine/module.ts'
import { createRecorder } from '../../engine/probe-log.ts'
import type { ResultParts } from '../../engine/result-json.ts'
import { runProbe } from '../../engine/run-probe.ts'
import { BadRequest } from '../../kit/failure.ts'
import { createLimiter } from '../../kit/limiter.ts'
import type { Ask, Task } from './task.ts'

export interface AskSettings {
  readonly timeoutMs: number | undefined
  readonly concurrency: number
  readonly isDebug: boolean
  /** Takes lines of the log, newline included. */
  readonly write: (line: string) => void
}

/** The module of a task. Throws `BadRequest` when it cannot run. */
function moduleOf({ module: name, params }: Task, { modules }: Snapshot): Module {
  const module = modules.get(name)
  if (module === undefined) throw new BadRequest(`unknown module ${name}`)
  if ('refused' in module) throw new BadRequest(module.refused)
  const undeclared = [...params.keys()].filter(param => !module.params.has(param))
  if (undeclared.length > 0) throw new BadRequest(`module ${name} does not declare the parameter ${undeclared[0]}`)
  return module
}

const noCounters = { add() {} }

/** Probes in this process, as the server does. */
export function askHere(snapshot: Snapshot, { timeoutMs, concurrency, isDebug, write }: AskSettings): Ask {
  const limiter = createLimiter(concurrency, concurrency)
  const level = isDebug ? 'debug' : 'error'
  const overran = () => undefined

  return async (task, signal): Promise<ResultParts> => {
    const { module: name, target, params } = task
    const module = moduleOf(task, snapshot)
    const startedMs = performance.now()
    const longest =
      timeoutMs === undefined
        ? timeoutFor(module.timeoutMs, undefined, defaults.timeoutOffsetMs)
        : timeoutFor(module.timeoutMs, String(timeoutMs / 1000), 0)
    const deadline = startDeadline(longest, startedMs)
    const onAbort = () => deadline.abort(new ClientGone())
    signal.addEventListener('abort', onAbort, { once: true })
    const { log, entries } = createRecorder(
      createLogger({ level, format: 'logfmt', write }, { module: name, target }),
      startedMs,
    )
    try {
      const deps = { limiter, now: Date.now, log, counters: noCounters, overran }
      const result = await runProbe(module, { target, params }, deadline, deps)
      const logs = isDebug ? entries : entries.filter(entry => entry.level !== 'debug')
      return { module: name, target, timeoutMs: longest, logs, ...result }
    } finally {
      deadline.clear()
      signal.removeEventListener('abort', onAbort)
    }
  }
}
