import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { watchLoop } from '../../support/loop.ts'
import { type Answer, readAnswer } from '../../support/probe.ts'
import { startSonde } from '../../support/sonde.ts'
import { bestOf, moduleOf, test } from './support.ts'

const at = 1795237457
const lifetime = 7200

const ip = (i: number) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`

/** Of a hundred: 90 active, 5 free, 3 expired, 2 abandoned. */
const stateOf = (i: number) =>
  i % 100 < 90 ? 'active' : i % 100 < 95 ? 'free' : i % 100 < 98 ? 'expired' : 'abandoned'

const date = (seconds: number) => {
  const iso = new Date(seconds * 1000).toISOString()
  return `6 ${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 19)}`
}

function block(i: number, state: string): string {
  const cltt = at - lifetime + 1 + (i % lifetime)
  return `lease ${ip(i)} {
  starts ${date(cltt)};
  ends ${date(cltt + lifetime)};
  cltt ${date(cltt)};
  binding state ${state};
  next binding state free;
  rewind binding state free;
  hardware ethernet 00:0c:01:02:03:04;
  uid "\\001\\000\\014\\001{\\"}";
  client-hostname "h${i}";
}
`
}

const row = (i: number, state: number) =>
  `${ip(i)},00:0c:01:02:03:04,01:00:0c,${lifetime},${at + 1 + (i % lifetime)},1,0,0,h${i},${state},\n`

async function write(file: string, head: string, entries: Iterable<string>): Promise<void> {
  const stream = createWriteStream(file)
  let kept = head
  for (const entry of entries) {
    kept += entry
    if (kept.length < 65_536) continue
    if (!stream.write(kept)) await once(stream, 'drain')
    kept = ''
  }
  stream.end(kept)
  await once(stream, 'close')
}

function* iscEntries(n: number): Generator<string> {
  for (let i = 0; i < n; i++) yield block(i, stateOf(i))
  for (let i = 0; i < n; i += 10) yield block(i, 'backup')
}

function* keaEntries(n: number): Generator<string> {
  for (let i = 0; i < n; i++) yield row(i, i % 100 < 90 ? 0 : i % 100 < 95 ? 1 : 2)
  for (let i = 0; i < n; i += 10) yield row(i, 3)
}

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
  await write(file, 'authoring-byte-order little-endian;\n', iscEntries(n))
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
  const header =
    'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n'
  await write(file, header, keaEntries(n))
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
