import { expect, test } from 'vitest'
import { createSlices } from '../../src/kit/slices.ts'
import { bestOf } from '../support/best-of.ts'
import { watchLoop } from '../support/loop.ts'

const never = new AbortController().signal

function spin(ms: number) {
  const end = performance.now() + ms
  while (performance.now() < end);
}

/** Computes for `ms` in pieces of 1 ms. */
async function compute(ms: number, signal = never, sliceMs = 5) {
  const pause = createSlices(signal, sliceMs)
  for (let done = 0; done < ms; done++) {
    await pause()
    spin(1)
  }
}

/** The longest time between two turns of the event loop while `work` runs. */
async function longestTurn(work: Promise<unknown>): Promise<number> {
  const loop = watchLoop()
  await work
  return loop.end()
}

test('a short computation is not interrupted', () => {
  const pause = createSlices(never, 1000)
  for (let index = 0; index < 1000; index++) expect(pause()).toBeUndefined()
})

test('many computations together hold the event loop no longer than one', async () => {
  // Twenty slices of 5 ms in one turn would be 100.
  await bestOf(8, 60, () => longestTurn(Promise.all(Array.from({ length: 20 }, () => compute(20)))))
})

test('each of them gets on', async () => {
  const ended: number[] = []
  await Promise.all([30, 10].map(ms => compute(ms).then(() => ended.push(ms))))
  expect(ended).toEqual([10, 30])
})

test('an abort ends the wait at once, for one that waits and for one that comes later', async () => {
  const controller = new AbortController()
  const gone = new Error('gone')
  const busy = compute(200)
  const aborted = compute(200, controller.signal)
  setTimeout(() => controller.abort(gone), 20)
  await expect(aborted).rejects.toBe(gone)
  await expect(compute(20, controller.signal, 0)).rejects.toBe(gone)
  await busy
})
