import { untilAborted } from '../../kit/abort.ts'

/** Who waits for a result, each with a deadline of its own. */
export interface Waiter {
  readonly signal: AbortSignal
  readonly remainingMs: () => number
}

/** Work that several wait for: it goes on until the last of them has gone. */
export interface Flight<T> {
  /** What distinguishes it from other work on the same thing. */
  readonly identity: string
  /** Resolves with the result for one more waiter; rejects with the reason of its signal when that aborts. */
  join(waiter: Waiter): Promise<T>
  /** Resolves when the work has ended, however it did. */
  readonly ended: Promise<void>
}

/** The work that is being done at the moment, by key. */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>()

  get(key: string): Flight<T> | undefined {
    return this.#flights.get(key)
  }

  /** Begins work under a key that is free. It gets a signal and the time left to the most patient of its waiters. */
  start(key: string, identity: string, work: (own: Waiter) => Promise<T>): Flight<T> {
    const waiters = new Set<Waiter>()
    const gone = new AbortController()
    const remainingMs = () => Math.max(0, ...[...waiters].map(waiter => waiter.remainingMs()))
    const forget = () => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    const result = Promise.resolve()
      .then(() => work({ signal: gone.signal, remainingMs }))
      .finally(forget)
    const flight: Flight<T> = {
      identity,
      ended: result.then(
        () => undefined,
        () => undefined,
      ),
      join: async waiter => {
        waiters.add(waiter)
        try {
          return await untilAborted(result, waiter.signal)
        } finally {
          waiters.delete(waiter)
          if (waiters.size === 0) {
            forget()
            gone.abort(new Error('nobody waits any longer'))
          }
        }
      },
    }
    this.#flights.set(key, flight)
    return flight
  }
}
