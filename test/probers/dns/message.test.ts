import { describe, expect, test } from 'vitest'
import { Malformed } from '../../../src/probers/dns/wire/malformed.ts'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { recordText } from '../../../src/probers/dns/wire/record.ts'
import { answerTo } from './build.ts'
import { answers, captured, hostile, miekgTexts } from './vectors.ts'

function outcome(octets: Buffer): string {
  try {
    readMessage(octets)
    return 'accepted'
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return error.reason
  }
}

describe('captured answers', () => {
  test('are all here', () => {
    expect(captured).toHaveLength(92)
    expect(answers.length).toBeGreaterThanOrEqual(90)
  })

  test.each(answers)('%s', (_label, octets, expected) => {
    const message = readMessage(octets)
    expect(message.rcode).toBe(expected.rcode)
    if (expected.answerText === undefined) return
    expect(message.answer.map(recordText)).toEqual(expected.answerText)
    expect(message.flags).toMatchObject({ qr: true, tc: expected.tc, ad: expected.ad, aa: expected.aa })
    expect([message.answer.length, message.authority.length, message.additional.length]).toEqual(expected.counts)
    const options = message.edns?.options.map(({ code, data }) => ({ code, hex: data.toString('hex') }))
    expect(message.edns && { size: message.edns.udpBytes, do: message.edns.dnssecOk, options }).toEqual(expected.edns)
  })

  test.each(answers)('%s: every truncation is refused', (_label, octets) => {
    for (let length = 0; length < octets.length; length++) {
      expect(outcome(octets.subarray(0, length)), `${length} octets`).not.toBe('accepted')
    }
  })
})

test('every text of miekg/dns occurs in the captured answers', () => {
  const texts = new Set(
    answers.flatMap(([, octets]) => {
      const { answer, authority, additional } = readMessage(octets)
      return [...answer, ...authority, ...additional].map(recordText)
    }),
  )
  const current = (text: string) => text.replace('AAAA\t192.0.2.5', 'AAAA\t::ffff:192.0.2.5')
  expect(miekgTexts).toHaveLength(88)
  expect(miekgTexts.map(current).filter(text => !texts.has(text))).toEqual([])
})

describe('an OPT record', () => {
  const query = Buffer.from('000001000001000000000000017800 00010001'.replace(' ', ''), 'hex')
  const opt = { owner: '.', type: 41, class: 1232, rdata: '' }

  test.each([
    ['in the additional section', { additional: [opt] }, 'accepted'],
    ['in the answer section', { answer: [opt] }, 'misplaced_opt'],
    ['in the authority section', { authority: [opt] }, 'misplaced_opt'],
    ['with an owner', { additional: [{ ...opt, owner: 'x.' }] }, 'misplaced_opt'],
    ['twice', { additional: [opt, opt] }, 'two_opt'],
  ])('%s', (_place, sections, expected) => {
    expect(outcome(answerTo(query, sections))).toBe(expected)
  })
})

describe('hostile messages', () => {
  test.each(hostile)('$label: $strictReader', ({ hex, strictReader }) => {
    const started = performance.now()
    expect(outcome(Buffer.from(hex ?? '', 'hex'))).toBe(strictReader)
    expect(performance.now() - started).toBeLessThan(50)
  })
})
