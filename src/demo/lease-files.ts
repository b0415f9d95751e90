import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A date as dhcpd writes it: weekday and UTC. */
const iscDate = (at: Date) =>
  `${at.getUTCDay()} ${at.toISOString().slice(0, 19).replaceAll('-', '/').replace('T', ' ')}`

function iscLease(host: number, state: string, ends: Date): string {
  const starts = new Date(ends.getTime() - 3_600_000)
  return [
    `lease 192.0.2.${host} {`,
    `  starts ${iscDate(starts)};`,
    `  ends ${iscDate(ends)};`,
    `  cltt ${iscDate(starts)};`,
    `  binding state ${state};`,
    `  hardware ethernet 02:00:00:00:00:${host.toString(16)};`,
    '}',
    '',
  ].join('\n')
}

function dhcpdLeases(now: number): string {
  const later = new Date(now + 1_800_000)
  const entries = [
    ...Array.from({ length: 12 }, (_, index) => iscLease(100 + index, 'active', later)),
    iscLease(100, 'free', new Date(now)), // released: the last entry of an address wins
    iscLease(120, 'active', new Date(now - 60_000)), // dhcpd has not noticed yet that it ended
    iscLease(121, 'abandoned', later),
  ]
  return `# The format of this file is documented in the dhcpd.leases(5) manual page.\nauthoring-byte-order little-endian;\n\n${entries.join('')}`
}

function keaLeases(now: number): string {
  const seconds = Math.floor(now / 1000)
  const row = (host: number, expire: number, state: number) =>
    `198.51.100.${host},02:00:00:00:01:${host.toString(16)},,3600,${expire},1,0,0,,${state},`
  return [
    'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context',
    ...Array.from({ length: 8 }, (_, index) => row(10 + index, seconds + 1800, 0)),
    row(40, seconds + 600, 1),
    '',
  ].join('\n')
}

/** Writes lease files whose times are about now. */
export async function writeLeaseFiles(folder: string, now = Date.now()) {
  await mkdir(folder, { recursive: true })
  const isc = join(folder, 'dhcpd.leases')
  const kea = join(folder, 'kea-leases4.csv')
  await writeFile(isc, dhcpdLeases(now))
  await writeFile(kea, keaLeases(now))
  return { isc, kea }
}
