import { describe, expect, test } from 'vitest'
import { parseAnchor } from '../../../../src/probers/dns/dnssec/anchor.ts'
import { keyTag, readZoneKey } from '../../../../src/probers/dns/dnssec/key.ts'
import { compareNames, lowerName } from '../../../../src/probers/dns/dnssec/names.ts'
import { hashName } from '../../../../src/probers/dns/dnssec/nsec3.ts'
import { rrSetsOf } from '../../../../src/probers/dns/dnssec/rrset.ts'
import { verifySet } from '../../../../src/probers/dns/dnssec/verify.ts'
import { createWork } from '../../../../src/probers/dns/dnssec/work.ts'
import { typeCode } from '../../../../src/probers/dns/wire/iana.ts'
import { parseData } from '../../../../src/probers/dns/wire/parse-data.ts'
import { parseName } from '../../../../src/probers/dns/wire/parse-name.ts'
import type { ResourceRecord } from '../../../../src/probers/dns/wire/record.ts'

function record(text: string): ResourceRecord {
  const [owner = '', ttl, type = '', ...data] = text.split(' ')
  return { name: parseName(owner), ttl: Number(ttl), class: 1, ...parseData(typeCode(type) ?? 0, data.join(' ')) }
}

interface Vector {
  readonly key: string
  readonly tag: number
  readonly signed: string
  readonly signature: string
  readonly ds?: string
}

// RFC 8080 has its signatures right only with errata 4935.
const vectors: Readonly<Record<string, Vector>> = {
  'RFC 5702, 6.1: RSA/SHA-256': {
    key: 'example.net. 3600 DNSKEY 256 3 8 AwEAAcFcGsaxxdgiuuGmCkVImy4h99CqT7jwY3pexPGcnUFtR2Fh36BponcwtkZ4cAgtvd4Qs8PkxUdp6p/DlUmObdk=',
    tag: 9033,
    signed: 'www.example.net. 3600 A 192.0.2.91',
    signature:
      'A 8 3 3600 20300101000000 20000101000000 9033 example.net. kRCOH6u7l0QGy9qpC9l1sLncJcOKFLJ7GhiUOibu4teYp5VE9RncriShZNz85mwlMgNEacFYK/lPtPiVYP4bwg==',
  },
  'RFC 5702, 6.2: RSA/SHA-512': {
    key: 'example.net. 3600 DNSKEY 256 3 10 AwEAAdHoNTOW+et86KuJOWRDp1pndvwb6Y83nSVXXyLA3DLroROUkN6X0O6pnWnjJQujX/AyhqFDxj13tOnD9u/1kTg7cV6rklMrZDtJCQ5PCl/D7QNPsgVsMu1J2Q8gpMpztNFLpPBz1bWXjDtaR7ZQBlZ3PFY12ZTSncorffcGmhOL',
    tag: 3740,
    signed: 'www.example.net. 3600 A 192.0.2.91',
    signature:
      'A 10 3 3600 20300101000000 20000101000000 3740 example.net. tsb4wnjRUDnB1BUi+t6TMTXThjVnG+eCkWqjvvjhzQL1d0YRoOe0CbxrVDYd0xDtsuJRaeUw1ep94PzEWzr0iGYgZBWm/zpq+9fOuagYJRfDqfReKBzMweOLDiNa8iP5g9vMhpuv6OPlvpXwm9Sa9ZXIbNl1MBGk0fthPgxdDLw=',
  },
  'RFC 6605, 6.1: ECDSA P-256': {
    key: 'example.net. 3600 DNSKEY 257 3 13 GojIhhXUN/u4v54ZQqGSnyhWJwaubCvTmeexv7bR6edbkrSqQpF64cYbcB7wNcP+e+MAnLr+Wi9xMWyQLc8NAA==',
    tag: 55648,
    signed: 'www.example.net. 3600 A 192.0.2.1',
    signature:
      'A 13 3 3600 20100909100439 20100812100439 55648 example.net. qx6wLYqmh+l9oCKTN6qIc+bw6ya+KJ8oMz0YP107epXAyGmt+3SNruPFKG7tZoLBLlUzGGus7ZwmwWep666VCw==',
    ds: 'example.net. 3600 IN DS 55648 13 2 ( b4c8c1fe2e7477127b27115656ad6256f424625bf5c1 e2770ce6d6e37df61d17 )',
  },
  'RFC 6605, 6.2: ECDSA P-384': {
    key: 'example.net. 3600 DNSKEY 257 3 14 xKYaNhWdGOfJ+nPrL8/arkwf2EY3MDJ+SErKivBVSum1w/egsXvSADtNJhyem5RCOpgQ6K8X1DRSEkrbYQ+OB+v8/uX45NBwY8rp65F6Glur8I/mlVNgF6W/qTI37m40',
    tag: 10771,
    signed: 'www.example.net. 3600 A 192.0.2.1',
    signature:
      'A 14 3 3600 20100909102025 20100812102025 10771 example.net. /L5hDKIvGDyI1fcARX3z65qrmPsVz73QD1Mr5CEqOiLP95hxQouuroGCeZOvzFaxsT8Glr74hbavRKayJNuydCuzWTSSPdz7wnqXL5bdcJzusdnI0RSMROxxwGipWcJm',
    ds: 'example.net. DS 10771 ECDSAP384SHA384 4 72d7b62976ce06438e9c0bf319013cf801f09ecc84b8d7e9495f27e305c6a9b0563a9b5f4d288405c3008a946df983d6',
  },
  'RFC 8080, 6.1: Ed25519': {
    key: 'example.com. 3600 DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
    tag: 3613,
    signed: 'example.com. 3600 MX 10 mail.example.com.',
    signature:
      'MX 15 2 3600 1440021600 1438207200 3613 example.com. oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==',
    ds: 'example.com. IN DS 3613 15 2 3aa5ab37efce57f737fc1627013fee07bdf241bd10f3b1964ab55c78e79a304b',
  },
  'RFC 8080, 6.1: the other Ed25519': {
    key: 'example.com. 3600 DNSKEY 257 3 15 zPnZ/QwEe7S8C5SPz2OfS5RR40ATk2/rYnE9xHIEijs=',
    tag: 35217,
    signed: 'example.com. 3600 MX 10 mail.example.com.',
    signature:
      'MX 15 2 3600 1440021600 1438207200 35217 example.com. zXQ0bkYgQTEFyfLyi9QoiY6D8ZdYo4wyUhVioYZXFdT410QPRITQSqJSnzQoSm5poJ7gD7AQR0O7KuI5k2pcBg==',
    ds: 'example.com. 1h DS 35217 15 2 401781b934e392de492ec77ae2e15d70f6575a1c0bc59c5275c04ebe80c6614c',
  },
  'RFC 8080, 6.2: Ed448': {
    key: 'example.com. 3600 DNSKEY 257 3 16 3kgROaDjrh0H2iuixWBrc8g2EpBBLCdGzHmn+G2MpTPhpj/OiBVHHSfPodx1FYYUcJKm1MDpJtIA',
    tag: 9713,
    signed: 'example.com. 3600 MX 10 mail.example.com.',
    signature:
      'MX 16 2 3600 1440021600 1438207200 9713 example.com. 3cPAHkmlnxcDHMyg7vFC34l0blBhuG1qpwLmjInI8w1CMB29FkEAIJUA0amxWndkmnBZ6SKiwZSAxGILn/NBtOXft0+Gj7FSvOKxE/07+4RQvE581N3Aj/JtIyaiYVdnYtyMWbSNyGEY2213WKsJlwEA',
  },
}

const nowMsOf = (signature: string) =>
  signature.includes(' 2030') ? Date.UTC(2020) : signature.includes(' 2010') ? Date.UTC(2010, 8, 1) : 1_440_000_000_000

describe.each(Object.entries(vectors))('%s', (_, { key: keyText, tag, signed, signature, ds }) => {
  const { rdata } = record(keyText)
  const key = readZoneKey(rdata)!

  test('has its tag', () => expect(keyTag(rdata)).toBe(tag))

  test('signs', async () => {
    const rr = record(signed)
    const [set] = rrSetsOf([rr, record(`${signed.split(' ')[0]} 3600 RRSIG ${signature}`)])
    const verify = (nowMs: number) =>
      verifySet(
        set!,
        async () => [key],
        createWork(nowMs, () => undefined),
      )
    expect((await verify(nowMsOf(signature))).finding.status).toBe('secure')
    expect((await verify(Date.UTC(2040))).finding.status).toBe('expired')
    expect((await verify(Date.UTC(1999))).finding.status).toBe('not_yet_valid')
  })

  test.skipIf(ds === undefined)('has its digest', () => {
    expect(parseAnchor(ds ?? '').matches(key)).toBe(true)
  })

  test('is an anchor itself', () => expect(parseAnchor(keyText).matches(key)).toBe(true))
})

describe('RFC 4034', () => {
  test('appendix B: a tag, of a key whose algorithm is no longer supported', () => {
    const { rdata } = record(
      'dskey.example.com. 86400 DNSKEY 256 3 5 AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==',
    )
    expect(keyTag(rdata)).toBe(60_485)
    expect(readZoneKey(rdata)?.verifier()).toBeUndefined()
  })

  test('6.1: the order of names', () => {
    const inOrder = [
      'example',
      'a.example',
      'yljkjljk.a.example',
      'Z.a.example',
      'zABC.a.EXAMPLE',
      'z.example',
      '\\001.z.example',
      '*.z.example',
      '\\200.z.example',
    ]
    const names = inOrder.map(text => lowerName(parseName(text)))
    expect(names.toReversed().sort(compareNames)).toEqual(names)
  })
})

describe('RFC 5155, appendix A: hashes of names', () => {
  test.each([
    ['example', '0p9mhaveqvm6t7vbl5lop2u3t2rp3tom'],
    ['a.example', '35mthgpgcu1qg68fab165klnsnk3dpvl'],
    ['ai.example', 'gjeqe526plbf1g8mklp59enfd789njgi'],
    ['ns1.example', '2t7b4g4vsa5smi47k61mv5bv1a22bojr'],
    ['*.w.example', 'r53bq7cc2uvmubfu5ocmm6pers9tk9en'],
    ['2t7b4g4vsa5smi47k61mv5bv1a22bojr.example', 'kohar7mbb8dc2ce8a9qvl8hon4k53uhi'],
  ])('%s', (name, hash) => {
    expect(hashName(parseName(name), { iterations: 12, salt: Buffer.from('aabbccdd', 'hex') })).toBe(hash)
  })
})
