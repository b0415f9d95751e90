import { type TypeName, typeOf } from '../wire/iana.ts'
import type { ResourceRecord } from '../wire/record.ts'
import { lowerName } from './names.ts'

/** Where an RDATA has names: after so many octets, one after another, with so many octets behind them. */
interface Layout {
  readonly head: number
  /** Their places among the record's values. */
  readonly names: readonly number[]
  readonly tail: number
}

const plain: Layout = { head: 0, names: [0], tail: 0 }
const two: Layout = { head: 0, names: [0, 1], tail: 0 }
const preferred: Layout = { head: 2, names: [1], tail: 0 }

/**
 * The types whose names are put into lower case (RFC 4034, 6.2, without NSEC by RFC 6840, 5.1). They are also the only
 * ones whose names a message may compress (RFC 3597, 4). NAPTR's three texts stand between its head and its name.
 */
const layouts: Readonly<Partial<Record<TypeName, Layout>>> = {
  NS: plain,
  MD: plain,
  MF: plain,
  CNAME: plain,
  SOA: { head: 0, names: [0, 1], tail: 20 },
  MB: plain,
  MG: plain,
  MR: plain,
  PTR: plain,
  MINFO: two,
  MX: preferred,
  RP: two,
  AFSDB: preferred,
  RT: preferred,
  PX: { head: 2, names: [1, 2], tail: 0 },
  SRV: { head: 6, names: [3], tail: 0 },
  NAPTR: { head: 4, names: [5], tail: 0 },
  KX: preferred,
  DNAME: plain,
}

const layoutOf = new Map(Object.entries(layouts).map(([type, layout]) => [typeOf(type as TypeName), layout]))
const naptr = typeOf('NAPTR')

const textsOfNaptr = (values: readonly unknown[]) =>
  values.slice(2, 5).reduce<number>((sum, text) => sum + 1 + (text as Buffer).length, 0)

/** An RDATA with its names in lower case and uncompressed (RFC 4034, 6.2). */
export function canonicalRdata({ type, rdata, values }: ResourceRecord): Buffer {
  const layout = layoutOf.get(type)
  // An RDATA that its type does not fit has no names that anybody could find.
  if (layout === undefined || values === undefined) return rdata
  const head = layout.head + (type === naptr ? textsOfNaptr(values) : 0)
  const names = layout.names.map(index => lowerName(values[index] as Buffer))
  return Buffer.concat([rdata.subarray(0, head), ...names, rdata.subarray(rdata.length - layout.tail)])
}

/** The canonical RDATAs of an RRset in their order, each once (RFC 4034, 6.3). */
export const canonicalRdatas = (records: readonly ResourceRecord[]): readonly Buffer[] =>
  records
    .map(canonicalRdata)
    .sort(Buffer.compare)
    .filter((rdata, index, all) => !(index > 0 && all[index - 1]?.equals(rdata)))
