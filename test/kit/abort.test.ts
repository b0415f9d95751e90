import { describe, expect, test } from 'vitest'
import { untilAborted, wait, within } from '../../src/kit/abort.ts'

const untilSignal = (signal: AbortSignal) => wait(60_000, signal)
const late = () => new Error('late')

describe('within', () => {
  test('gives what the work gives', async () => {
    expect(await within(60_000, new AbortController().signal, late, async () => 1)).toBe(1)
  })

  test('aborts the work when the time is up', async () => {
    await expect(within(1, new AbortController().signal, late, untilSignal)).rejects.toThrow('late')
  })

  test('aborts the work with the signal', async () => {
    const controller = new AbortController()
    const work = within(60_000, controller.signal, late, untilSignal)
    controller.abort(new Error('enough'))
    await expect(work).rejects.toThrow('enough')
  })

  test('a signal that has aborted already aborts the work', async () => {
    await expect(within(60_000, AbortSignal.abort(new Error('enough')), late, untilSignal)).rejects.toThrow('enough')
  })
})

test('untilAborted leaves work that cannot be taken back', async () => {
  const controller = new AbortController()
  const waiting = untilAborted(new Promise(() => {}), controller.signal)
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})
