import { algorithmName, certTypeName, type TypeName, typeName, typeOf } from '../iana.ts'
import { ipv4, ipv6 } from './address.ts'
import { bitmap } from './bitmap.ts'
import { hostIdentity, ipsecGateway, plainNames, prefixes, relay } from './composite.ts'
import { counted, type Field, name, octets, rest, strings, u8, u16, u32, word8, word16 } from './field.ts'
import { location } from './location.ts'
import {
  bare,
  base32Hex,
  base64,
  dashed,
  hexInPieces,
  hexLower,
  hexUpper,
  quads,
  quoted,
  salt,
  signatureTime,
} from './print.ts'
import { parameters } from './svcb.ts'

const time: Field<number> = { read: cursor => cursor.u32(), print: signatureTime }
const text = [strings(quoted)]
const key = [u16, u8, u8, rest(base64)]
const digest = [u16, u8, u8, rest(hexUpper)]
const association = [u8, u8, u8, rest(hexLower)]
const signature = [word16(typeName), u8, u8, u32, time, time, u16, name, rest(base64)]
const preferredName = [u16, name]
const service = [u16, name, parameters]

/** The fields of every record type that is printed in a form of its own; the other types are RFC 3597's `\# n hex`. */
const fieldsByType: Readonly<Partial<Record<TypeName, readonly Field[]>>> = {
  A: [octets(4, ipv4)],
  NS: [name],
  MD: [name],
  MF: [name],
  CNAME: [name],
  SOA: [name, name, u32, u32, u32, u32, u32],
  MB: [name],
  MG: [name],
  MR: [name],
  PTR: [name],
  HINFO: [counted(quoted), counted(quoted)],
  MINFO: [name, name],
  MX: preferredName,
  TXT: text,
  RP: [name, name],
  AFSDB: preferredName,
  X25: [counted(bare)],
  ISDN: text,
  RT: preferredName,
  'NSAP-PTR': [name],
  SIG: signature,
  KEY: key,
  PX: [u16, name, name],
  GPOS: [counted(bare), counted(bare), counted(bare)],
  AAAA: [octets(16, ipv6)],
  LOC: [location],
  EID: [rest(hexUpper)],
  NIMLOC: [rest(hexUpper)],
  SRV: [u16, u16, u16, name],
  NAPTR: [u16, u16, counted(quoted), counted(quoted), counted(quoted), name],
  KX: preferredName,
  CERT: [word16(certTypeName), u16, word8(algorithmName), rest(base64)],
  DNAME: [name],
  APL: [prefixes],
  DS: digest,
  SSHFP: [u8, u8, rest(hexUpper)],
  IPSECKEY: [ipsecGateway, rest(base64)],
  RRSIG: signature,
  NSEC: [name, bitmap],
  DNSKEY: key,
  DHCID: [rest(base64)],
  NSEC3: [u8, u8, u16, counted(salt), counted(base32Hex), bitmap],
  NSEC3PARAM: [u8, u8, u16, counted(salt)],
  TLSA: association,
  SMIMEA: [u8, u8, u8, rest(hexInPieces)],
  HIP: [hostIdentity, plainNames],
  NINFO: text,
  RKEY: key,
  TALINK: [name, name],
  CDS: digest,
  CDNSKEY: key,
  OPENPGPKEY: [rest(base64)],
  CSYNC: [u32, u16, bitmap],
  ZONEMD: [u32, u8, u8, rest(hexLower)],
  SVCB: service,
  HTTPS: service,
  SPF: text,
  UINFO: [counted(quoted)],
  UID: [u32],
  GID: [u32],
  NID: [u16, octets(8, id => quads(hexLower(id)))],
  L32: [u16, octets(4, ipv4)],
  L64: [u16, octets(8, id => quads(hexUpper(id)))],
  LP: preferredName,
  EUI48: [octets(6, dashed)],
  EUI64: [octets(8, dashed)],
  URI: [u16, u16, rest(quoted)],
  CAA: [u8, counted(bare), rest(quoted)],
  AVC: text,
  AMTRELAY: [relay],
  RESINFO: text,
  TA: digest,
  DLV: digest,
}

/** The fields of a type, in the order of the wire and of the text. */
export const fieldsOf: ReadonlyMap<number, readonly Field[]> = new Map(
  Object.entries(fieldsByType).map(([type, fields]) => [typeOf(type as TypeName), fields]),
)
