import { decode } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { buildQuery, type QueryEdns, randomId } from '../../../src/probers/dns/query.ts'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { nameText } from '../../../src/probers/dns/wire/name.ts'
import { parseName } from '../../../src/probers/dns/wire/parse-name.ts'
import { captured } from './vectors.ts'

const noFlags = { rd: false, ad: false, cd: false }
const plainEdns: QueryEdns = { udpBytes: 1232, dnssecOk: false, options: [], padTo: 0 }

const build = (name: string, type = 1, recordClass = 1, edns: QueryEdns | false = false, flags = {}) =>
  buildQuery(
    randomId(),
    { name: parseName(name), type, class: recordClass },
    { flags: { ...noFlags, rd: true, ...flags }, edns },
  )

describe('buildQuery', () => {
  test.each([
    ['a.example.test', 1, 1, '0161076578616d706c65047465737400' + '00010001'],
    ['.', 2, 1, '00' + '00020001'],
    ['x', 65, 1, '017800' + '00410001'],
    ['x', 65280, 1, '017800' + 'ff000001'],
    ['x', 255, 255, '017800' + '00ff00ff'],
    ['version.bind', 16, 3, '0776657273696f6e0462696e6400' + '00100003'],
    ['x', 1, 4, '017800' + '00010004'],
    ['x', 1, 2, '017800' + '00010002'],
    ['x', 0, 254, '017800' + '000000fe'],
    ['a\\.b', 1, 1, '03612e6200' + '00010001'],
    ['bin\\000\\255', 1, 1, '0562696e00ff00' + '00010001'],
    ['x\\010.y', 1, 1, '02780a017900' + '00010001'],
  ])('%s type %i class %i', (name, type, recordClass, question) => {
    const { octets, id } = build(name, type, recordClass)
    const idHex = id.toString(16).padStart(4, '0')
    expect(octets.toString('hex')).toBe(`${idHex}010000010000000000 00${question}`.replace(' ', ''))
  })

  test.each([
    [{ rd: false }, 0],
    [{}, 0x0100],
    [{ ad: true }, 0x0120],
    [{ cd: true }, 0x0110],
    [{ rd: false, ad: true, cd: true }, 0x0030],
  ])('sets the flags %j', (flags, bits) => {
    expect(build('x', 1, 1, false, flags).octets.readUInt16BE(2)).toBe(bits)
  })

  test('asks by EDNS, without DO and options', () => {
    const { octets } = build('x', 1, 1, plainEdns)
    expect(octets.subarray(-11).toString('hex')).toBe('00002904d0000000000000')
    expect(readMessage(octets).edns).toEqual({
      udpBytes: 1232,
      extendedRcode: 0,
      version: 0,
      dnssecOk: false,
      options: [],
    })
  })

  test('asks with DO and options, in their order', () => {
    const options = [
      { code: 3, data: Buffer.alloc(0) },
      { code: 10, data: Buffer.from('0102030405060708', 'hex') },
    ]
    const { octets } = build('x', 1, 1, { ...plainEdns, dnssecOk: true, options })
    expect(octets.subarray(-27).toString('hex')).toBe('00002904d000008000001000030000000a00080102030405060708')
    expect(readMessage(octets).edns).toMatchObject({ dnssecOk: true, options })
  })

  test('pads to a multiple of octets, whatever its length', () => {
    for (const padTo of [1, 16, 128, 468]) {
      for (let length = 1; length < 64; length++) {
        const options = [{ code: 3, data: Buffer.alloc(0) }]
        const { octets } = build('a'.repeat(length), 1, 1, { ...plainEdns, options, padTo })
        expect(octets.length % padTo).toBe(0)
        const [, padding] = readMessage(octets).edns?.options ?? []
        expect(padding?.code).toBe(12)
        expect(padding?.data.every(octet => octet === 0)).toBe(true)
        expect(padding?.data.length).toBeLessThan(padTo)
      }
    }
  })

  test('is what dns-packet understands', () => {
    expect(decode(build('www.example.org', 28, 1, { ...plainEdns, udpBytes: 4096 }).octets)).toMatchObject({
      questions: [{ name: 'www.example.org', type: 'AAAA', class: 'IN' }],
      additionals: [{ type: 'OPT', udpPayloadSize: 4096 }],
    })
  })

  test('equals the captured queries that had no options', () => {
    const plain = captured.filter(({ query, edns }) => query !== undefined && edns === undefined)
    expect(plain.length).toBeGreaterThan(60)
    let compared = 0
    for (const { query } of plain) {
      const theirs = Buffer.from(query, 'hex')
      const [question] = readMessage(theirs).questions
      if (question === undefined || readMessage(theirs).edns !== undefined) continue
      const { octets } = buildQuery(0, question, { flags: readMessage(theirs).flags, edns: false })
      expect(octets.subarray(2).toString('hex'), nameText(question.name)).toBe(theirs.subarray(2).toString('hex'))
      compared++
    }
    expect(compared).toBeGreaterThan(60)
  })

  test('has another ID each time', () => {
    expect(new Set(Array.from({ length: 50 }, () => build('x').id)).size).toBeGreaterThan(45)
  })
})
