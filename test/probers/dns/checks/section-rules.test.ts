import { describe, expect, test } from 'vitest'
import { compilePattern } from '../../../../src/kit/regexp.ts'
import {
  type AllMatchSemantics,
  hasRules,
  judgeRecords,
  type Rules,
} from '../../../../src/probers/dns/checks/section-rules.ts'
import { readMessage } from '../../../../src/probers/dns/wire/message.ts'
import { a, answerTo } from '../build.ts'

const query = Buffer.from('000001000001000000000000017800 00010001'.replace(' ', ''), 'hex')

const rulesOf = (lists: Partial<Record<keyof Rules, readonly string[]>>): Rules => ({
  fail_if_matches_regexp: (lists.fail_if_matches_regexp ?? []).map(compilePattern),
  fail_if_all_match_regexp: (lists.fail_if_all_match_regexp ?? []).map(compilePattern),
  fail_if_not_matches_regexp: (lists.fail_if_not_matches_regexp ?? []).map(compilePattern),
  fail_if_none_matches_regexp: (lists.fail_if_none_matches_regexp ?? []).map(compilePattern),
})

const sections: Readonly<Record<string, readonly string[]>> = {
  none: [],
  one: ['192.0.2.1'],
  two: ['192.0.2.1', '192.0.2.2'],
}

const freely = { breathe: () => undefined, signal: new AbortController().signal }

async function verdict(section: string, lists: Parameters<typeof rulesOf>[0], semantics: AllMatchSemantics = 'name') {
  const { answer } = readMessage(answerTo(query, { answer: (sections[section] ?? []).map(address => a(address)) }))
  return judgeRecords(answer, rulesOf(lists), semantics, freely)
}

describe('judgeRecords', () => {
  test.each([
    // any record matches any pattern
    ['none', { fail_if_matches_regexp: ['.'] }, undefined],
    ['two', { fail_if_matches_regexp: ['192\\.0\\.2\\.3'] }, undefined],
    [
      'two',
      { fail_if_matches_regexp: ['nothing', '2\\.2$'] },
      "fail_if_matches_regexp: '2\\.2$' matches x.\t300\tIN\tA\t192.0.2.2",
    ],
    // every record matches every pattern, and there is one
    ['none', { fail_if_not_matches_regexp: ['.'] }, 'fail_if_not_matches_regexp: there is no record'],
    ['two', { fail_if_not_matches_regexp: ['\tA\t', '^x\\.'] }, undefined],
    [
      'two',
      { fail_if_not_matches_regexp: ['\tA\t', '2\\.1$'] },
      "fail_if_not_matches_regexp: '2\\.1$' does not match x.\t300\tIN\tA\t192.0.2.2",
    ],
    // some record matches some pattern
    ['none', { fail_if_none_matches_regexp: ['.'] }, 'fail_if_none_matches_regexp: there is no record'],
    ['two', { fail_if_none_matches_regexp: ['nothing', '2\\.2$'] }, undefined],
    [
      'two',
      { fail_if_none_matches_regexp: ['nothing', 'at all'] },
      'fail_if_none_matches_regexp: no record matches any pattern',
    ],
    // RE2, not anchored, case sensitive
    ['one', { fail_if_matches_regexp: ['in\ta'] }, undefined],
    [
      'one',
      { fail_if_matches_regexp: ['(?i)in\ta'] },
      "fail_if_matches_regexp: '(?i)in\ta' matches x.\t300\tIN\tA\t192.0.2.1",
    ],
    [
      'one',
      { fail_if_matches_regexp: ['\\tA\\t'] },
      "fail_if_matches_regexp: '\\tA\\t' matches x.\t300\tIN\tA\t192.0.2.1",
    ],
    // blackbox_exporter's order: within a record, forbidden before required
    [
      'one',
      { fail_if_matches_regexp: ['A'], fail_if_not_matches_regexp: ['B'] },
      "fail_if_matches_regexp: 'A' matches x.\t300\tIN\tA\t192.0.2.1",
    ],
    [
      'one',
      { fail_if_all_match_regexp: ['A'], fail_if_none_matches_regexp: ['B'] },
      'fail_if_all_match_regexp: all records match',
    ],
  ])('%s %j', async (section, lists, expected) => {
    expect(await verdict(section, lists)).toBe(expected)
  })

  test.each([
    ['none', ['.'], undefined, undefined],
    ['one', ['2\\.1$'], 'all records match', undefined],
    ['two', ['2\\.1$'], undefined, 'not all records match'],
    ['two', ['\tA\t'], 'all records match', undefined],
    ['two', ['\tA\t', '2\\.1$'], undefined, 'not all records match'],
    ['two', ['\tA\t', 'IN'], 'all records match', undefined],
  ])(
    'fail_if_all_match_regexp on %s with %j: as named %s, as in blackbox %s',
    async (section, patterns, named, blackbox) => {
      const prefix = (text: string | undefined) => text && `fail_if_all_match_regexp: ${text}`
      const lists = { fail_if_all_match_regexp: patterns }
      expect(await verdict(section, lists, 'name')).toBe(prefix(named))
      expect(await verdict(section, lists, 'blackbox')).toBe(prefix(blackbox))
    },
  )

  test('awaits breathe before each match and passes its error on', async () => {
    const { answer } = readMessage(answerTo(query, { answer: [a('192.0.2.1'), a('192.0.2.2')] }))
    const rules = rulesOf({ fail_if_matches_regexp: ['p', 'q'], fail_if_none_matches_regexp: ['x'] })
    let breaths = 0
    await judgeRecords(answer, rules, 'name', { ...freely, breathe: () => void breaths++ })
    expect(breaths).toBe(5)
    const stop = () => Promise.reject(new Error('stop'))
    await expect(judgeRecords(answer, rules, 'name', { ...freely, breathe: stop })).rejects.toThrow('stop')
  })

  test('cuts long records in its message', async () => {
    const rdata = Buffer.concat(Array.from({ length: 10 }, () => Buffer.from(`\u00ff${'y'.repeat(255)}`, 'latin1')))
    const { answer } = readMessage(answerTo(query, { answer: [{ type: 16, rdata: rdata.toString('hex') }] }))
    const fault = await judgeRecords(answer, rulesOf({ fail_if_matches_regexp: ['y'] }), 'name', freely)
    expect(fault).toMatch(/^fail_if_matches_regexp: 'y' matches x\.\t300\tIN\tTXT\t"y+…$/)
    expect(fault?.length).toBeLessThan(250)
  })

  describe('of a record that is long', () => {
    // A set of states for each way that its letters may follow one another: what RE2 is slowest at.
    let state = 1
    const letter = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return 0x61 + (state >>> 31)
    }
    const strings = Array.from({ length: 240 }, () => Buffer.from([250, ...Array.from({ length: 250 }, letter)]))
    const rdata = Buffer.concat(strings).toString('hex')
    const { answer } = readMessage(answerTo(query, { answer: [{ type: 16, rdata }] }))
    const rules = rulesOf({ fail_if_matches_regexp: ['a.{30}x'] })

    test('holds nobody else up', async () => {
      const startedMs = performance.now()
      let [lastMs, longestMs] = [startedMs, 0]
      const timer = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - lastMs)
        lastMs = performance.now()
      }, 1)
      expect(await judgeRecords(answer, rules, 'name', freely)).toBeUndefined()
      clearInterval(timer)
      const endedMs = performance.now()
      expect(Math.max(longestMs, endedMs - lastMs)).toBeLessThan((endedMs - startedMs) / 2)
    })

    test('ends with the signal', async () => {
      const signal = AbortSignal.timeout(1)
      await expect(judgeRecords(answer, rules, 'name', { ...freely, signal })).rejects.toThrow('timeout')
    })
  })
})

test('hasRules', () => {
  expect(hasRules(rulesOf({}))).toBe(false)
  expect(hasRules(rulesOf({ fail_if_none_matches_regexp: ['x'] }))).toBe(true)
})
