import { describe, expect, test } from 'vitest'
import { hashName } from '../../../../src/probers/dns/dnssec/nsec3.ts'
import { parseName } from '../../../../src/probers/dns/wire/parse-name.ts'
import { judge } from './lab.ts'
import { createZone, messageOf } from './signer.ts'

const zone = createZone('zone.test.')
const soa = zone.signed(['zone.test. SOA a. b. 1 2 3 4 5'])

/** What an empty answer is worth with these records, each of them signed, beside the SOA. */
async function judgeEmpty(name: string, type: string, rcode: number, records: readonly string[]) {
  const authority = [...soa, ...records.flatMap(text => zone.signed([text]))]
  const message = messageOf([], authority, rcode)
  return (await judge(name, type, { message, fetch: async () => zone.keys })).finding
}

const [noError, noName] = [0, 3]
const denial = (name: string) => `that ${name}. does not exist is not proven`
const lack = (name: string, type = 'A') => `that ${name}. has no ${type} is not proven`
const proven = 'all signatures are valid'

describe('NSEC', () => {
  test.each<[what: string, name: string, type: string, rcode: number, records: string[], message: string]>([
    [
      'gap and wildcard',
      'c.zone.test',
      'A',
      noName,
      ['b.zone.test. NSEC d.zone.test. A', 'zone.test. NSEC b.zone.test. SOA'],
      proven,
    ],
    ['one gap for both', 'c.zone.test', 'A', noName, ['zone.test. NSEC d.zone.test. SOA'], proven],
    [
      'the last gap',
      'z.zone.test',
      'A',
      noName,
      ['y.zone.test. NSEC zone.test. A', 'zone.test. NSEC b.zone.test. SOA'],
      proven,
    ],
    ['no wildcard proof', 'c.zone.test', 'A', noName, ['b.zone.test. NSEC d.zone.test. A'], denial('c.zone.test')],
    ['another gap', 'c.zone.test', 'A', noName, ['d.zone.test. NSEC e.zone.test. A'], denial('c.zone.test')],
    [
      'the name itself',
      'c.zone.test',
      'A',
      noName,
      ['c.zone.test. NSEC d.zone.test. A', 'zone.test. NSEC b.zone.test. SOA'],
      denial('c.zone.test'),
    ],
    [
      'the name at the end of the gap',
      'd.zone.test',
      'A',
      noName,
      ['zone.test. NSEC d.zone.test. SOA'],
      denial('d.zone.test'),
    ],
    [
      'an empty name that exists',
      'c.zone.test',
      'A',
      noName,
      ['zone.test. NSEC x.c.zone.test. SOA'],
      denial('c.zone.test'),
    ],
    [
      'a record above a cut',
      'x.b.zone.test',
      'A',
      noName,
      ['b.zone.test. NSEC d.zone.test. NS', 'zone.test. NSEC b.zone.test. SOA'],
      denial('x.b.zone.test'),
    ],
    [
      'a record at a DNAME',
      'x.b.zone.test',
      'A',
      noName,
      ['b.zone.test. NSEC d.zone.test. DNAME', 'zone.test. NSEC b.zone.test. SOA'],
      denial('x.b.zone.test'),
    ],
    ['no type', 'c.zone.test', 'A', noError, ['c.zone.test. NSEC d.zone.test. TXT'], proven],
    ['letters in any case', 'C.zone.test', 'A', noError, ['c.ZONE.test. NSEC d.zone.test. TXT'], proven],
    ['a type that is there', 'c.zone.test', 'A', noError, ['c.zone.test. NSEC d.zone.test. A'], lack('c.zone.test')],
    [
      'an alias that is there',
      'c.zone.test',
      'A',
      noError,
      ['c.zone.test. NSEC d.zone.test. CNAME'],
      lack('c.zone.test'),
    ],
    [
      'the side above a cut',
      'c.zone.test',
      'A',
      noError,
      ['c.zone.test. NSEC d.zone.test. NS DS'],
      lack('c.zone.test'),
    ],
    ['no DS, by the side above', 'c.zone.test', 'DS', noError, ['c.zone.test. NSEC d.zone.test. NS'], proven],
    [
      'no DS, by the side below',
      'zone.test',
      'DS',
      noError,
      ['zone.test. NSEC d.zone.test. NS SOA'],
      lack('zone.test', 'DS'),
    ],
    ['an empty name', 'c.zone.test', 'A', noError, ['zone.test. NSEC x.c.zone.test. SOA'], proven],
    ['nothing at all but types', 'c.zone.test', 'ANY', noError, ['c.zone.test. NSEC d.zone.test. RRSIG NSEC'], proven],
    [
      'ANY of something',
      'c.zone.test',
      'ANY',
      noError,
      ['c.zone.test. NSEC d.zone.test. TXT RRSIG NSEC'],
      lack('c.zone.test', 'ANY'),
    ],
    [
      'a wildcard without the type',
      'c.zone.test',
      'A',
      noError,
      ['*.zone.test. NSEC b.zone.test. TXT', 'b.zone.test. NSEC d.zone.test. A'],
      proven,
    ],
    [
      'a wildcard with the type',
      'c.zone.test',
      'A',
      noError,
      ['*.zone.test. NSEC b.zone.test. A', 'b.zone.test. NSEC d.zone.test. A'],
      lack('c.zone.test'),
    ],
    [
      'a gap is no lack of a type',
      'c.zone.test',
      'A',
      noError,
      ['zone.test. NSEC d.zone.test. SOA'],
      lack('c.zone.test'),
    ],
    ['nothing', 'c.zone.test', 'A', noName, [], `${denial('c.zone.test')}: there is no NSEC and no NSEC3 record`],
  ])('%s', async (_, name, type, rcode, records, message) => {
    expect((await judgeEmpty(name, type, rcode, records)).message).toBe(message)
  })

  test('a record that comes from a wildcard moves no gap', async () => {
    const authority = [
      ...soa,
      ...zone.signed(['b.zone.test. NSEC d.zone.test. A'], { labels: 2 }),
      ...zone.signed(['zone.test. NSEC b.zone.test. SOA']),
    ]
    const message = messageOf([], authority, noName)
    const { finding } = await judge('c.zone.test', 'A', { message, fetch: async () => zone.keys })
    expect(finding).toEqual({ status: 'bogus', message: 'NSEC of b.zone.test. comes from a wildcard' })
  })
})

describe('wildcard answers', () => {
  const answer = zone.signed(['x.y.zone.test. A 192.0.2.1'], { labels: 2 })
  const ask = async (records: readonly string[]) => {
    const message = messageOf(
      answer,
      records.flatMap(text => zone.signed([text])),
    )
    return (await judge('x.y.zone.test', 'A', { message, fetch: async () => zone.keys })).finding
  }
  const unproven = 'that nothing is closer to x.y.zone.test. than a wildcard is not proven'

  test.each<[what: string, records: string[], message: string]>([
    ['nothing closer', ['*.zone.test. NSEC z.zone.test. A'], proven],
    ['a closer name', ['y.zone.test. NSEC z.zone.test. A'], unproven],
    ['the name exists', ['x.y.zone.test. NSEC z.zone.test. A'], unproven],
    ['no proof', [], `${unproven}: there is no NSEC and no NSEC3 record`],
  ])('%s', async (_, records, message) => {
    expect((await ask(records)).message).toBe(message)
  })
})

describe('NSEC3', () => {
  const parameters = { iterations: 1, salt: Buffer.from('ab', 'hex') }
  const hash = (name: string) => hashName(parseName(name), parameters)
  const beside = (name: string, by: number) => {
    const digits = '0123456789abcdefghijklmnopqrstuv'
    const text = hash(name)
    const at = text.slice(0, -1).search(by < 0 ? /[^0](?=.$)/ : /[^v](?=.$)/)
    const place = at < 0 ? 15 : at
    return `${text.slice(0, place)}${digits[digits.indexOf(text[place] ?? '0') + by]}${text.slice(place + 1)}`
  }
  const record = (owner: string, next: string, types: string, flags = 0) =>
    `${owner}.zone.test. NSEC3 1 ${flags} 1 AB ${next} ${types}`
  const match = (name: string, types: string) => record(hash(name), beside(name, 1), types)
  const cover = (name: string, flags = 0) => record(beside(name, -1), beside(name, 1), 'A', flags)

  test.each<[what: string, name: string, type: string, rcode: number, records: string[], message: string]>([
    [
      'encloser, next closer name, wildcard',
      'x.c.zone.test',
      'A',
      noName,
      [match('zone.test', 'SOA NS'), cover('c.zone.test'), cover('*.zone.test')],
      proven,
    ],
    [
      'no wildcard',
      'x.c.zone.test',
      'A',
      noName,
      [match('zone.test', 'SOA NS'), cover('c.zone.test')],
      denial('x.c.zone.test'),
    ],
    [
      'no next closer name',
      'x.c.zone.test',
      'A',
      noName,
      [match('zone.test', 'SOA NS'), cover('*.zone.test')],
      denial('x.c.zone.test'),
    ],
    [
      'no encloser',
      'x.c.zone.test',
      'A',
      noName,
      [cover('c.zone.test'), cover('*.zone.test')],
      denial('x.c.zone.test'),
    ],
    [
      'an encloser above a cut',
      'x.c.zone.test',
      'A',
      noName,
      [match('c.zone.test', 'NS'), cover('x.c.zone.test'), cover('*.c.zone.test')],
      denial('x.c.zone.test'),
    ],
    [
      'an encloser at a DNAME',
      'x.c.zone.test',
      'A',
      noName,
      [match('c.zone.test', 'DNAME'), cover('x.c.zone.test'), cover('*.c.zone.test')],
      denial('x.c.zone.test'),
    ],
    [
      'opt-out',
      'c.zone.test',
      'A',
      noName,
      [match('zone.test', 'SOA NS'), cover('c.zone.test', 1), cover('*.zone.test')],
      'that c.zone.test. does not exist is proven but for unsigned delegations (opt-out)',
    ],
    [
      'unknown flags',
      'c.zone.test',
      'A',
      noName,
      [match('zone.test', 'SOA NS'), cover('c.zone.test', 2), cover('*.zone.test')],
      denial('c.zone.test'),
    ],
    ['no type', 'c.zone.test', 'A', noError, [match('c.zone.test', 'TXT')], proven],
    ['a type that is there', 'c.zone.test', 'A', noError, [match('c.zone.test', 'A')], lack('c.zone.test')],
    ['the side above a cut', 'c.zone.test', 'A', noError, [match('c.zone.test', 'NS')], lack('c.zone.test')],
    ['no DS', 'c.zone.test', 'DS', noError, [match('c.zone.test', 'NS')], proven],
    [
      'no DS, opt-out',
      'c.zone.test',
      'DS',
      noError,
      [match('zone.test', 'SOA NS'), cover('c.zone.test', 1)],
      'that c.zone.test. has no DS is proven but for unsigned delegations (opt-out)',
    ],
    [
      'no DS, without opt-out',
      'c.zone.test',
      'DS',
      noError,
      [match('zone.test', 'SOA NS'), cover('c.zone.test')],
      lack('c.zone.test', 'DS'),
    ],
    [
      'a wildcard without the type',
      'c.zone.test',
      'A',
      noError,
      [match('zone.test', 'SOA NS'), cover('c.zone.test'), match('*.zone.test', 'TXT')],
      proven,
    ],
    [
      'a wildcard with the type',
      'c.zone.test',
      'A',
      noError,
      [match('zone.test', 'SOA NS'), cover('c.zone.test'), match('*.zone.test', 'A')],
      lack('c.zone.test'),
    ],
    [
      'other parameters beside them',
      'c.zone.test',
      'A',
      noError,
      [match('c.zone.test', 'TXT'), cover('x.zone.test').replace(' AB ', ' CD ')],
      'that c.zone.test. has no A is not proven: NSEC3 records differ in their parameters',
    ],
    [
      'too many iterations',
      'c.zone.test',
      'A',
      noError,
      [match('c.zone.test', 'TXT').replace('NSEC3 1 0 1 ', 'NSEC3 1 0 101 ')],
      'that c.zone.test. has no A: NSEC3 with 101 iterations, more than 100',
    ],
    [
      'another algorithm',
      'c.zone.test',
      'A',
      noError,
      [match('c.zone.test', 'TXT').replace('NSEC3 1 0 1 ', 'NSEC3 2 0 1 ')],
      lack('c.zone.test'),
    ],
    [
      'hashes not below the apex',
      'c.zone.test',
      'A',
      noError,
      [match('c.zone.test', 'TXT').replace('.zone', '.sub.zone')],
      lack('c.zone.test'),
    ],
  ])('%s', async (_, name, type, rcode, records, message) => {
    expect((await judgeEmpty(name, type, rcode, records)).message).toBe(message)
  })
})
