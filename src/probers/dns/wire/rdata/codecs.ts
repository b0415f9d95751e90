import {
  algorithmCode,
  algorithmName,
  certTypeCode,
  certTypeName,
  type TypeName,
  typeCode,
  typeName,
  typeOf,
} from '../iana.ts'
import { bitmap } from './bitmap.ts'
import { hostIdentity, ipsecGateway, plainNames, relay } from './composite.ts'
import {
  counted,
  countedAnyCase,
  type Field,
  name,
  octets,
  rest,
  restAsWord,
  seconds,
  u8,
  u8OrWord,
  u16,
  u32,
  word8,
  word16,
} from './field.ts'
import {
  bare,
  base32Hex,
  base64,
  dashed,
  hexInPieces,
  hexLower,
  hexUpper,
  ipv4Form,
  ipv6Form,
  quadsLower,
  quadsUpper,
  quoted,
  salt,
} from './forms.ts'
import { location } from './location.ts'
import { prefixes } from './prefixes.ts'
import { strings, text } from './strings.ts'
import { parameters } from './svcb.ts'
import { time } from './time.ts'

const type = word16({ nameOf: typeName, codeOf: typeCode, what: 'a record type' })
const certType = word16({ nameOf: certTypeName, codeOf: certTypeCode, what: 'a certificate type' })
const algorithm = u8OrWord(algorithmCode)
const namedAlgorithm = word8({ nameOf: algorithmName, codeOf: algorithmCode, what: 'an algorithm' })
const key = [u16, u8, algorithm, rest(base64)]
const digest = [u16, algorithm, u8, rest(hexUpper)]
const association = [u8, u8, u8, rest(hexLower)]
const signature = [type, algorithm, u8, seconds, time, time, u16, name, rest(base64)]
const preferredName = [u16, name]
const service = [u16, name, parameters]

/** The fields of every record type that is printed in a form of its own; the other types are RFC 3597's `\# n hex`. */
const fieldsByType: Readonly<Partial<Record<TypeName, readonly Field[]>>> = {
  A: [octets(4, ipv4Form)],
  NS: [name],
  MD: [name],
  MF: [name],
  CNAME: [name],
  SOA: [name, name, u32, seconds, seconds, seconds, seconds],
  MB: [name],
  MG: [name],
  MR: [name],
  PTR: [name],
  HINFO: [counted(quoted), counted(quoted)],
  MINFO: [name, name],
  MX: preferredName,
  TXT: [text],
  RP: [name, name],
  AFSDB: preferredName,
  X25: [counted(bare)],
  ISDN: [strings],
  RT: preferredName,
  'NSAP-PTR': [name],
  SIG: signature,
  KEY: key,
  PX: [u16, name, name],
  GPOS: [counted(bare), counted(bare), counted(bare)],
  AAAA: [octets(16, ipv6Form)],
  LOC: [location],
  EID: [rest(hexUpper)],
  NIMLOC: [rest(hexUpper)],
  SRV: [u16, u16, u16, name],
  NAPTR: [u16, u16, countedAnyCase(quoted), counted(quoted), counted(quoted), name],
  KX: preferredName,
  CERT: [certType, u16, namedAlgorithm, rest(base64)],
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
  NINFO: [strings],
  RKEY: key,
  TALINK: [name, name],
  CDS: digest,
  CDNSKEY: key,
  OPENPGPKEY: [rest(base64)],
  CSYNC: [u32, u16, bitmap],
  ZONEMD: [u32, u8, u8, rest(hexLower)],
  SVCB: service,
  HTTPS: service,
  SPF: [text],
  UINFO: [counted(quoted)],
  UID: [u32],
  GID: [u32],
  NID: [u16, octets(8, quadsLower)],
  L32: [u16, octets(4, ipv4Form)],
  L64: [u16, octets(8, quadsUpper)],
  LP: preferredName,
  EUI48: [octets(6, dashed)],
  EUI64: [octets(8, dashed)],
  URI: [u16, u16, restAsWord(quoted)],
  CAA: [u8, countedAnyCase(bare), restAsWord(quoted)],
  AVC: [strings],
  AMTRELAY: [relay],
  RESINFO: [strings],
  TA: digest,
  DLV: digest,
}

/** The fields of a type, in the order of the wire and of the text. */
export const fieldsOf: ReadonlyMap<number, readonly Field[]> = new Map(
  Object.entries(fieldsByType).map(([type, fields]) => [typeOf(type as TypeName), fields]),
)
