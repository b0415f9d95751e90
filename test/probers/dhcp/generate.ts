import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** The instant to probe generated files at: all their active leases end after it, within `lifetime`. */
export const at = 1795237457
const lifetime = 7200

const ip = (i: number) => `10.${(i >> 16) & 255}.${(i >> 8) & 255}.${i & 255}`

/** Of a hundred: 90 active, 5 free, 3 expired, 2 abandoned. */
const stateOf = (i: number) =>
  i % 100 < 90 ? 'active' : i % 100 < 95 ? 'free' : i % 100 < 98 ? 'expired' : 'abandoned'

const date = (seconds: number) => {
  const iso = new Date(seconds * 1000).toISOString()
  return `6 ${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 19)}`
}

export function iscBlock(i: number, state = stateOf(i)): string {
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

export const keaHeader =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n'

/** Of a hundred: 90 active, 5 declined, 5 reclaimed. */
export const keaRow = (i: number, state = i % 100 < 90 ? 0 : i % 100 < 95 ? 1 : 2): string =>
  `${ip(i)},00:0c:01:02:03:04,01:00:0c,${lifetime},${at + 1 + (i % lifetime)},1,0,0,h${i},${state},\n`

/** Writes a file of text that need not be in memory as a whole. */
async function write(file: string, parts: Iterable<string>): Promise<void> {
  const stream = createWriteStream(file)
  let kept = ''
  for (const part of parts) {
    kept += part
    if (kept.length < 65_536) continue
    if (!stream.write(kept)) await once(stream, 'drain')
    kept = ''
  }
  stream.end(kept)
  await once(stream, 'close')
}

/**
 * Writes a file of dhcpd's with so many leases; every tenth address comes again as backup: 9 of 90 active ones and 1 of
 * 5 free ones in a hundred.
 */
export function writeIsc(file: string, leases: number): Promise<void> {
  function* parts() {
    yield 'authoring-byte-order little-endian;\n'
    for (let i = 0; i < leases; i++) yield iscBlock(i)
    for (let i = 0; i < leases; i += 10) yield iscBlock(i, 'backup')
  }
  return write(file, parts())
}

/** Writes a file of Kea's likewise; every tenth address comes again as released: 9 of 90 active ones, 1 of 5 declined. */
export function writeKea(file: string, leases: number): Promise<void> {
  function* parts() {
    yield keaHeader
    for (let i = 0; i < leases; i++) yield keaRow(i)
    for (let i = 0; i < leases; i += 10) yield keaRow(i, 3)
  }
  return write(file, parts())
}
