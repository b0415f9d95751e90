import { getEventListeners } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { DeadlineExceeded, Overloaded } from '../../src/kit/failure.ts'
import { createWorkerPool } from '../../src/kit/worker-pool.ts'
import { watchLoop } from '../support/loop.ts'
import type { Job } from './worker-thread.ts'

/** A pool for jobs that all count alike. */
function createPool(maxThreads: number) {
  const pool = createWorkerPool<Job, unknown>(import.meta.url, './worker-thread', maxThreads, 1000)
  return { run: (job: Job, signal: AbortSignal, bytes = 1) => pool.run(job, bytes, signal) }
}
const never = () => new AbortController().signal

describe('a worker pool', () => {
  test('answers each job with its own result', async () => {
    const pool = createPool(2)
    const jobs = Array.from({ length: 20 }, (_, index) => pool.run({ kind: 'echo', value: index }, never()))
    expect(await Promise.all(jobs)).toEqual([...Array(20).keys()])
  })

  test('has at most so many threads, and uses them again', async () => {
    const pool = createPool(2)
    const ids = await Promise.all(Array.from({ length: 12 }, () => pool.run({ kind: 'thread' }, never())))
    expect(new Set(ids).size).toBeLessThanOrEqual(2)
    expect(ids).toContain(await pool.run({ kind: 'thread' }, never()))
  })

  test('stops a job without an end at once, holds nobody up meanwhile, and goes on with the next', async () => {
    const pool = createPool(1)
    await pool.run({ kind: 'echo', value: 0 }, never())
    const controller = new AbortController()
    const loop = watchLoop()
    const hung = pool.run({ kind: 'hang' }, controller.signal)
    const next = pool.run({ kind: 'echo', value: 1 }, never())
    const reason = new Error('enough')
    setTimeout(() => controller.abort(reason), 300)
    await expect(hung).rejects.toBe(reason)
    expect(loop.end()).toBeLessThan(250)
    expect(await next).toBe(1)
  })

  test('a job that gets no thread before its deadline is our overload, not its fault', async () => {
    const pool = createPool(1)
    const [busy, late] = [new AbortController(), new AbortController()]
    const hung = pool.run({ kind: 'hang' }, busy.signal)
    const waiting = pool.run({ kind: 'echo', value: 1 }, late.signal)
    late.abort(new DeadlineExceeded())
    await expect(waiting).rejects.toBeInstanceOf(Overloaded)
    busy.abort(new DeadlineExceeded())
    await expect(hung).rejects.toBeInstanceOf(DeadlineExceeded)
  })

  test('what waits is bounded, but a single job of any size may', async () => {
    const pool = createPool(1)
    const busy = new AbortController()
    const hung = pool.run({ kind: 'hang' }, busy.signal)
    const large = pool.run({ kind: 'echo', value: 'large' }, never(), 5000)
    await expect(pool.run({ kind: 'echo', value: 'more' }, never(), 1)).rejects.toBeInstanceOf(Overloaded)
    busy.abort()
    await expect(hung).rejects.toThrow('aborted')
    expect(await large).toBe('large')

    const again = new AbortController()
    const hungAgain = pool.run({ kind: 'hang' }, again.signal)
    const givenUp = new AbortController()
    const [first, second] = [givenUp.signal, never()].map(signal => pool.run({ kind: 'echo', value: 1 }, signal, 500))
    await expect(pool.run({ kind: 'echo', value: 1 }, never(), 1)).rejects.toBeInstanceOf(Overloaded)
    givenUp.abort(new DeadlineExceeded())
    await expect(first).rejects.toBeInstanceOf(Overloaded)
    const third = pool.run({ kind: 'echo', value: 3 }, never(), 500)
    again.abort()
    await expect(hungAgain).rejects.toThrow('aborted')
    expect(await Promise.all([second, third])).toEqual([1, 3])
  })

  test('a signal that is aborted already starts nothing', async () => {
    const reason = new Error('gone')
    await expect(createPool(1).run({ kind: 'hang' }, AbortSignal.abort(reason))).rejects.toBe(reason)
  })

  test.each([
    ['throw', 'no such thing'],
    ['exit', 'a worker thread ended with code 3'],
  ] as const)(
    'a job that makes its thread %s rejects with that, and the next gets another thread',
    async (kind, text) => {
      const pool = createPool(1)
      await expect(pool.run({ kind }, never())).rejects.toThrow(text)
      expect(await pool.run({ kind: 'echo', value: 1 }, never())).toBe(1)
    },
  )

  test('leaves nothing that keeps the process alive, and no listener', async () => {
    const pool = createPool(2)
    const { signal } = new AbortController()
    for (let round = 0; round < 20; round++) await pool.run({ kind: 'echo', value: round }, signal)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
    const controller = new AbortController()
    const running = pool.run({ kind: 'hang' }, controller.signal)
    await setImmediate()
    expect(process.getActiveResourcesInfo()).toContain('MessagePort')
    controller.abort()
    await expect(running).rejects.toThrow('aborted')
    await pool.run({ kind: 'echo', value: 1 }, signal)
    expect(process.getActiveResourcesInfo()).not.toContain('MessagePort')
  })
})
