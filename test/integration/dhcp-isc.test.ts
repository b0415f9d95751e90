import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Answer, readAnswer } from '../support/probe.ts'
import { until } from '../support/programs.ts'
import { startSonde } from '../support/sonde.ts'
import { type Lab, labTest, lease, serverInterface, startClient, startLab } from './support/dhcp-lab.ts'

const test = labTest('dhcpd', 'omshell', 'perfdhcp', 'dhclient')

const omapiPort = 7911
const leaseSeconds = 15

const config = (folder: string) => `authoritative; ddns-update-style none; ping-check false; omapi-port ${omapiPort};
default-lease-time ${leaseSeconds}; max-lease-time ${leaseSeconds}; min-lease-time ${leaseSeconds};
dhcp-cache-threshold 0;
shared-network lab {
  subnet 10.50.0.0 netmask 255.255.255.0 {
    pool { range 10.50.0.100 10.50.0.115; }
    include "${folder}/more.conf";
  }
}
`

const addresses = Array.from({ length: 24 }, (_, i) => `10.50.0.${100 + i}`)

/** What the running server says of each address over OMAPI: those whose lease is active. */
async function activeByOmapi(lab: Lab): Promise<readonly string[]> {
  const asked = addresses.map(address => `new lease\nset ip-address = ${address}\nopen\nclose\n`).join('')
  const output = await lab.run('server', 'omshell', [], `server localhost\nport ${omapiPort}\nconnect\n${asked}`)
  const states = [...output.matchAll(/^state = 00:00:00:(\d\d)$/gm)].map(match => match[1])
  expect(states).toHaveLength(addresses.length)
  return addresses.filter((_address, i) => states[i] === '02')
}

const active = (answer: Answer) => answer.value('probe_dhcp_leases', { family: 'ipv4', state: 'active' })

test('ISC dhcpd hands out, renews, takes back and lets expire', { timeout: 180_000 }, async () => {
  await using lab = await startLab()
  const [leases, file] = [join(lab.folder, 'dhcpd.leases'), join(lab.folder, 'dhcpd.conf')]
  writeFileSync(leases, '')
  writeFileSync(file, config(lab.folder))
  writeFileSync(join(lab.folder, 'more.conf'), 'pool { range 10.50.0.116 10.50.0.123; }\n')
  const yaml = `modules:
  isc: {prober: dhcp, dhcp: {roots: ['${lab.folder}'], format: isc-dhcpd, server_config: '${file}'}}
`
  await using sonde = await startSonde(yaml)
  const ask = async () => readAnswer(await sonde.get(`/probe?module=isc&target=${leases}`), sonde.lines)
  /** Both know the same leases as active; each is asked while the other goes on, so at some moment only. */
  const agreeOn = async (least: number, most = least): Promise<number> => {
    let [ours, theirs]: [number | undefined, number] = [undefined, 0]
    await until(async () => {
      const before = await ask()
      theirs = (await activeByOmapi(lab)).length
      ours = active(await ask())
      return active(before) === ours && ours === theirs && least <= theirs && theirs <= most
    }, 45_000).catch(() => expect({ ours, theirs }).toEqual({ ours: least, theirs: least }))
    return theirs
  }

  expect(active(await ask())).toBe(0)
  const paths = ['-cf', file, '-lf', leases, '-pf', join(lab.folder, 'dhcpd.pid')]
  await lab.serve('dhcpd', ['-4', '-d', ...paths, serverInterface], async () =>
    (await lab.run('server', 'omshell', [], `server localhost\nport ${omapiPort}\nconnect\n`)).includes('obj: <null>'),
  )
  // perfdhcp does not wait for its last answers.
  const granted = await agreeOn(await lease(lab, 12), 12)
  expect(granted).toBeGreaterThan(5)
  expect((await ask()).value('probe_dhcp_shared_network_size', { shared_network: 'lab' })).toBe(24)

  // All but the one that renews expire; dhcpd sees it by its own clock, sonde by its.
  await using client = await startClient(lab)
  const first = (await ask()).value('probe_dhcp_newest_transaction_timestamp_seconds') ?? 0
  await agreeOn(1)
  const renewed = await ask()
  expect(renewed.value('probe_dhcp_newest_transaction_timestamp_seconds')).toBeGreaterThan(first)
  expect(await activeByOmapi(lab)).toEqual([client.address])
  expect(renewed.value('probe_dhcp_leases_outside_pools', { family: 'ipv4' })).toBe(0)

  await client.release()
  await agreeOn(0)
  expect((await ask()).value('probe_dhcp_lease_file_malformed_entries')).toBe(0)
})
