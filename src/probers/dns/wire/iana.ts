/**
 * Names and numbers of https://www.iana.org/assignments/dns-parameters and of DNSSEC's algorithms, spelled as miekg/dns
 * (and so blackbox_exporter) spells them.
 */
// biome-ignore format: a table
const types = {
  None: 0,
  A: 1, NS: 2, MD: 3, MF: 4, CNAME: 5, SOA: 6, MB: 7, MG: 8, MR: 9, NULL: 10, PTR: 12, HINFO: 13, MINFO: 14, MX: 15,
  TXT: 16, RP: 17, AFSDB: 18, X25: 19, ISDN: 20, RT: 21, 'NSAP-PTR': 23, SIG: 24, KEY: 25, PX: 26, GPOS: 27, AAAA: 28,
  LOC: 29, NXT: 30, EID: 31, NIMLOC: 32, SRV: 33, ATMA: 34, NAPTR: 35, KX: 36, CERT: 37, DNAME: 39, OPT: 41, APL: 42,
  DS: 43, SSHFP: 44, IPSECKEY: 45, RRSIG: 46, NSEC: 47, DNSKEY: 48, DHCID: 49, NSEC3: 50, NSEC3PARAM: 51, TLSA: 52,
  SMIMEA: 53, HIP: 55, NINFO: 56, RKEY: 57, TALINK: 58, CDS: 59, CDNSKEY: 60, OPENPGPKEY: 61, CSYNC: 62, ZONEMD: 63,
  SVCB: 64, HTTPS: 65, SPF: 99, UINFO: 100, UID: 101, GID: 102, UNSPEC: 103, NID: 104, L32: 105, L64: 106, LP: 107,
  EUI48: 108, EUI64: 109, NXNAME: 128, TKEY: 249, TSIG: 250, IXFR: 251, AXFR: 252, MAILB: 253, MAILA: 254, ANY: 255,
  URI: 256, CAA: 257, AVC: 258, AMTRELAY: 260, RESINFO: 261, TA: 32768, DLV: 32769, Reserved: 65535,
} as const

export type TypeName = keyof typeof types

const classes = { IN: 1, CS: 2, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const

// biome-ignore format: a table
const rcodes = {
  NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5, YXDOMAIN: 6, YXRRSET: 7, NXRRSET: 8,
  NOTAUTH: 9, NOTZONE: 10, DSOTYPENI: 11, BADVERS: 16, BADKEY: 17, BADTIME: 18, BADMODE: 19, BADNAME: 20, BADALG: 21,
  BADTRUNC: 22, BADCOOKIE: 23,
} as const

// miekg/dns knows NOTIMP by its old name, too, and 16 as the TSIG error of the same number.
const rcodeAliases: Readonly<Record<string, number>> = { NOTIMPL: 4, BADSIG: 16 }

// biome-ignore format: a table
const algorithms = {
  RSAMD5: 1, DH: 2, DSA: 3, RSASHA1: 5, 'DSA-NSEC3-SHA1': 6, 'RSASHA1-NSEC3-SHA1': 7, RSASHA256: 8, RSASHA512: 10,
  'ECC-GOST': 12, ECDSAP256SHA256: 13, ECDSAP384SHA384: 14, ED25519: 15, ED448: 16, INDIRECT: 252, PRIVATEDNS: 253,
  PRIVATEOID: 254,
} as const

// biome-ignore format: a table
const certTypes = {
  PKIX: 1, SPKI: 2, PGP: 3, IPIX: 4, ISPKI: 5, IPGP: 6, ACPKIX: 7, IACPKIX: 8, URI: 253, OID: 254,
} as const

const namesOf = (table: Readonly<Record<string, number>>) =>
  new Map(Object.entries(table).map(([name, code]) => [code, name]))

const typeNames = namesOf(types)
const typeCodes = new Map<string, number>(Object.entries(types).map(([name, code]) => [name.toUpperCase(), code]))
const classNames = namesOf(classes)
const rcodeNames = namesOf(rcodes)
const algorithmNames = namesOf(algorithms)
const certTypeNames = namesOf(certTypes)

const codeOf = (table: Readonly<Record<string, number>>, name: string): number | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

/** The number of an algorithm of DNSSEC by its name in any case. */
export const algorithmCode = (name: string): number | undefined => codeOf(algorithms, name.toUpperCase())

/** The number of a kind of certificate by its name in any case. */
export const certTypeCode = (name: string): number | undefined => codeOf(certTypes, name.toUpperCase())

/** The number of a type by its name. */
export const typeOf = (name: TypeName): number => types[name]

/** The number of a type in any case, `TYPEnn` (RFC 3597) included; undefined when it has none. */
export function typeCode(text: string): number | undefined {
  const upper = text.toUpperCase()
  const numbered = /^TYPE(\d{1,5})$/.exec(upper)
  if (numbered === null) return typeCodes.get(upper)
  return Number(numbered[1]) <= 0xffff ? Number(numbered[1]) : undefined
}

/** The number of a class in any case; `CHAOS` is one with `CH`. */
export const classCode = (text: string): number | undefined =>
  text.toUpperCase() === 'CHAOS' ? classes.CH : codeOf(classes, text.toUpperCase())

/** The number of a response code by its name. */
export const rcodeOf = (name: keyof typeof rcodes): number => rcodes[name]

/** The number of a response code in any case. */
export const rcodeCode = (text: string): number | undefined =>
  codeOf(rcodes, text.toUpperCase()) ?? codeOf(rcodeAliases, text.toUpperCase())

export const typeName = (code: number): string => typeNames.get(code) ?? `TYPE${code}`
export const className = (code: number): string => classNames.get(code) ?? `CLASS${code}`
export const rcodeName = (code: number): string => rcodeNames.get(code) ?? `RCODE${code}`
export const algorithmName = (code: number): string => algorithmNames.get(code) ?? String(code)
export const certTypeName = (code: number): string => certTypeNames.get(code) ?? String(code)
