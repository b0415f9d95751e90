import { expect } from 'vitest'

/** Does the work again, up to so many times, as long as its time is above the bound: a machine may be busy. */
export async function bestOf(tries: number, boundMs: number, work: () => number | Promise<number>): Promise<void> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < tries && bestMs >= boundMs; i++) bestMs = Math.min(bestMs, await work())
  expect(bestMs).toBeLessThan(boundMs)
}
