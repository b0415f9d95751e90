import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareRecords } from '../../../../src/probers/dns/checks/compare.ts'
import { options } from '../../../../src/probers/dns/options.ts'
import type { Rr } from '../build.ts'
import { broken, message } from './records.ts'

const what = 'A records of x.'

async function compare(expectation: object, answer: readonly (string | Rr)[], query_type = 'A') {
  const { expect: limits } = options.parse({ query_name: 'x', query_type, expect: expectation })
  const { counts, ...faults } = await compareRecords(
    { records: message({ answer }).answer, what },
    limits!,
    () => undefined,
  )
  const counted = Object.entries(counts).flatMap(([outcome, count]) => (count > 0 ? [`${outcome} ${count}`] : []))
  return [counted.join(', '), ...Object.values(faults).flatMap(fault => fault ?? [])]
}

const [one, two, three] = ['@ 300 A 192.0.2.1', '@ 300 A 192.0.2.2', '@ 300 A 192.0.2.3']
const records = ['192.0.2.1', '192.0.2.2']

describe('records', () => {
  test.each<[string, readonly (string | Rr)[], readonly string[]]>([
    ['exact', [two!, one!], ['match 2']],
    ['exact', [one!], ['match 1, missing 1', `${what}: 1 missing (192.0.2.2)`]],
    ['exact', [one!, two!, three!], ['match 2, unexpected 1', `${what}: 1 unexpected (192.0.2.3)`]],
    ['exact', [], ['missing 2', `${what}: 2 missing (192.0.2.1, 192.0.2.2)`]],
    ['exact', [one!, two!, one!], ['match 3']],
    [
      'exact',
      [one!, three!],
      ['match 1, missing 1, unexpected 1', `${what}: 1 missing (192.0.2.2), 1 unexpected (192.0.2.3)`],
    ],
    ['exact', [one!, two!, broken], ['match 2, malformed 1', `${what}: 1 malformed (\\# 3 c00002)`]],
    ['subset', [one!, two!, three!], ['match 3']],
    ['subset', [one!, three!], ['match 2, missing 1', `${what}: 1 missing (192.0.2.2)`]],
    ['subset', [], ['missing 2', `${what}: 2 missing (192.0.2.1, 192.0.2.2)`]],
    ['any', [two!], ['match 1']],
    ['any', [two!, three!], ['match 2']],
    ['any', [three!], ['match 1, missing 1', `${what}: 1 missing (192.0.2.1 or 192.0.2.2)`]],
    ['any', [], ['missing 1', `${what}: 1 missing (192.0.2.1 or 192.0.2.2)`]],
    ['any', [one!, broken], ['match 1, malformed 1', `${what}: 1 malformed (\\# 3 c00002)`]],
    ['none', [three!], ['match 1']],
    ['none', [], ['']],
    ['none', [one!, three!], ['match 1, unexpected 1', `${what}: 1 unexpected (192.0.2.1)`]],
  ])('%s with %j', async (match, answer, expected) => {
    expect(await compare({ match, records }, answer)).toEqual(expected)
  })

  test('none at all may be what is expected', async () => {
    expect(await compare({ records: [] }, [])).toEqual([''])
    expect(await compare({ records: [] }, [one!])).toEqual(['unexpected 1', `${what}: 1 unexpected (192.0.2.1)`])
  })

  test('are shown up to three, each by its beginning', async () => {
    const many = Array.from({ length: 5 }, (_, at) => `@ 1 TXT ${'y'.repeat(300)}${at}`)
    const [counts, fault] = await compare({ records: ['a'] }, many, 'TXT')
    expect(counts).toBe('missing 1, unexpected 5')
    expect(fault).toMatch(/^A records of x\.: 1 missing \(a\), 5 unexpected \(("y{199}…, ){3}…\)$/)
  })

  test('of unknown types are compared by their octets', async () => {
    const expectation = { records: ['\\# 2 AB CD'] }
    expect(await compare(expectation, [{ type: 65_280, rdata: 'abcd' }], 'TYPE65280')).toEqual(['match 1'])
    const other = await compare(expectation, [{ type: 65_280, rdata: 'abce' }], 'TYPE65280')
    expect(other[1]).toBe(`${what}: 1 missing (\\# 2 AB CD), 1 unexpected (\\# 2 abce)`)
  })

  test('are compared as sets', async () => {
    const address = fc.nat(5).map(last => `192.0.2.${last}`)
    const set = fc.uniqueArray(address, { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(set, fc.array(address), async (listed, sent) => {
        const answer = sent.map(text => `@ 1 A ${text}`)
        const passes = async (match: string) => (await compare({ match, records: listed }, answer)).length === 1
        const [all, some, others] = [
          listed.every(text => sent.includes(text)),
          listed.some(text => sent.includes(text)),
          sent.some(text => !listed.includes(text)),
        ]
        expect(await Promise.all(['exact', 'subset', 'any', 'none'].map(passes))).toEqual([
          all && !others,
          all,
          some,
          !some,
        ])
        const back = await compare(
          { match: 'exact', records: [...new Set(sent)] },
          listed.map(text => `@ 1 A ${text}`),
        )
        expect(back.length === 1).toBe(all && !others)
      }),
    )
  })
})

describe('count', () => {
  test.each([
    [{ min: 1 }, [], `${what}: 0 are fewer than 1`],
    [{ min: 2, max: 2 }, [one], `${what}: 1 are fewer than 2`],
    [{ min: 2, max: 2 }, [one, two], undefined],
    [{ max: 1 }, [one, two], `${what}: 2 are more than 1`],
    [{ max: 0 }, [], undefined],
  ])('%j', async (count, answer, fault) => {
    const [, ...faults] = await compare({ count }, answer as string[])
    expect(faults).toEqual(fault === undefined ? [] : [fault])
  })
})

describe('ttl', () => {
  test.each([
    [
      { min: '1m' },
      ['@ 60 A 1.1.1.1', '@ 59 A 1.1.1.2'],
      'match 1, ttl_out_of_bounds 1',
      'the TTL 59s of 1.1.1.2 is below 1m',
    ],
    [
      { max: '1d' },
      ['@ 86400 A 1.1.1.1', '@ 86401 A 1.1.1.2'],
      'match 1, ttl_out_of_bounds 1',
      'the TTL 86401s of 1.1.1.2 is above 24h',
    ],
    [{ exact: 300 }, ['@ 300 A 1.1.1.1'], 'match 1', undefined],
    [
      { exact: '5m' },
      ['@ 299 A 1.1.1.1', '@ 301 A 1.1.1.2'],
      'ttl_out_of_bounds 2',
      'the TTL 299s of 1.1.1.1 is not 5m',
    ],
    [{ min: 0, max: 0 }, ['@ 0 A 1.1.1.1'], 'match 1', undefined],
    [{ min: '1m' }, [], '', undefined],
    [{ max: '1h' }, ['@ 4294967295 A 1.1.1.1'], 'ttl_out_of_bounds 1', 'the TTL 4294967295s of 1.1.1.1 is above 1h'],
  ])('%j', async (ttl, answer, counts, fault) => {
    expect(await compare({ ttl }, answer)).toEqual([counts, ...(fault === undefined ? [] : [`${what}: ${fault}`])])
  })

  test('and records are judged apart, each record once', async () => {
    const expectation = { records, ttl: { min: 100 }, count: { max: 2 } }
    expect(await compare(expectation, ['@ 5 A 192.0.2.1', '@ 5 A 192.0.2.3', '@ 500 A 192.0.2.2'])).toEqual([
      'match 1, unexpected 1, ttl_out_of_bounds 1',
      `${what}: 1 unexpected (192.0.2.3)`,
      `${what}: 3 are more than 2`,
      `${what}: the TTL 5s of 192.0.2.1 is below 1m40s`,
    ])
  })
})

test('a malformed record is no fault of what is not asked', async () => {
  expect(await compare({ count: { min: 1 } }, [broken])).toEqual(['malformed 1'])
})

test('4,000 records against 1,000', async () => {
  const address = (at: number) => `192.0.${at >> 8}.${at & 255}`
  const listed = Array.from({ length: 1000 }, (_, at) => address(at))
  const answer = Array.from({ length: 4000 }, (_, at) => `@ 1 A ${address(at)}`)
  const started = performance.now()
  expect((await compare({ match: 'subset', records: listed }, answer))[0]).toBe('match 4000')
  expect(performance.now() - started).toBeLessThan(3000)
})
