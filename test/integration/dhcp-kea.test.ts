import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect } from 'vitest'
import { type Answer, readAnswer } from '../support/probe.ts'
import { findProgram, until } from '../support/programs.ts'
import { startSonde } from '../support/sonde.ts'
import { type Lab, labTest, lease, lease6, serverInterface, startClient, startLab } from './support/dhcp-lab.ts'

const test = labTest('kea-dhcp4', 'kea-lfc', 'perfdhcp', 'dhclient')

const test6 = labTest('kea-dhcp6', 'kea-lfc', 'perfdhcp')

const leaseSeconds = 15

/** Where the package keeps its hooks, one of which answers what leases there are. */
function leaseCommands(): string {
  const name = 'kea/hooks/libdhcp_lease_cmds.so'
  const folders = ['/usr/lib', ...readdirSync('/usr/lib').map(folder => join('/usr/lib', folder)), '/usr/local/lib']
  return folders.map(folder => join(folder, name)).find(existsSync) ?? name
}

/** What both servers are told; every three seconds the files of the set are merged. */
const common = (folder: string, family: 4 | 6) => `
  "interfaces-config": { "interfaces": ["${serverInterface}"] },
  "control-socket": { "socket-type": "unix", "socket-name": "${folder}/control" },
  "lease-database": { "type": "memfile", "persist": true, "name": "${folder}/kea-leases${family}.csv", "lfc-interval": 3 },
  "expired-leases-processing": { "reclaim-timer-wait-time": 1, "hold-reclaimed-time": 3600, },
  "hooks-libraries": [ { "library": "${leaseCommands()}" } ],
  "valid-lifetime": ${leaseSeconds}, "renew-timer": 5, "rebind-timer": 10,
  "loggers": [ { "name": "kea-dhcp${family}", "severity": "WARN", "output_options": [ { "output": "stdout" } ] } ],`

const config4 = (folder: string) => `// written by a test
{ "Dhcp4": { ${common(folder, 4)}
  "shared-networks": [ { "name": "lab", "interface": "${serverInterface}", "subnet4": [
    { "id": 7, "subnet": "10.50.0.0/24", "pools": [ { "pool": "10.50.0.100 - 10.50.0.115" }, { "pool": "10.50.0.128/28" } ] }
  ] } ]
} }
`

const config6 = (folder: string) => `/* written by a test */
{ "Dhcp6": { ${common(folder, 6)} "data-directory": "${folder}", "preferred-lifetime": 12,
  "subnet6": [ { "id": 9, "subnet": "fd50::/64", "interface": "${serverInterface}", # link-local
    "pools": [ { "pool": "fd50::1:0/112" } ],
    "pd-pools": [ { "prefix": "fd51::", "prefix-len": 40, "delegated-len": 56 } ] } ]
} }
`

interface KeaLease {
  readonly type?: 'IA_NA' | 'IA_PD'
  readonly 'ip-address': string
  readonly state: number
  readonly cltt: number
  readonly 'valid-lft': number
}

/** What the running server says over its control socket: the leases that are in use at this moment. */
async function activeByKea(lab: Lab, family: 4 | 6 = 4): Promise<readonly KeaLease[]> {
  const socket = connect(join(lab.folder, 'control'))
  socket.end(JSON.stringify({ command: `lease${family}-get-all` }))
  const answer: { arguments?: { leases: readonly KeaLease[] } } = JSON.parse(await text(socket))
  return (answer.arguments?.leases ?? []).filter(
    own => own.state === 0 && own.cltt + own['valid-lft'] > Date.now() / 1000,
  )
}

/** Starts a server with its own folder for all that it writes. */
const startKea = (lab: Lab, program: string, file: string) =>
  lab.serve(program, ['-c', file], () => existsSync(join(lab.folder, 'control')), {
    KEA_PIDFILE_DIR: lab.folder,
    KEA_LOCKFILE_DIR: lab.folder,
    KEA_LFC_EXECUTABLE: findProgram('kea-lfc'),
  })

const active = (answer: Answer) => answer.value('probe_dhcp_leases', { family: 'ipv4', state: 'active' })

test('Kea hands out, renews, takes back, lets expire and merges its files', { timeout: 180_000 }, async () => {
  await using lab = await startLab()
  const [leases, file] = [join(lab.folder, 'kea-leases4.csv'), join(lab.folder, 'kea-dhcp4.conf')]
  writeFileSync(file, config4(lab.folder))
  const yaml = `modules:
  kea:
    prober: dhcp
    dhcp:
      {roots: ['${lab.folder}'], format: kea-csv, missing_ok: true, server_config: '${file}', per_subnet: {enabled: true}}
`
  await using sonde = await startSonde(yaml)
  const ask = async () => readAnswer(await sonde.get(`/probe?module=kea&target=${leases}`), sonde.lines)
  const parts = new Set<string>()
  /** Both know the same leases as active; each is asked while the other goes on, so at some moment only. */
  const agreeOn = async (least: number, most = least): Promise<number> => {
    let [ours, theirs]: [number | undefined, number] = [undefined, 0]
    await until(async () => {
      const before = await ask()
      theirs = (await activeByKea(lab)).length
      const answer = await ask()
      ours = active(answer)
      for (const { name, labels } of answer.series) {
        if (name === 'probe_dhcp_lease_file_size_bytes') parts.add(labels.part ?? '')
      }
      return active(before) === ours && ours === theirs && least <= theirs && theirs <= most
    }, 45_000).catch(() => expect({ ours, theirs }).toEqual({ ours: least, theirs: least }))
    return theirs
  }

  expect(active(await ask())).toBe(0)
  const folders = {
    KEA_PIDFILE_DIR: lab.folder,
    KEA_LOCKFILE_DIR: lab.folder,
    KEA_LFC_EXECUTABLE: findProgram('kea-lfc'),
  }
  await lab.serve('kea-dhcp4', ['-c', file], () => existsSync(join(lab.folder, 'control')), folders)
  await agreeOn(0)
  // perfdhcp does not wait for its last answers.
  const granted = await agreeOn(await lease(lab, 20), 20)
  expect(granted).toBeGreaterThan(10)
  const full = await ask()
  expect(full.value('probe_dhcp_shared_network_size', { shared_network: 'lab' })).toBe(32)
  expect(full.value('probe_dhcp_pool_leases', { pool: '10.50.0.100-10.50.0.115', state: 'active' })).toBeGreaterThan(0)

  // All but the one that renews expire, while the files are renamed and merged.
  await using client = await startClient(lab)
  await agreeOn(1)
  expect((await activeByKea(lab)).map(own => own['ip-address'])).toEqual([client.address])
  expect((await ask()).value('probe_dhcp_subnet_leases', { subnet_id: '7', state: 'active' })).toBe(1)
  await until(async () => (await ask()).value('probe_dhcp_leases', { state: 'reclaimed' }) === granted, 45_000)
  await client.release()
  await agreeOn(0)
  expect(parts).toContain('2')
})

test6("Kea's DHCPv6 hands out addresses and prefixes, and lets them expire", { timeout: 180_000 }, async () => {
  await using lab = await startLab()
  const [leases, file] = [join(lab.folder, 'kea-leases6.csv'), join(lab.folder, 'kea-dhcp6.conf')]
  writeFileSync(file, config6(lab.folder))
  const yaml = `modules:
  kea: {prober: dhcp, dhcp: {roots: ['${lab.folder}'], format: kea-csv, missing_ok: true, server_config: '${file}'}}
`
  await using sonde = await startSonde(yaml)
  const ask = async () => readAnswer(await sonde.get(`/probe?module=kea&target=${leases}`), sonde.lines)
  const ours = (answer: Answer, type: string) =>
    answer.value('probe_dhcp_leases', { family: 'ipv6', type, state: 'active' })
  const theirs = (all: readonly KeaLease[], type: KeaLease['type']) => all.filter(own => own.type === type).length
  /** Both know the same addresses and prefixes as active, at least so many of each. */
  const agree = (least: number, most: number) =>
    until(async () => {
      const all = await activeByKea(lab, 6)
      const answer = await ask()
      const [addresses, prefixes] = [theirs(all, 'IA_NA'), theirs(all, 'IA_PD')]
      const isSame = ours(answer, 'na') === addresses && ours(answer, 'pd') === prefixes
      return isSame && [addresses, prefixes].every(count => least <= count && count <= most)
    }, 45_000)

  await startKea(lab, 'kea-dhcp6', file)
  await agree(0, 0)
  // Until the interfaces are sure of their addresses, nothing is answered.
  await until(async () => (await lease6(lab, 12)) > 5, 45_000)
  await agree(6, 24)
  const full = await ask()
  expect(full.value('probe_dhcp_pool_size', { pool: 'fd51::/40' })).toBe(65_536)
  expect(full.value('probe_dhcp_pool_leases', { pool: 'fd51::/40', state: 'active' })).toBeGreaterThan(5)
  expect(full.value('probe_dhcp_pool_leases', { pool: 'fd50::1:0/112', state: 'active' })).toBeGreaterThan(5)
  expect(full.value('probe_dhcp_leases_outside_pools', { family: 'ipv6' })).toBe(0)
  await agree(0, 0)
  expect((await ask()).value('probe_dhcp_lease_file_malformed_entries')).toBe(0)
})
