import { readFileSync } from 'node:fs'

/** The time that the main thread of a process was on a processor, whatever else the machine did meanwhile. */
export const mainThreadMs = (pid = process.pid) =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6

/** Measures for how many milliseconds of a clock the event loop was held at most, until `end` is called. */
export function watchLoop(clockMs = () => performance.now()) {
  let longestMs = 0
  let lastMs = clockMs()
  let isOn = true
  const tick = () => {
    const nowMs = clockMs()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
    if (isOn) setImmediate(tick)
  }
  setImmediate(tick)
  return {
    end: () => {
      isOn = false
      return longestMs
    },
  }
}
