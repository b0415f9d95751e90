import { HistogramFamily } from './histogram-family.ts'
import type { Family } from './probe-metrics.ts'

const everyMs = 50
const mostAtOnce = 1000

export interface LoopDelay {
  family(): Family
  stop(): void
}

/**
 * Measures how late timers run, twenty times a second. While the loop is held, no timer runs to say so; those that were
 * due meanwhile are counted afterwards, with what each of them waited.
 */
export function watchLoopDelay(): LoopDelay {
  const delays = new HistogramFamily(
    'sonde_event_loop_delay_seconds',
    'How much later than due sonde got to its work; large values mean that sonde itself is the bottleneck.',
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  )
  delays.start()
  let lastMs = performance.now()
  const timer = setInterval(() => {
    const nowMs = performance.now()
    const delayMs = Math.max(0, nowMs - lastMs - everyMs)
    lastMs = nowMs
    const missed = Math.min(Math.floor(delayMs / everyMs), mostAtOnce)
    for (let index = 0; index <= missed; index++) delays.observe((delayMs - index * everyMs) / 1000)
  }, everyMs)
  timer.unref()
  return { family: () => delays.family(), stop: () => clearInterval(timer) }
}
