import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseHttpDate } from '../../../../src/kit/net/http/date.ts'

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', 784_111_777],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 784_111_777],
  ['Sun Nov  6 08:49:37 1994', 784_111_777],
  ['Mon, 02 Jan 2006 15:04:05 GMT', 1_136_214_245],
  ['Friday, 01-Jan-68 00:00:00 UTC', 3_092_601_600],
])('%s', (text, seconds) => {
  expect(parseHttpDate(text)).toBe(seconds * 1000)
})

test.each([
  '',
  'now',
  '0',
  '2006-01-02T15:04:05Z',
  'Mon, 02 Jan 2006 15:04:05',
  'Mon, 02 Jan 2006 15:04:05 CET',
  'Mon, 2 Jan 2006 15:04:05 GMT',
  'Mon, 32 Jan 2006 15:04:05 GMT',
  'Mon, 30 Feb 2006 15:04:05 GMT',
  'Mon, 02 Jan 2006 24:04:05 GMT',
  'Mon, 02 Jan 2006 15:60:05 GMT',
  ' Mon, 02 Jan 2006 15:04:05 GMT',
])('no date: %j', text => {
  expect(parseHttpDate(text)).toBeUndefined()
})

test('reads what toUTCString writes, and never throws', () => {
  const min = new Date('1970-01-01')
  fc.assert(
    fc.property(fc.date({ min, max: new Date('9999-12-31'), noInvalidDate: true }), date => {
      expect(parseHttpDate(date.toUTCString())).toBe(Math.floor(date.getTime() / 1000) * 1000)
    }),
  )
  fc.assert(
    fc.property(fc.string(), text => {
      expect(parseHttpDate(text)).toBeUndefined()
    }),
  )
})
