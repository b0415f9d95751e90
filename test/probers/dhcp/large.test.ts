import { join } from 'node:path'
import { expect } from 'vitest'
import { bestOf } from '../../support/best-of.ts'
import { test } from '../../support/files.ts'
import { watchLoop } from '../../support/loop.ts'
import { type Answer, readAnswer } from '../../support/probe.ts'
import { startSonde } from '../../support/sonde.ts'
import { at, writeIsc, writeKea } from './generate.ts'
import { moduleOf } from './support.ts'

/** Probes, again when something held the event loop: that may have been other work on the machine. */
async function probe(file: string, folder: string): Promise<Answer> {
  await using sonde = await startSonde(moduleOf(`roots: [${folder}]`, '30s'), { now: () => at * 1000 })
  let answer: Answer | undefined
  await bestOf(3, 100, async () => {
    const loop = watchLoop()
    answer = await readAnswer(await sonde.get(`/probe?module=m&target=${file}`))
    return loop.end()
  })
  expect(answer!.value('probe_duration_seconds')).toBeLessThan(3)
  return answer!
}

// The goals are 300 ms and 20 ms; the bounds leave room for machines that do other things meanwhile.
test('20 000 leases of ISC dhcpd, 22 000 blocks', { timeout: 60_000 }, async ({ folder }) => {
  const n = 20_000
  const file = join(folder, 'dhcpd.leases')
  await writeIsc(file, n)
  const answer = await probe(file, folder)
  const states = Object.fromEntries(
    answer.series.filter(({ name }) => name === 'probe_dhcp_leases').map(({ labels, value }) => [labels.state, value]),
  )
  // Every tenth address, 9 of 90 active and 1 of 5 free ones in a hundred, ended as backup.
  expect(states).toEqual({
    active: (n * 81) / 100,
    backup: n / 10,
    free: (n * 4) / 100,
    expired: (n * 3) / 100,
    abandoned: (n * 2) / 100,
    released: 0,
    reset: 0,
  })
  expect(answer.value('probe_dhcp_lease_file_entries')).toBe(n * 1.1)
  expect(answer.value('probe_dhcp_newest_transaction_timestamp_seconds', { family: 'ipv4' })).toBe(at)
})

test('100 000 leases of Kea', { timeout: 60_000 }, async ({ folder }) => {
  const n = 100_000
  const file = join(folder, 'kea-leases4.csv')
  await writeKea(file, n)
  const answer = await probe(file, folder)
  const states = Object.fromEntries(
    answer.series.filter(({ name }) => name === 'probe_dhcp_leases').map(({ labels, value }) => [labels.state, value]),
  )
  expect(states).toEqual({
    active: (n * 81) / 100,
    released: n / 10,
    declined: (n * 4) / 100,
    reclaimed: (n * 5) / 100,
    expired: 0,
  })
  expect(answer.value('probe_dhcp_leases_expiring', { family: 'ipv4', within: '1d' })).toBe((n * 81) / 100)
})
