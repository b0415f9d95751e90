import { decode } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { buildQuery } from '../../../src/probers/dns/query.ts'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { nameText } from '../../../src/probers/dns/wire/name.ts'
import { parseName } from '../../../src/probers/dns/wire/parse-name.ts'
import { captured } from './vectors.ts'

const build = (name: string, type = 1, recordClass = 1, udpBytes: number | false = false, recursionDesired = true) =>
  buildQuery({ name: parseName(name), type, class: recordClass }, { recursionDesired, udpBytes })

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

  test('clears RD on demand', () => {
    expect(build('x', 1, 1, false, false).octets.readUInt16BE(2)).toBe(0)
  })

  test('asks by EDNS, without DO and options', () => {
    const { octets } = build('x', 1, 1, 1232)
    expect(octets.subarray(-11).toString('hex')).toBe('00002904d0000000000000')
    expect(readMessage(octets).edns).toEqual({
      udpBytes: 1232,
      extendedRcode: 0,
      version: 0,
      dnssecOk: false,
      options: [],
    })
  })

  test('is what dns-packet understands', () => {
    expect(decode(build('www.example.org', 28, 1, 4096).octets)).toMatchObject({
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
      const { octets } = buildQuery(question, { recursionDesired: readMessage(theirs).flags.rd, udpBytes: false })
      expect(octets.subarray(2).toString('hex'), nameText(question.name)).toBe(theirs.subarray(2).toString('hex'))
      compared++
    }
    expect(compared).toBeGreaterThan(60)
  })

  test('has another ID each time', () => {
    expect(new Set(Array.from({ length: 50 }, () => build('x').id)).size).toBeGreaterThan(45)
  })
})
