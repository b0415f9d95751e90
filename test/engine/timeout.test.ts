import { describe, expect, test } from 'vitest'
import { startDeadline, timeoutFor } from '../../src/engine/deadline.ts'
import { BadRequest, DeadlineExceeded } from '../../src/kit/failure.ts'

// blackbox_exporter's own vectors (TestTimeoutIsSetCorrectly): module, header, offset, result, all in seconds.
test.each([
  [undefined, '15', 0.5, 14.5],
  [undefined, '15', 0, 15],
  [20, '15', 0.5, 14.5],
  [20, '15', 0, 15],
  [5, '15', 0, 5],
  [5, '15', 0.5, 5],
  [10, undefined, 0.5, 10],
  [10, '10', 0.5, 9.5],
  [9.5, undefined, 0.5, 9.5],
  [9.5, undefined, 1, 9.5],
  [undefined, undefined, 0.5, 119.5],
  [undefined, undefined, 0, 120],
])('module %s s, header %s, offset %s s: %s s', (module, header, offset, expected) => {
  expect(timeoutFor(module && module * 1000, header, offset * 1000)).toBeCloseTo(expected * 1000, 6)
})

test.each([
  ['0.2', undefined, 160],
  ['0.5', undefined, 400],
  ['0.2', 100, 100],
  ['0.2', 1000, 160],
  ['0', undefined, 119_500],
  ['', undefined, 119_500],
  ['0', 10_000, 10_000],
  ['1e1', undefined, 9500],
  ['10', -1, 9500],
  ['10', 0, 9500],
])('sonde: header %j with a module timeout of %s ms: %s ms', (header, module, expected) => {
  expect(timeoutFor(module, header, 500)).toBeCloseTo(expected, 6)
})

test.each(['abc', 'NaN', 'Inf', '+Inf', '-1', '1s', '0x10', '1,5', ' ', '1e999'])('header %j is refused', header => {
  expect(() => timeoutFor(1000, header, 500)).toThrow(BadRequest)
})

describe('startDeadline', () => {
  test('aborts with DeadlineExceeded, counted from the start of the request', async () => {
    const deadline = startDeadline(1000, performance.now() - 950)
    expect(deadline.remainingMs()).toBeLessThanOrEqual(50)
    const reason = await new Promise(resolve => {
      deadline.signal.addEventListener('abort', () => resolve(deadline.signal.reason))
    })
    expect(reason).toBeInstanceOf(DeadlineExceeded)
    expect(deadline.remainingMs()).toBe(0)
  })

  test('a timeout beyond what a timer can hold does not fire at once', async () => {
    const deadline = startDeadline(1e15)
    await new Promise(resolve => setTimeout(resolve, 20))
    expect(deadline.signal.aborted).toBe(false)
    deadline.clear()
  })
})
