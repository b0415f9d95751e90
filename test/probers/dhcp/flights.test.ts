import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { Flights } from '../../../src/probers/dhcp/flights.ts'
import { openBelow, test } from '../../support/files.ts'
import { active, probeDirectly, readings } from './direct.ts'
import { at, keaHeader, keaRow } from './generate.ts'

/** A promise to settle by hand. */
function deferred<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: Error) => void = () => undefined
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}

function waiter(leftMs = 1000) {
  const controller = new AbortController()
  return { signal: controller.signal, remainingMs: () => leftMs, leave: (reason: Error) => controller.abort(reason) }
}

describe('work that several wait for', () => {
  test('is done once, and all get its result', async () => {
    const flights = new Flights<number>()
    const { promise, resolve } = deferred<number>()
    const flight = flights.start('a', 'now', () => promise)
    expect(flights.get('a')).toBe(flight)
    expect(flights.get('b')).toBeUndefined()
    const results = Promise.all([flight.join(waiter()), flight.join(waiter())])
    resolve(7)
    expect(await results).toEqual([7, 7])
    expect(flights.get('a')).toBeUndefined()
  })

  test('goes on when the first one goes, and ends when the last one has gone', async () => {
    const flights = new Flights<number>()
    const { promise } = deferred<number>()
    let own: AbortSignal | undefined
    const flight = flights.start('a', 'now', ({ signal }) => {
      own = signal
      return promise
    })
    const [first, last] = [waiter(), waiter()]
    const results = [flight.join(first), flight.join(last)]
    await Promise.resolve()
    first.leave(new Error('first'))
    await expect(results[0]).rejects.toThrow('first')
    expect([own?.aborted, flights.get('a')]).toEqual([false, flight])
    last.leave(new Error('last'))
    await expect(results[1]).rejects.toThrow('last')
    expect([own?.aborted, flights.get('a')]).toEqual([true, undefined])
  })

  test('fails for all, and is nobody’s unhandled rejection', async () => {
    const flights = new Flights<number>()
    const { promise, reject } = deferred<number>()
    const flight = flights.start('a', 'now', () => promise)
    const gone = waiter()
    const results = [flight.join(waiter()), flight.join(gone)]
    gone.leave(new Error('gone'))
    await expect(results[1]).rejects.toThrow('gone')
    reject(new Error('broken'))
    await expect(results[0]).rejects.toThrow('broken')
    await flight.ended
    expect(flights.get('a')).toBeUndefined()
  })

  test('has the time of its most patient waiter', async () => {
    const flights = new Flights<number>()
    let leftMs: (() => number) | undefined
    const { promise, resolve } = deferred<number>()
    const flight = flights.start('a', 'now', ({ remainingMs }) => {
      leftMs = remainingMs
      return promise
    })
    const [short, long] = [waiter(10), waiter(500)]
    const results = [flight.join(short), flight.join(long)]
    await Promise.resolve()
    expect(leftMs?.()).toBe(500)
    long.leave(new Error('gone'))
    await expect(results[1]).rejects.toThrow('gone')
    expect(leftMs?.()).toBe(10)
    resolve(1)
    expect(await results[0]).toBe(1)
  })
})

describe('probes of one file at a time', () => {
  const leases = 50_000
  const write = (folder: string) => {
    const file = join(folder, 'kea-leases4.csv')
    writeFileSync(file, keaHeader + Array.from({ length: leases }, (_, i) => keaRow(i, 0)).join(''))
    return file
  }

  test('share one reading', async ({ folder }) => {
    const file = write(folder)
    const options = { roots: [folder] }
    const answers = await Promise.all(Array.from({ length: 20 }, () => probeDirectly({ options, file, at })))
    expect(answers.map(active)).toEqual(Array(20).fill(leases))
    expect(answers.flatMap(readings)).toEqual(['current from 0'])
    expect(openBelow(folder)).toEqual([])
  })

  test('keep their own deadlines', async ({ folder }) => {
    const file = write(folder)
    const options = { roots: [folder] }
    const gone = new AbortController()
    const reason = new Error('the first one has gone')
    // The one that reads goes while it does.
    const first = probeDirectly({
      ...{ options, file, at, signal: gone.signal },
      onStep: message => message === 'decided on the format' && setImmediate(() => gone.abort(reason)),
    })
    const second = probeDirectly({ options, file, at })
    await expect(first).rejects.toBe(reason)
    expect(active(await second)).toBe(leases)
  })

  test('stop reading when the last of them has gone, and the next one starts anew', async ({ folder }) => {
    const file = write(folder)
    const options = { roots: [folder] }
    const gone = new AbortController()
    const steps: string[] = []
    const probes = Array.from({ length: 3 }, () =>
      probeDirectly({ options, file, at, signal: gone.signal, onStep: message => void steps.push(message) }),
    )
    while (!steps.includes('another probe is reading the file')) await sleep(1)
    gone.abort(new Error('gone'))
    for (const probe of probes) await expect(probe).rejects.toThrow('gone')
    for (let waited = 0; openBelow(folder).length > 0; waited += 5) {
      expect(waited).toBeLessThan(1000)
      await sleep(5)
    }
    expect(steps).not.toContain('read the lease file')
    const next = await probeDirectly({ options, file, at })
    expect([active(next), readings(next)]).toEqual([leases, ['current from 0']])
  })
})
