import type { Module } from '../../engine/module.ts'
import type { Recorder } from '../../engine/probe-log.ts'
import type { ProbeResult } from '../../engine/run-probe.ts'
import { loggable } from '../probe-call.ts'
import { compactLog, compactMetrics, detached } from './compact.ts'
import { Pool } from './pool.ts'
import { createPulses, type Pulse } from './pulse.ts'
import type { Source } from './source.ts'

/** A probe that has ended. It is kept as it came about, and made into text only for who reads it. */
export interface PastProbe {
  readonly id: number
  /** When it was asked for, in Unix milliseconds. */
  readonly startedAtMs: number
  readonly module: Module
  /** Without what may be a credential. */
  readonly target: string
  readonly source: Source
  readonly timeoutMs: number
  readonly result: Pick<ProbeResult, 'success' | 'reason' | 'message' | 'durationMs' | 'queuedMs'>
  /** The answer. */
  readonly metrics: string
  readonly log: Pick<Recorder, 'entries' | 'omitted'>
  readonly bytes: number
}

/** What `History` is told of a probe. */
export interface Ended extends Omit<PastProbe, 'id' | 'startedAtMs' | 'bytes'> {
  /** The target as it was asked for. */
  readonly rawTarget: string
}

/** Empty means any. */
export interface Filter {
  readonly module: string
  /** Some part of the target. */
  readonly target: string
  readonly result: '' | 'success' | 'failure'
  readonly source: '' | Source
  readonly limit: number
}

/** The last probes. */
export interface History {
  add(probe: Ended): void
  byId(id: number): PastProbe | undefined
  /** Takes the target as it was asked for; of any module when `module` is empty. */
  newest(filter: Pick<Filter, 'module' | 'target' | 'result'>): PastProbe | undefined
  /** Newest first. */
  list(filter: Filter): readonly PastProbe[]
  /** How each module and target went lately, by `module` and `target` of the filter; those probed last come first. */
  pulses(filter: Filter): readonly Pulse[]
}

/** Half of what all may take: successes and failures have a pool each. */
const poolBytes = 8 * 1024 * 1024

/** Of an entry without its log and its metrics, roughly. */
const ownBytes = 1000
const mostPulses = 1000

const keyOf = (module: string, target: string) => JSON.stringify([module, target])

const later = (one: PastProbe | undefined, other: PastProbe | undefined) =>
  (one?.id ?? -1) > (other?.id ?? -1) ? one : other

/**
 * Keeps up to `limit` probes that succeeded and as many that failed, shared fairly by module and target: a target that is
 * asked often evicts only its own, and no success evicts a failure.
 */
export function createHistory(limit: number, now: () => number): History {
  const successes = new Pool<PastProbe>({ entries: limit, bytes: poolBytes })
  const failures = new Pool<PastProbe>({ entries: limit, bytes: poolBytes })
  const pulses = createPulses(Math.min(2 * limit, mostPulses))
  let nextId = 1

  const poolsOf = (result: Filter['result']) =>
    ({ '': [successes, failures], success: [successes], failure: [failures] })[result]

  return {
    add({ module, target, rawTarget, source, timeoutMs, result, metrics: text, log: told }) {
      const key = keyOf(module.name, rawTarget)
      const log = compactLog(told)
      const metrics = compactMetrics(text)
      const { success, reason, message, durationMs, queuedMs } = result
      // No `...rest`: on every probe, that would take longer than all else here.
      const past: PastProbe = {
        id: nextId++,
        startedAtMs: now() - durationMs - queuedMs,
        module,
        target,
        source,
        timeoutMs,
        result: { success, reason, message: message && detached(message), durationMs, queuedMs },
        metrics,
        log,
        bytes: log.bytes + 2 * (metrics.length + key.length) + ownBytes,
      }
      const pool = success ? successes : failures
      pool.add(key, past)
      pulses.add(key, module.name, target, success)
    },
    byId: id => [...successes.entries(), ...failures.entries()].find(past => past.id === id),
    newest({ module, target, result }) {
      const pools = poolsOf(result)
      if (module !== '') return pools.map(pool => pool.newest(keyOf(module, target))).reduce(later, undefined)
      const shown = loggable(target)
      return pools
        .flatMap(pool => [...pool.entries()])
        .filter(past => past.target === shown)
        .reduce(later, undefined)
    },
    list: ({ module, target, result, source, limit: most }) =>
      poolsOf(result)
        .flatMap(pool => [...pool.entries()])
        .filter(past => module === '' || past.module.name === module)
        .filter(past => source === '' || past.source === source)
        .filter(past => past.target.includes(loggable(target)))
        .sort((a, b) => b.id - a.id)
        .slice(0, most),
    pulses: ({ module, target, limit: most }) =>
      pulses
        .list()
        .filter(pulse => module === '' || pulse.module === module)
        .filter(pulse => pulse.target.includes(loggable(target)))
        .slice(0, most),
  }
}
