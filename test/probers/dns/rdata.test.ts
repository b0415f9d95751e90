import { describe, expect, test } from 'vitest'
import { typeCode } from '../../../src/probers/dns/wire/iana.ts'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { recordText } from '../../../src/probers/dns/wire/record.ts'
import { answerTo, name } from './build.ts'

const query = Buffer.from('000001000001000000000000 017800 00010001'.replaceAll(' ', ''), 'hex')

/** The text of one record after owner, TTL, class and type. */
function text(type: string, rdata: string): string {
  const [read] = readMessage(answerTo(query, { answer: [{ type: typeCode(type) ?? 0, rdata }] })).answer
  return recordText(read!).split('\t').slice(4).join('\t')
}

const hex = (octets: string) => Buffer.from(octets, 'latin1').toString('hex')

describe('types that the captured answers lack', () => {
  test.each([
    ['AAAA', '0'.repeat(32), '::'],
    ['AAAA', '00010000000000010000000000000001', '1:0:0:1::1'],
    ['AAAA', '20010db8000000000001000000000000', '2001:db8:0:0:1::'],
    ['AAAA', '00010002000300040005000600070000', '1:2:3:4:5:6:7:0'],
    ['MINFO', `${name('a')}${name('b.c')}`, 'a. b.c.'],
    ['X25', '03313233', '123'],
    ['ISDN', '0131 0132', '"1" "2"'],
    ['GPOS', '022d31 0132 0133', '-1 2 3'],
    ['NSAP-PTR', name('x.y'), 'x.y.'],
    ['KEY', '0100 03 08 0102', '256 3 8 AQI='],
    ['RT', `000a${name('r')}`, '10 r.'],
    ['IPSECKEY', '0a 00 02 01', '10 0 2 . AQ=='],
    ['IPSECKEY', `0a 02 02 ${'0'.repeat(31)}1 01`, '10 2 2 ::1 AQ=='],
    ['IPSECKEY', `0a 03 02 ${name('gw.x')} 01`, '10 3 2 gw.x. AQ=='],
    ['AMTRELAY', '0a 81 c0000201', '10 1 1 192.0.2.1'],
    ['AMTRELAY', `0a 03 ${name('r.x')}`, '10 0 3 r.x.'],
    ['AMTRELAY', '0a 00', '10 0 0 .'],
    ['HIP', '02 02 0003 abcd 010203', '2 abcd AQID'],
    ['HIP', `02 02 0003 abcd 010203 ${name('a')}${name('b')}`, '2 abcd AQID a. b.'],
    ['NSEC3', '01 01 000a 00 03 0102ff 0001 40', '1 1 10 - 041FU A'],
    ['NSEC3', '01 00 0000 01aa 01 ff', '1 0 0 AA VS'],
    ['NSEC', `${name('n')}`, 'n.'],
    ['NSEC', `${name('n')} 00 01 40 ff 01 80`, 'n. A TYPE65280'],
    ['NSEC', `${name('n')} 00 01 c0 ff 20 ${'00'.repeat(31)}01`, 'n. None A Reserved'],
    ['CSYNC', '00000042 0003', '66 3'],
    ['CERT', '00ff 0001 63 01', '255 1 99 AQ=='],
    ['LOC', '00 00 15 ff 80000000 80000000 00989680', '00 00 0.000 S 00 00 0.000 W 0m 0.00m 1000m 150000000000000m'],
    ['LOC', '00 12 16 13 8b0d2c8c 7fffffff 00989681', '51 30 12.748 N 00 00 0.001 W 0.01m 1m 10000m 10m'],
    ['UID', '0000002a', '42'],
    ['RESINFO', `04${hex('qnam')}`, '"qnam"'],
    ['URI', `000a 0001 ${hex('a"\\\u0001')}`, '10 1 "a\\"\\\\\\001"'],
    ['CAA', `00 05 ${hex('issue')}`, '0 issue ""'],
    ['SVCB', '0000 00', '0 .'],
    ['SVCB', `0001 00 0001 0006 02${hex('a,')} 02${hex('\\"')}`, '1 . alpn="a\\\\\\044,\\\\\\092\\""'],
    ['SVCB', `0001 00 0008 0000 029a 0003 ${hex('x y')}`, '1 . ohttp="" key666="x\\ y"'],
    ['SVCB', '0001 00 0000 0004 0001 029a', '1 . mandatory="alpn,key666"'],
    ['SVCB', '0001 00 0006 0010 00000000000000000000ffffc0000201', '1 . ipv6hint="::ffff:192.0.2.1"'],
    ['APL', '0002 80 10 20010db8000000000000000000000001', '2:2001:db8::1/128'],
    ['APL', '', ''],
    ['SMIMEA', `03 00 00 ${'ab'.repeat(513)}`, `3 0 0 ${'ab'.repeat(512)} ab`],
    [
      'RRSIG',
      `0000 0d 02 00000e10 ffffffff 00000000 0001 00 01`,
      'None 13 2 3600 21060207062815 19700101000000 1 . AQ==',
    ],
    ['RRSIG', `0001 0d 02 00000e10 ffffffff 00000000 0001 00 01`, 'A 13 2 3600 21060207062815 19700101000000 1 . AQ=='],
  ])('%s %s', (type, rdata, expected) => {
    expect(text(type, rdata)).toBe(expected)
  })
})

describe('an RDATA that does not fit its type is kept as octets', () => {
  test.each([
    ['A', 'c000020109'],
    ['A', ''],
    ['AAAA', 'c0000201'],
    ['SOA', `${name('a')}${name('b')}00000001`],
    ['MX', `000a${name('m')}00`],
    ['TXT', ''],
    ['TXT', '0261'],
    ['HINFO', '0161'],
    ['CAA', '000369'],
    ['NSEC', `${name('n')} 00 00`],
    ['NSEC', `${name('n')} 00 21 ${'00'.repeat(33)}`],
    ['NSEC', `${name('n')} 01 01 40 00 01 40`],
    ['NSEC', `${name('n')} 00 02 40`],
    ['LOC', `01${'00'.repeat(15)}`],
    ['APL', '0003 08 01 c0'],
    ['APL', '0001 21 01 c0'],
    ['APL', '0001 08 05 c000020101'],
    ['IPSECKEY', '0a 04 02 01'],
    ['HIP', '02 02 0003 abcd 01'],
    ['HIP', '00 02 0000 c00c'],
    ['SVCB', '0001 00 0003 0001 01'],
    ['SVCB', '0001 00 0001 0000'],
    ['SVCB', '0001 00 0001 0002 0561'],
    ['SVCB', '0001 00 0001 0001 00'],
    ['SVCB', '0001 00 0002 0001 00'],
    ['SVCB', '0001 00 0004 0003 010203'],
    ['SVCB', '0001 00 0003 0002 01bb 0001 0003 026832'],
    ['SVCB', '0001 00 0003 0002 01bb 0003 0002 01bb'],
    ['SVCB', '0001 00 ffff 0000'],
  ])('%s %s', (type, rdata) => {
    const octets = rdata.replaceAll(' ', '')
    expect(text(type, rdata)).toBe(`\\# ${octets.length / 2} ${octets}`)
  })

  test('and the records after it are read', () => {
    const answer = [
      { type: 1, rdata: 'c00002' },
      { type: 1, rdata: 'c0000202' },
    ]
    const { answer: read } = readMessage(answerTo(query, { answer }))
    expect(read.map(({ values }) => values !== undefined)).toEqual([false, true])
    expect(read.map(recordText)).toEqual(['x.\t300\tIN\tA\t\\# 3 c00002', 'x.\t300\tIN\tA\t192.0.2.2'])
  })
})

test.each([
  [1, 1, 'x.\t300\tIN\tA\t1.2.3.4'],
  [1, 3, 'x.\t300\tCH\tA\t1.2.3.4'],
  [1, 254, 'x.\t300\tNONE\tA\t1.2.3.4'],
  [1, 2, 'x.\t300\tCS\tA\t1.2.3.4'],
  [1, 255, 'x.\t300\tCLASS255\tA\t1.2.3.4'],
  [0, 1, 'x.\t300\tCLASS1\tTYPE0\t\\# 4 01020304'],
  [65_535, 1, 'x.\t300\tCLASS1\tTYPE65535\t\\# 4 01020304'],
  [1, 7, 'x.\t300\tCLASS7\tA\t1.2.3.4'],
  [65280, 1, 'x.\t300\tCLASS1\tTYPE65280\t\\# 4 01020304'],
  [34, 1, 'x.\t300\tCLASS1\tTYPE34\t\\# 4 01020304'],
])('type %i in class %i', (type, recordClass, expected) => {
  const [read] = readMessage(answerTo(query, { answer: [{ type, class: recordClass, rdata: '01020304' }] })).answer
  expect(recordText(read!)).toBe(expected)
})
