import { setMaxListeners } from 'node:events'
import { constants } from 'node:os'
import type { ResultParts } from '../../engine/result-json.ts'
import { wait } from '../../kit/abort.ts'
import { formatDuration } from '../../kit/duration.ts'
import { BadRequest, Denied } from '../../kit/failure.ts'
import { exitCodes } from '../command.ts'
import { type Ask, type Fault, type Outcome, type Report, ServerFailure, type Task } from './task.ts'

export interface RunSettings {
  readonly title: string
  readonly ask: Ask
  readonly concurrency: number
  /** How often a task that did not pass is tried again. */
  readonly retries: number
  readonly retryIntervalMs: number
  readonly warnMs: number | undefined
  readonly isFailFast: boolean
  /** Resolves when the run shall end before its time. */
  readonly stopSignal: () => Promise<NodeJS.Signals>
  readonly onProgress: (done: number, failed: number) => void
  /** Told of a task that could not be judged. */
  readonly onUnjudged: (task: Task, error: unknown) => void
}

/** The run ends before its time. */
class Stopped extends Error {
  override readonly name = 'Stopped'
}

const slowness = (durationMs: number, warnMs: number | undefined) =>
  warnMs !== undefined && durationMs > warnMs
    ? `took ${formatDuration(Math.round(durationMs))}, more than ${formatDuration(warnMs)}`
    : undefined

function judged(task: Task, found: ResultParts, warnMs: number | undefined): Outcome {
  const message = task.complaint(found)
  const success = message === undefined
  const warning = success ? slowness(found.durationMs, warnMs) : undefined
  return { ...found, task, success, message, fault: success ? undefined : 'target', warning }
}

function faultOf(error: unknown): Fault {
  if (error instanceof BadRequest || error instanceof Denied) return 'caller'
  return error instanceof ServerFailure ? 'server' : 'sonde'
}

/** The outcome of a task that could not be judged: no verdict on the target. */
function unjudged(task: Task, error: unknown, startedMs: number): Outcome {
  return {
    task,
    module: task.module,
    target: task.target,
    success: false,
    durationMs: performance.now() - startedMs,
    timeoutMs: 0,
    reason: undefined,
    message: error instanceof Error ? error.message : String(error),
    families: [],
    logs: [],
    fault: faultOf(error),
    warning: undefined,
  }
}

async function tryTask(task: Task, { ask, warnMs, onUnjudged }: RunSettings, signal: AbortSignal): Promise<Outcome> {
  const startedMs = performance.now()
  try {
    return judged(task, await ask(task, signal), warnMs)
  } catch (error) {
    if (signal.aborted) throw signal.reason
    onUnjudged(task, error)
    return unjudged(task, error, startedMs)
  }
}

async function runTask(task: Task, settings: RunSettings, signal: AbortSignal): Promise<Outcome> {
  for (let left = settings.retries; ; left--) {
    const outcome = await tryTask(task, settings, signal)
    if (outcome.success || outcome.fault === 'caller' || left === 0) return outcome
    await wait(settings.retryIntervalMs, signal)
  }
}

/** Runs tasks, several at once; what a signal or `--fail-fast` cuts off is in `skipped`. */
export async function runTasks(tasks: readonly Task[], settings: RunSettings): Promise<Report> {
  const startedAt = new Date()
  const startedMs = performance.now()
  const controller = new AbortController()
  const { signal } = controller
  setMaxListeners(0, signal)
  const outcomes = new Map<Task, Outcome>()
  let failures = 0
  let interrupted: NodeJS.Signals | undefined
  void settings.stopSignal().then(received => {
    interrupted = received
    controller.abort(new Stopped())
  })

  const queue = tasks.values()
  async function worker() {
    for (const task of queue) {
      if (signal.aborted) return
      const outcome = await runTask(task, settings, signal)
      outcomes.set(task, outcome)
      if (!outcome.success) failures++
      settings.onProgress(outcomes.size, failures)
      if (!outcome.success && settings.isFailFast) controller.abort(new Stopped())
    }
  }
  const ignoreStop = (error: unknown) => {
    if (!(error instanceof Stopped)) throw error
  }
  await Promise.all(
    Array.from({ length: Math.min(settings.concurrency, tasks.length) }, () => worker().catch(ignoreStop)),
  )
  return {
    title: settings.title,
    outcomes: tasks.flatMap(task => outcomes.get(task) ?? []),
    skipped: tasks.filter(task => !outcomes.has(task)),
    interrupted,
    startedAt,
    durationMs: performance.now() - startedMs,
    warnMs: settings.warnMs,
  }
}

/** The exit code after a signal, as shells have it. */
export const signalCode = (signal: NodeJS.Signals): number => 128 + constants.signals[signal]

/** 0 all passed, 1 a target failed, 2 the caller's mistake, 3 ours, 128 + n after a signal. */
export function exitCodeOf({ outcomes, interrupted }: Report): number {
  if (interrupted !== undefined) return signalCode(interrupted)
  const faults = new Set(outcomes.map(({ fault }) => fault))
  if (faults.has('sonde') || faults.has('server')) return exitCodes.bug
  if (faults.has('caller')) return exitCodes.usage
  return faults.has('target') ? exitCodes.failure : exitCodes.success
}
