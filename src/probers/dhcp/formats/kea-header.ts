import type { Family } from '../leases.ts'

// Kea's src/lib/dhcpsrv/csv_lease_file4.cc and csv_lease_file6.cc: each version of the schema appended columns.
const known: Readonly<Record<Family, readonly string[]>> = {
  ipv4: [
    ...['address', 'hwaddr', 'client_id', 'valid_lifetime', 'expire', 'subnet_id', 'fqdn_fwd', 'fqdn_rev', 'hostname'],
    ...['state', 'user_context', 'pool_id'],
  ],
  ipv6: [
    ...[
      'address',
      'duid',
      'valid_lifetime',
      'expire',
      'subnet_id',
      'pref_lifetime',
      'lease_type',
      'iaid',
      'prefix_len',
    ],
    ...['fqdn_fwd', 'fqdn_rev', 'hostname', 'hwaddr', 'state', 'user_context', 'hwtype', 'hwaddr_source', 'pool_id'],
  ],
}

/** Versions by the number of columns. */
const schemas: Readonly<Record<Family, Readonly<Record<number, string>>>> = {
  ipv4: { 9: '1.0', 10: '2.0', 11: '2.1', 12: '3.0' },
  ipv6: { 12: '1.0', 13: '2.0', 14: '3.0', 15: '3.1', 17: '4.0', 18: '5.0' },
}

/** Columns of the first version, of which no header has fewer that is one of Kea's own. */
const firstColumns: Readonly<Record<Family, number>> = { ipv4: 9, ipv6: 12 }

const wanted = [
  ...['address', 'valid_lifetime', 'expire', 'subnet_id', 'state', 'lease_type', 'prefix_len'],
  ...['hwaddr', 'client_id', 'duid', 'hostname'],
] as const

export interface KeaHeader {
  readonly family: Family
  readonly schema: string
  /** How many columns a row may have. */
  readonly fewest: number
  readonly most: number
  /** Place of each column, -1 when there is none. */
  readonly places: Readonly<Record<(typeof wanted)[number], number>>
}

const isUsable = ({ family, places, schema }: KeaHeader): boolean => {
  const needed = [places.address, places.valid_lifetime, places.expire]
  const stated = schema === 'unknown' ? [places.state] : []
  const typed = family === 'ipv6' ? [places.lease_type, places.prefix_len] : []
  return ![...needed, ...stated, ...typed].includes(-1)
}

/** Whether a text begins like the header of a Kea file of either family. */
export const beginsLikeKea = (text: string): boolean => /^address,(hwaddr|duid),/.test(text)

/** Whether a text may be the beginning of a header. */
export const mayBeginHeader = (text: string): boolean =>
  Object.values(known).some(columns => columns.join().startsWith(text))

/**
 * Reads a header; undefined when it lacks a column that a lease cannot do without. The first versions alone have no
 * state.
 */
export function parseHeader(line: string): KeaHeader | undefined {
  const names = line.split(',')
  const family = names[1] === 'duid' ? 'ipv6' : 'ipv4'
  const own = known[family]
  const shared = Math.min(names.length, own.length)
  const isKnown = shared >= firstColumns[family] && names.slice(0, shared).join() === own.slice(0, shared).join()
  // Kea reads rows with the columns of its own version under an older header, and ignores columns it does not know.
  const all = isKnown && names.length < own.length ? own : names
  const header = {
    family,
    schema: (isKnown && schemas[family][names.length]) || 'unknown',
    fewest: isKnown ? shared : names.length,
    most: all.length,
    places: Object.fromEntries(wanted.map(name => [name, all.indexOf(name)])) as KeaHeader['places'],
  } as const
  return isUsable(header) ? header : undefined
}
