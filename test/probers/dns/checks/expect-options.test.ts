import { describe, expect, test } from 'vitest'
import { describe as describeOptions } from '../../../../src/config/describe.ts'
import { dns } from '../../../../src/probers/dns/index.ts'
import { options } from '../../../../src/probers/dns/options.ts'

const parse = (section: object) => options.parse({ query_name: 'x', query_type: 'A', ...section })
const dumped = (section: object) => describeOptions(options, parse(section)) as Record<string, unknown>

describe('expect', () => {
  test('is nothing unless given', () => {
    expect(parse({})).not.toHaveProperty('expect')
    expect(dns.counters?.(parse({}))).toEqual([])
  })

  test('has defaults, and its records by what they mean', () => {
    const records = ['"v=spf1 " "-all"', 'v=DKIM1; p=x']
    expect(parse({ query_type: 'TXT', expect: { records } }).expect).toMatchObject({
      section: 'answer',
      match: 'exact',
      follow_cname: true,
      type: 16,
      records: new Map([
        ['"v=spf1 -all"', '"v=spf1 " "-all"'],
        ['"v=DKIM1; p=x"', 'v=DKIM1; p=x'],
      ]),
    })
  })

  test('takes numbers as texts, and seconds as durations', () => {
    const { expect: bound } = parse({ query_type: 'UID', expect: { records: [42], ttl: { min: 60, max: '1d' } } })
    expect(bound).toMatchObject({ records: new Map([['42', '42']]), ttl: { min: 60_000, max: 86_400_000 } })
  })

  test('counts records of the type that is asked for, when it lists none', () => {
    expect(parse({ expect: { count: { min: 1 } } }).expect?.type).toBeUndefined()
    expect(parse({ expect: { count: { min: 1 } }, allow_params: ['query_type'] }).expect?.records).toBeUndefined()
    expect(parse({ query_type: 'ANY', expect: { records: [] } }).expect?.records).toEqual(new Map())
    expect(dns.counters?.(parse({ expect: { records: [] } })).map(({ name }) => name)).toEqual([
      'dns_record_validation_total',
    ])
  })

  test.each([
    [
      { match: 'any', records: ['192.0.2.1'], count: { max: 8 }, ttl: { min: '60s', exact: undefined } },
      {
        section: 'answer',
        match: 'any',
        follow_cname: true,
        type: 'A',
        records: ['192.0.2.1'],
        count: { max: 8 },
        ttl: { min: '1m' },
      },
    ],
    [
      { section: 'authority', type: 'NS', follow_cname: 'no', records: ['NS.x'] },
      { section: 'authority', match: 'exact', follow_cname: false, type: 'NS', records: ['NS.x'] },
    ],
    [{ count: { min: 1 } }, { section: 'answer', match: 'exact', follow_cname: true, count: { min: 1 } }],
  ])('%j is shown as it can be written', (section, expected) => {
    const shown = dumped({ expect: section })
    expect(shown.expect).toEqual(expected)
    expect(shown).toMatchObject({ query_type: 'A', valid_rcodes: ['NOERROR'] })
    expect(dumped({ expect: shown.expect })).toEqual(shown)
  })
})

test('other checks are shown as they can be written', () => {
  const section = {
    flags: { require: ['aa'], forbid: ['tc', 'ra'] },
    nsid: { allow_regexp: '^lhr' },
    fail_on_ede: [6, 7],
    per_record_ttl: { enabled: true, max_series: 3, value_length: 20 },
  }
  expect(dumped(section)).toMatchObject(section)
  expect(dumped({})).toMatchObject({
    fail_on_ede: [],
    per_record_ttl: { enabled: false, max_series: 50, value_length: 50 },
  })
})
