import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCookieJar } from '../../../../src/kit/net/http/cookies.ts'

const now = Date.parse('2026-01-01')

function sent(lines: readonly string[], to: string, from = 'http://www.example.org/a/b'): string {
  const jar = createCookieJar()
  jar.store(new URL(from), lines, now)
  return jar
    .cookiesFor(new URL(to))
    .map(([name, value]) => `${name}=${value}`)
    .join('; ')
}

test.each([
  ['host only', ['a=1'], 'http://www.example.org/a/c', 'a=1'],
  ['a name in other letters', ['a=1'], 'http://WWW.example.ORG/a/c', 'a=1'],
  ['not to a subdomain', ['a=1'], 'http://x.www.example.org/a/', ''],
  ['not to a sibling', ['a=1'], 'http://example.org/a/', ''],
  ['a domain, to the whole of it', ['a=1; Domain=.example.org'], 'http://other.example.org/a/', 'a=1'],
  ['a domain of its own', ['a=1; domain=www.example.org'], 'http://x.www.example.org/a/', 'a=1'],
  ['a foreign domain', ['a=1; Domain=example.com'], 'http://example.com/a/', ''],
  ['a domain below', ['a=1; Domain=x.www.example.org'], 'http://x.www.example.org/a/', ''],
  ['a top level domain', ['a=1; Domain=org'], 'http://other.org/a/', ''],
  ['the folder it was set in', ['a=1'], 'http://www.example.org/c', ''],
  ['a path', ['a=1; Path=/x'], 'http://www.example.org/x/y', 'a=1'],
  ['a path is whole', ['a=1; Path=/x'], 'http://www.example.org/xy', ''],
  ['a path that is none', ['a=1; Path=x'], 'http://www.example.org/a/', 'a=1'],
  ['secure over https', ['a=1; secure'], 'https://www.example.org/a/', 'a=1'],
  ['secure over http', ['a=1; secure'], 'http://www.example.org/a/', ''],
  ['the longest path first', ['a=1; Path=/', 'b=2; Path=/a'], 'http://www.example.org/a/', 'b=2; a=1'],
  ['the last value', ['a=1', 'a=2'], 'http://www.example.org/a/', 'a=2'],
  ['past its time', ['a=1; Expires=Wed, 31 Dec 2025 00:00:00 GMT'], 'http://www.example.org/a/', ''],
  ['in time', ['a=1; Expires=Fri, 02-Jan-2026 00:00:00 GMT'], 'http://www.example.org/a/', 'a=1'],
  ['Max-Age wins', ['a=1; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT'], 'http://www.example.org/a/', 'a=1'],
  ['a value with =', ['a=b=c'], 'http://www.example.org/a/', 'a=b=c'],
  ['no name', ['=1', 'b', ' ;a=1'], 'http://www.example.org/a/', ''],
  ['too long', [`a=${'x'.repeat(5000)}`], 'http://www.example.org/a/', ''],
])('%s', (_name, lines, to, expected) => {
  expect(sent(lines, to)).toBe(expected)
})

test('addresses share nothing by domain', () => {
  expect(sent(['a=1; Domain=0.0.1'], 'http://127.0.0.1/', 'http://127.0.0.1/')).toBe('')
  expect(sent(['a=1; Domain=127.0.0.1'], 'http://127.0.0.1/', 'http://127.0.0.1/')).toBe('a=1')
})

test('a jar holds 50', () => {
  const lines = Array.from({ length: 200 }, (_, index) => `c${index}=1; Path=/`)
  expect(sent(lines, 'http://www.example.org/').split('; ')).toHaveLength(50)
})

test('any line is taken or left', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), lines => {
      sent(lines, 'http://www.example.org/a/b')
    }),
  )
})
