import { setImmediate } from 'node:timers/promises'

/**
 * Returns a function to call inside a long computation: it lets the event loop run whenever `sliceMs` milliseconds have
 * passed since it last did, and throws the signal's reason when that was aborted meanwhile.
 */
export function createSlices(signal: AbortSignal, sliceMs = 10): () => Promise<void> | undefined {
  let sliceStart = performance.now()
  const pause = async () => {
    await setImmediate(undefined, { signal }).catch(() => undefined)
    signal.throwIfAborted()
    sliceStart = performance.now()
  }
  return () => (performance.now() - sliceStart < sliceMs ? undefined : pause())
}
