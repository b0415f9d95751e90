import { describe, expect, test } from 'vitest'
import { DeadlineExceeded, Overloaded } from '../../src/kit/failure.ts'
import { createLimiter } from '../../src/kit/limiter.ts'

const never = new AbortController().signal

describe('createLimiter', () => {
  test('runs as many as it may, in the order they came', async () => {
    const limiter = createLimiter(2, 10)
    const granted: number[] = []
    const releases = new Map<number, () => void>()
    const waits = [0, 1, 2, 3].map(async index => {
      releases.set(index, await limiter.acquire(never))
      granted.push(index)
    })
    await Promise.all(waits.slice(0, 2))
    expect([limiter.active, limiter.waiting, granted]).toEqual([2, 2, [0, 1]])
    releases.get(1)?.()
    await waits[2]
    expect([limiter.active, limiter.waiting, granted]).toEqual([2, 1, [0, 1, 2]])
    releases.get(0)?.()
    await waits[3]
    releases.get(2)?.()
    releases.get(3)?.()
    await expect.poll(() => limiter.active).toBe(0)
  })

  test('giving a slot back twice frees it once', async () => {
    const limiter = createLimiter(1, 10)
    const release = await limiter.acquire(never)
    const second = limiter.acquire(never)
    release()
    release()
    await second
    expect(limiter.active).toBe(1)
  })

  test('refuses at once when the queue is full', async () => {
    const limiter = createLimiter(1, 1)
    await limiter.acquire(never)
    void limiter.acquire(never)
    await expect(limiter.acquire(never)).rejects.toThrow(Overloaded)
  })

  test('a queue of 0 refuses only when all slots are taken', async () => {
    const limiter = createLimiter(1, 0)
    const release = await limiter.acquire(never)
    await expect(limiter.acquire(never)).rejects.toThrow(Overloaded)
    release()
    await expect.poll(() => limiter.active).toBe(0)
    await limiter.acquire(never)
  })

  test('a deadline that passes while waiting is overload, not a verdict on the target', async () => {
    const limiter = createLimiter(1, 5)
    await limiter.acquire(never)
    const controller = new AbortController()
    const waiting = limiter.acquire(controller.signal)
    controller.abort(new DeadlineExceeded())
    const error = await waiting.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Overloaded)
    expect((error as Error).cause).toBeUndefined()
    expect(limiter.waiting).toBe(0)
  })

  test('another reason to abort is passed on, also when it came before the call', async () => {
    const gone = new Error('gone')
    const limiter = createLimiter(1, 5)
    await expect(limiter.acquire(AbortSignal.abort(gone))).rejects.toBe(gone)
    await limiter.acquire(never)
    const controller = new AbortController()
    const waiting = limiter.acquire(controller.signal)
    controller.abort(gone)
    await expect(waiting).rejects.toBe(gone)
  })

  test('the dead count against the queue until their turn, then take none', async () => {
    const limiter = createLimiter(1, 2)
    const release = await limiter.acquire(never)
    const controller = new AbortController()
    const dead = [limiter.acquire(controller.signal), limiter.acquire(controller.signal)]
    controller.abort(new DeadlineExceeded())
    await Promise.allSettled(dead)
    expect(limiter.waiting).toBe(0)
    await expect(limiter.acquire(never)).rejects.toThrow(Overloaded)
    release()
    await expect.poll(() => limiter.active).toBe(0)
    await limiter.acquire(never)
    expect(limiter.active).toBe(1)
  })
})
