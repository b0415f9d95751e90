import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Settles with `work`, or rejects with the signal's reason when that aborts first: for work that cannot be taken back,
 * such as a call to the system resolver or to a file system that hangs.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Waits `ms` milliseconds; throws the signal's reason as soon as that aborts. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined)
  signal.throwIfAborted()
}
