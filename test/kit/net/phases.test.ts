import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createPhases, type Phase } from '../../../src/kit/net/phases.ts'

test('reports each phase as it ends, and adds up what comes again', async () => {
  const reports: [Phase, number][] = []
  const phases = createPhases((phase, ms) => reports.push([phase, ms]))
  phases.end()
  expect(phases.current).toBeUndefined()
  phases.begin('connect')
  await sleep(20)
  phases.begin('processing')
  expect(phases.current).toBe('processing')
  phases.end()
  phases.begin('transfer')
  phases.drop()
  phases.end()
  phases.begin('connect')
  await sleep(20)
  phases.end()
  expect(reports.map(([phase]) => phase)).toEqual(['connect', 'processing', 'connect'])
  expect(reports[0]?.[1]).toBeGreaterThan(15)
  expect(reports[2]?.[1]).toBeGreaterThan(reports[0]?.[1] ?? 0)
})
