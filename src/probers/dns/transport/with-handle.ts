/** How an operation ends; only the first call counts. */
export interface Settle<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

/**
 * Starts an operation on a handle and waits until it settles or the signal aborts. `start` returns what closes the
 * handle; that is called in every case.
 */
export function withHandle<T>(signal: AbortSignal, start: (settle: Settle<T>) => () => void): Promise<T> {
  let close = () => {}
  let onAbort = () => {}
  return new Promise<T>((resolve, reject) => {
    signal.throwIfAborted()
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    close = start({ resolve, reject })
  }).finally(() => {
    signal.removeEventListener('abort', onAbort)
    close()
  })
}
