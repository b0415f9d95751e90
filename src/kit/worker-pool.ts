import { parentPort, Worker } from 'node:worker_threads'
import { Overloaded } from './failure.ts'
import { createLimiter } from './limiter.ts'

/** Runs jobs in threads of their own: none of them holds the event loop, and each can be stopped at any point. */
export interface WorkerPool<J, R> {
  /**
   * Runs one job, which is copied into the thread, as its result is back; `jobBytes` is about what it holds while it
   * waits. What `transfer` lists goes over without a copy, and is gone here. Throws `Overloaded` when too much waits or no thread gets free before the deadline, the signal's
   * reason when that aborts later (the job is stopped), what the job threw, and an Error with the code
   * `ERR_WORKER_OUT_OF_MEMORY` when its thread had not enough for it.
   */
  run(job: J, jobBytes: number, signal: AbortSignal, transfer?: readonly ArrayBuffer[]): Promise<R>
}

/** A thread costs about 10 MB, and what its last job left there. */
const idleMs = 120_000

const ignore = () => undefined

function startThread(entry: URL): Worker {
  if (!entry.pathname.endsWith('.ts')) return new Worker(entry)
  // From the sources, as tsx and vitest run them: a thread of Node 20 cannot load TypeScript by itself.
  const [tsx, module] = [import.meta.resolve('tsx/esm/api'), entry.href].map(text => JSON.stringify(text))
  return new Worker(`import(${tsx}).then(tsx => { tsx.register(); return import(${module}) })`, { eval: true })
}

/** Resolves with what the thread answers. Rejects when the thread crashes, and with the signal's reason. */
function ask<J, R>(thread: Worker, job: J, transfer: readonly ArrayBuffer[], signal: AbortSignal): Promise<R> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      thread.off('message', onMessage).off('error', onError).off('exit', onExit)
      signal.removeEventListener('abort', onAbort)
    }
    const onMessage = (result: R) => {
      settle()
      resolve(result)
    }
    const onError = (error: unknown) => {
      settle()
      reject(error)
    }
    const onExit = (code: number) => onError(new Error(`a worker thread ended with code ${code}`))
    const onAbort = () => onError(signal.reason)
    if (signal.aborted) return reject(signal.reason)
    thread.on('message', onMessage).on('error', onError).on('exit', onExit)
    signal.addEventListener('abort', onAbort, { once: true })
    thread.postMessage(job, transfer)
  })
}

/**
 * Threads that run a module which calls `answerJobs`. `caller` is an `import.meta.url`, and `name` that of a module
 * beside it. They start when there is something to do, end after a while without, and keep no process alive. When none
 * is free, jobs of `maxWaitingBytes` together may wait, or a single one of any size.
 */
export function createWorkerPool<J, R>(
  caller: string,
  name: string,
  maxThreads: number,
  maxWaitingBytes: number,
): WorkerPool<J, R> {
  const entry = new URL(`${name}${caller.slice(-3)}`, caller)
  const turns = createLimiter(maxThreads, Number.POSITIVE_INFINITY)
  const idle = new Map<Worker, NodeJS.Timeout>()
  let waitingBytes = 0

  async function turn(jobBytes: number, signal: AbortSignal): Promise<() => void> {
    if (turns.active + turns.waiting < maxThreads) return turns.acquire(signal)
    if (waitingBytes > 0 && waitingBytes + jobBytes > maxWaitingBytes) {
      throw new Overloaded('too much waits for a thread')
    }
    waitingBytes += jobBytes
    try {
      return await turns.acquire(signal)
    } finally {
      waitingBytes -= jobBytes
    }
  }

  function forget(thread: Worker): void {
    clearTimeout(idle.get(thread))
    idle.delete(thread)
  }

  function end(thread: Worker): void {
    forget(thread)
    void thread.terminate()
  }

  function take(): Worker {
    const [thread] = idle.keys()
    if (thread === undefined) {
      const started = startThread(entry)
      return started.on('error', ignore).on('exit', () => forget(started)) // it may also crash while nobody asks
    }
    forget(thread)
    thread.ref()
    return thread
  }

  function keep(thread: Worker): void {
    thread.unref()
    idle.set(thread, setTimeout(end, idleMs, thread).unref())
  }

  return {
    async run(job, jobBytes, signal, transfer = []) {
      const free = await turn(jobBytes, signal)
      const thread = take()
      try {
        const result = await ask<J, R>(thread, job, transfer, signal)
        keep(thread)
        return result
      } catch (error) {
        end(thread)
        throw error
      } finally {
        free()
      }
    },
  }
}

/** Makes this module the entry of a thread of a pool: every job is answered by `work`. */
export function answerJobs<J, R>(work: (job: J) => R): void {
  parentPort?.on('message', (job: J) => parentPort?.postMessage(work(job)))
}
