import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { HistogramFamily } from '../../src/engine/histogram-family.ts'
import { watchLoopDelay } from '../../src/engine/loop-delay.ts'
import type { Family } from '../../src/engine/probe-metrics.ts'

const read = ({ samples }: Family) =>
  Object.fromEntries(samples.map(({ suffix, labels, value }) => [`${suffix}${labels.le ?? ''}`, value]))

test('a histogram: cumulative buckets, their bounds included, for each set of labels', () => {
  const histogram = new HistogramFamily('sonde_x_seconds', 'x', [0.1, 1])
  histogram.start({ module: 'quiet' })
  for (const value of [0.1, 0.5, 1, 7]) histogram.observe(value, { module: 'a' })
  const of = (module: string) =>
    read({
      ...histogram.family(),
      samples: histogram.family().samples.filter(({ labels }) => labels.module === module),
    })
  expect(of('a')).toEqual({ '_bucket0.1': 1, _bucket1: 3, '_bucket+Inf': 4, _sum: 8.6, _count: 4 })
  expect(of('quiet')).toEqual({ '_bucket0.1': 0, _bucket1: 0, '_bucket+Inf': 0, _sum: 0, _count: 0 })
  histogram.keepModules(new Map([['quiet', 1]]))
  expect([of('a'), of('quiet')._count]).toEqual([{}, 0])
})

test('a loop that is held shows up with all that waited for it, however often it is read', async () => {
  const delay = watchLoopDelay()
  const end = performance.now() + 600
  while (performance.now() < end); // holds the loop
  while ((read(delay.family())._sum ?? 0) === 0) await turn()
  const first = read(delay.family())
  delay.stop()
  // Timers that were due after 50, 100, … ms waited 550, 500, … ms.
  expect(first._sum).toBeGreaterThan(3)
  expect((first._count ?? 0) - (first['_bucket0.25'] ?? 0)).toBeGreaterThanOrEqual(6)
  expect(read(delay.family())).toEqual(first)
})
