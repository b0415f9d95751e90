// One budget for the whole process: were it one for each computation, many of them would hold the event loop for the sum.
let turnStartMs: number | undefined
let isTicking = false
const waiting = new Set<() => void>()

/** Begins a new turn of the event loop and lets one of those that wait go on in it. */
function tick(): void {
  isTicking = false
  turnStartMs = undefined
  const [next] = waiting
  if (next !== undefined) {
    waiting.delete(next)
    next()
  }
  if (waiting.size > 0) tickNextTurn()
}

function tickNextTurn(): void {
  if (isTicking) return
  isTicking = true
  setImmediate(tick)
}

function waitForTurn(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const go = () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    const onAbort = () => {
      waiting.delete(go)
      reject(signal.reason)
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    waiting.add(go)
    tickNextTurn()
  })
}

/**
 * Returns a function to call before each small piece of a long computation. When all such computations together have
 * taken `sliceMs` milliseconds of this turn of the event loop, it gives a promise to wait for; one of those that wait
 * goes on in each turn. The promise is rejected with the signal's reason when that aborts.
 */
export function createSlices(signal: AbortSignal, sliceMs = 10): () => Promise<void> | undefined {
  return () => {
    const nowMs = performance.now()
    turnStartMs ??= nowMs
    tickNextTurn()
    return nowMs - turnStartMs < sliceMs ? undefined : waitForTurn(signal)
  }
}
