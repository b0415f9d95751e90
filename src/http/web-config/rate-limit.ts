/** Tells whether one more request may pass. */
export type Bucket = () => boolean

/** A token bucket: `burst` requests at once, and one more each `intervalMs`. */
export function createBucket({ intervalMs, burst }: { readonly intervalMs: number; readonly burst: number }): Bucket {
  let tokens = burst
  let filledMs = performance.now()
  return () => {
    const nowMs = performance.now()
    tokens = Math.min(burst, tokens + (nowMs - filledMs) / intervalMs)
    filledMs = nowMs
    if (tokens < 1) return false
    tokens--
    return true
  }
}
