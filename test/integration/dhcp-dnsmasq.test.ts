import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Answer, readAnswer } from '../support/probe.ts'
import { until } from '../support/programs.ts'
import { startSonde } from '../support/sonde.ts'
import { labTest, lease, serverInterface, startClient, startLab } from './support/dhcp-lab.ts'

const test = labTest('dnsmasq', 'perfdhcp', 'dhclient')

const config = (folder: string) => `port=0
interface=${serverInterface}
bind-interfaces
no-ping
dhcp-authoritative
dhcp-leasefile=${folder}/leases
dhcp-script=${folder}/ledger.sh
user=root
dhcp-range=10.50.0.100,10.50.0.115,255.255.255.0,2m # the shortest that dnsmasq gives
conf-dir=${folder}/conf.d,*.conf
`

const active = (answer: Answer) => answer.value('probe_dhcp_leases', { family: 'ipv4', state: 'active' })

test('dnsmasq hands out, renews and takes back', { timeout: 180_000 }, async () => {
  await using lab = await startLab()
  const [leases, file, ledger] = ['leases', 'dnsmasq.conf', 'ledger'].map(name => join(lab.folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(leases, '')
  writeFileSync(ledger, '')
  writeFileSync(file, config(lab.folder))
  mkdirSync(join(lab.folder, 'conf.d'))
  writeFileSync(join(lab.folder, 'conf.d', 'more.conf'), 'dhcp-range=10.50.0.120,10.50.0.123,2m\n')
  writeFileSync(join(lab.folder, 'ledger.sh'), `#!/bin/sh\necho "$1 $3" >> ${ledger}\n`, { mode: 0o755 })

  /** dnsmasq's own account: what it told its script to be added and removed. */
  const activeByLedger = (): ReadonlySet<string> => {
    const addresses = new Set<string>()
    for (const line of readFileSync(ledger, 'utf8').split('\n')) {
      const [event, address = ''] = line.split(' ')
      if (event === 'add' || event === 'old') addresses.add(address)
      if (event === 'del') addresses.delete(address)
    }
    return addresses
  }
  const yaml = `modules:
  dnsmasq: {prober: dhcp, dhcp: {roots: ['${lab.folder}'], format: dnsmasq, server_config: '${file}'}}
`
  let aheadSeconds = 0
  await using sonde = await startSonde(yaml, { now: () => Date.now() + aheadSeconds * 1000 })
  const ask = async () => readAnswer(await sonde.get(`/probe?module=dnsmasq&target=${leases}`), sonde.lines)
  const agreeOn = async (least: number, most = least): Promise<number> => {
    let [ours, theirs]: [number | undefined, number] = [undefined, 0]
    await until(async () => {
      theirs = activeByLedger().size
      ours = active(await ask())
      return ours === theirs && least <= theirs && theirs <= most
    }).catch(() => expect({ ours, theirs }).toEqual({ ours: least, theirs: least }))
    return theirs
  }

  expect(active(await ask())).toBe(0)
  await lab.serve('dnsmasq', ['--no-daemon', '-C', file], output => output.includes('DHCP, IP range'))
  // perfdhcp does not wait for its last answers.
  const granted = await agreeOn(await lease(lab, 12), 12)
  expect(granted).toBeGreaterThan(5)
  const full = await ask()
  const sizes = full.series.filter(({ name }) => name === 'probe_dhcp_pool_size').map(({ value }) => value)
  expect(sizes).toEqual([16, 4])
  expect(full.value('probe_dhcp_leases_outside_pools', { family: 'ipv4' })).toBe(0)
  expect(full.value('probe_dhcp_leases_expiring', { family: 'ipv4', within: '5m' })).toBe(granted)

  await using client = await startClient(lab)
  await agreeOn(granted + 1)
  expect(activeByLedger()).toContain(client.address)
  await client.release()
  await agreeOn(granted)

  // Two minutes are too long to wait for: sonde's clock goes ahead, as if the server had died.
  aheadSeconds = 130
  const late = await ask()
  expect([active(late), late.value('probe_dhcp_leases_overdue', { family: 'ipv4' })]).toEqual([0, granted])
})
