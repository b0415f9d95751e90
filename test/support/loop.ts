/** Measures for how many milliseconds the event loop was held at most, until `end` is called. */
export function watchLoop() {
  let longestMs = 0
  let lastMs = performance.now()
  let isOn = true
  const tick = () => {
    const nowMs = performance.now()
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
