import pLimit from 'p-limit'
import { DeadlineExceeded, Overloaded } from './failure.ts'

/** Bounds how much runs at once and how much may wait for it. */
export interface Limiter {
  readonly active: number
  /** Waiters that still want a slot. */
  readonly waiting: number
  /**
   * Resolves with the function that gives the slot back. Throws `Overloaded` when the queue is full or the deadline of
   * `signal` passes while waiting, and the signal's reason when it was aborted for another cause.
   */
  acquire(signal: AbortSignal): Promise<() => void>
}

interface Waiter {
  grant: ((free: () => void) => void) | undefined
}

const givenUp = (signal: AbortSignal) =>
  signal.reason instanceof DeadlineExceeded ? new Overloaded('the deadline passed while waiting') : signal.reason

export function createLimiter(concurrency: number, maxWaiting: number): Limiter {
  const limit = pLimit(concurrency)
  let active = 0
  let waiting = 0

  // p-limit cannot drop an entry, so one whose waiter has gone stays until its turn. It holds nothing of the request,
  // passes its turn on at once, and still counts against `maxWaiting`, which bounds living and dead together.
  const enqueue = (waiter: Waiter) =>
    limit(async () => {
      if (waiter.grant === undefined) return
      active++
      await new Promise<void>(waiter.grant)
      active--
    })

  return {
    get active() {
      return active
    },
    get waiting() {
      return waiting
    },
    acquire(signal) {
      if (signal.aborted) return Promise.reject(givenUp(signal))
      if (limit.activeCount >= concurrency && limit.pendingCount >= maxWaiting) {
        return Promise.reject(new Overloaded('too much is running and waiting'))
      }
      return new Promise((resolve, reject) => {
        const waiter: Waiter = {
          grant: free => {
            leave()
            resolve(free)
          },
        }
        const leave = () => {
          waiter.grant = undefined
          waiting--
          signal.removeEventListener('abort', onAbort)
        }
        const onAbort = () => {
          leave()
          reject(givenUp(signal))
        }
        waiting++
        signal.addEventListener('abort', onAbort, { once: true })
        void enqueue(waiter)
      })
    },
  }
}
