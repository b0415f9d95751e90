import { generateKeyPairSync, sign } from 'node:crypto'
import { canonicalRdatas } from '../../../../src/probers/dns/dnssec/canonical.ts'
import { keyTag } from '../../../../src/probers/dns/dnssec/key.ts'
import { labelCount, lowerName } from '../../../../src/probers/dns/dnssec/names.ts'
import { readSignature, rrSetsOf } from '../../../../src/probers/dns/dnssec/rrset.ts'
import { signedData } from '../../../../src/probers/dns/dnssec/verify.ts'
import { typeCode } from '../../../../src/probers/dns/wire/iana.ts'
import type { Message } from '../../../../src/probers/dns/wire/message.ts'
import { readMessage } from '../../../../src/probers/dns/wire/message.ts'
import { nameText } from '../../../../src/probers/dns/wire/name.ts'
import { parseData } from '../../../../src/probers/dns/wire/parse-data.ts'
import { parseName } from '../../../../src/probers/dns/wire/parse-name.ts'
import type { ResourceRecord } from '../../../../src/probers/dns/wire/record.ts'

/** A record from its text, such as `www.example.test. A 192.0.2.1`. */
export function record(text: string): ResourceRecord {
  const [owner = '', type = '', ...data] = text.split(' ')
  return { name: parseName(owner), class: 1, ttl: 300, ...parseData(typeCode(type) ?? 0, data.join(' ')) }
}

/** A message with these records. */
export function messageOf(
  answer: readonly ResourceRecord[],
  authority: readonly ResourceRecord[] = [],
  rcode = 0,
): Message {
  return { ...readMessage(Buffer.from('000084000000000000000000', 'hex')), answer, authority, rcode }
}

/** A zone that signs with a key of its own, from 2026-01-01 to 2027-01-01. */
export function createZone(zone: string) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const point = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')
  const key = record(`${zone} DNSKEY 257 3 15 ${point.toString('base64')}`)

  /** The records with a signature over them; `labels` of fewer than they have makes them come from a wildcard. */
  function signed(texts: readonly string[], { labels }: { readonly labels?: number } = {}): ResourceRecord[] {
    const records = texts.map(text => (text === 'key' ? key : record(text)))
    const [{ name, type }] = records as [ResourceRecord]
    const count = labels ?? labelCount(name) - (nameText(name).startsWith('*.') ? 1 : 0)
    const head = Buffer.alloc(18)
    head.writeUInt16BE(type)
    head.writeUInt8(15, 2)
    head.writeUInt8(count, 3)
    head.writeUInt32BE(300, 4)
    head.writeUInt32BE(Date.UTC(2027, 0, 1) / 1000, 8)
    head.writeUInt32BE(Date.UTC(2026, 0, 1) / 1000, 12)
    head.writeUInt16BE(keyTag(key.rdata), 16)
    const [set] = rrSetsOf(records)
    const bare = signatureRecord(name, head, parseName(zone), Buffer.alloc(64))
    const octets = sign(null, signedData(set!, canonicalRdatas(records), readSignature(bare)!), privateKey)
    return [...records, signatureRecord(name, head, parseName(zone), octets)]
  }

  return {
    key,
    signed,
    keys: messageOf(signed(['key'])),
    ds: (digest: (zone: Buffer, rdata: Buffer) => Buffer) =>
      `${zone} DS ${keyTag(key.rdata)} 15 2 ${digest(lowerName(parseName(zone)), key.rdata).toString('hex')}`,
  }
}

function signatureRecord(name: Buffer, head: Buffer, signer: Buffer, octets: Buffer): ResourceRecord {
  const hex = Buffer.concat([head, signer, octets]).toString('hex')
  return { name, class: 1, ttl: 300, ...parseData(46, `\\# ${hex.length / 2} ${hex}`) }
}
