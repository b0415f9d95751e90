import { describe, expect, test } from 'vitest'
import { createSlices } from '../../../../src/kit/slices.ts'
import { selectRecords, type Wanted } from '../../../../src/probers/dns/checks/select.ts'
import { typeCode } from '../../../../src/probers/dns/wire/iana.ts'
import { parseName } from '../../../../src/probers/dns/wire/parse-name.ts'
import { dataText } from '../../../../src/probers/dns/wire/record.ts'
import { message, type Sections } from './records.ts'

async function select(sections: Sections, type = 'A', wanted: Partial<Wanted> = {}, name = 'x') {
  const { records, what } = await selectRecords(
    message(sections),
    { section: 'answer', name: parseName(name), type: typeCode(type)!, class: 1, followsAliases: true, ...wanted },
    () => undefined,
  )
  return [records.map(dataText).join(' '), what]
}

describe('the answer section', () => {
  test.each<[string, Sections['answer'], string, string]>([
    ['nothing', [], '', 'A records of x.'],
    ['the name itself', ['@ 1 A 1.1.1.1', 'y 1 A 2.2.2.2', '@ 1 AAAA ::1'], '1.1.1.1', 'A records of x.'],
    ['in another case', ['X. 1 A 1.1.1.1'], '1.1.1.1', 'A records of x.'],
    ['an alias', ['@ 1 CNAME y', 'y 1 A 1.1.1.1', 'y 1 A 1.1.1.2'], '1.1.1.1 1.1.1.2', 'A records of y.'],
    ['aliases in any order', ['z 1 A 1.1.1.1', 'Y 1 CNAME z', '@ 1 CNAME y'], '1.1.1.1', 'A records of z.'],
    ['an alias without an end', ['@ 1 CNAME y', 'z 1 A 1.1.1.1'], '', 'A records of y.'],
    ['an alias of itself', ['@ 1 CNAME x'], '', 'A records, as the aliases of x. form a loop'],
    ['a loop', ['@ 1 CNAME y', 'y 1 CNAME z', 'z 1 CNAME x'], '', 'A records, as the aliases of x. form a loop'],
    [
      'a loop further on',
      ['@ 1 CNAME y', 'y 1 CNAME z', 'z 1 CNAME y'],
      '',
      'A records, as the aliases of x. form a loop',
    ],
    ['a loop that has the records, too', ['@ 1 CNAME y', 'y 1 CNAME x', 'y 1 A 1.1.1.1'], '1.1.1.1', 'A records of y.'],
    ['an alias beside the records', ['@ 1 CNAME y', '@ 1 A 1.1.1.1', 'y 1 A 2.2.2.2'], '1.1.1.1', 'A records of x.'],
  ])('%s', async (_, answer, texts, what) => {
    expect(await select({ answer: answer ?? [] })).toEqual([texts, what])
  })

  const aliases = { answer: ['@ 1 CNAME y', 'y 1 CNAME z', 'z 1 A 1.1.1.1'] }

  test('does not follow aliases when these are asked for, or when that is turned off', async () => {
    expect(await select(aliases, 'CNAME')).toEqual(['y.', 'CNAME records of x.'])
    expect(await select(aliases, 'A', { followsAliases: false })).toEqual(['', 'A records of x.'])
    expect(await select(aliases, 'A', {}, 'y')).toEqual(['1.1.1.1', 'A records of z.'])
  })

  test('has all records of the name for ANY', async () => {
    const answer = ['@ 1 A 1.1.1.1', '@ 1 MX 1 m', 'm 1 A 2.2.2.2']
    expect(await select({ answer }, 'ANY')).toEqual(['1.1.1.1 1 m.', 'records of x.'])
  })

  test('leaves other classes out, unless they are all asked for', async () => {
    const answer = [{ type: 1, class: 3, rdata: '01010101' }, '@ 1 A 2.2.2.2']
    expect(await select({ answer })).toEqual(['2.2.2.2', 'A records of x.'])
    expect(await select({ answer }, 'A', { class: 3 })).toEqual(['1.1.1.1', 'A records of x.'])
    expect(await select({ answer }, 'A', { class: 255 })).toEqual(['1.1.1.1 2.2.2.2', 'A records of x.'])
  })

  test('takes no alias from a broken record', async () => {
    const answer = [{ type: 5, rdata: '000000' }, '@ 1 A 2.2.2.2']
    expect(await select({ answer })).toEqual(['2.2.2.2', 'A records of x.'])
  })
})

test('the other sections are looked at whoever owns the records', async () => {
  const sections = { authority: ['y 1 NS n', 'y 1 SOA a b 1 2 3 4 5'], additional: ['n 1 A 1.1.1.1', 'm 1 A 2.2.2.2'] }
  expect(await select(sections, 'NS', { section: 'authority' })).toEqual(['n.', 'NS records of the authority section'])
  const addresses = await select(sections, 'A', { section: 'additional' })
  expect(addresses).toEqual(['1.1.1.1 2.2.2.2', 'A records of the additional section'])
})

test('4,000 aliases one after another cost no more than their number', async () => {
  const answer = Array.from({ length: 4000 }, (_, at) => `n${at} 1 CNAME n${at + 1}`)
  const wanted = { section: 'answer', type: 1, class: 1, followsAliases: true } as const
  const big = message({ answer: answer.reverse() })
  const started = performance.now()
  const breathe = createSlices(AbortSignal.timeout(60_000))
  const { what } = await selectRecords(big, { ...wanted, name: parseName('n0') }, breathe)
  expect(what).toBe('A records of n4000.')
  expect(performance.now() - started).toBeLessThan(2000)
})
