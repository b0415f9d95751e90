import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requestPath } from '../../../../src/kit/net/http/request-path.ts'

test.each([
  ['', '/'],
  ['?', '/?'],
  ['?a=1', '/?a=1'],
  ['/a/../b/./c//', '/a/../b/./c//'],
  ["/%2e%2E/%zz?a='b'&c=<d>", "/%2e%2E/%zz?a='b'&c=<d>"],
  ['/a b"<{|}>^`\\', '/a%20b%22%3C%7B%7C%7D%3E%5E%60%5C'],
  ['/ü?ü=😀 ?', '/%C3%BC?%C3%BC=%F0%9F%98%80%20?'],
  ['/\ud800', '/%EF%BF%BD'],
])('%j goes as %j', (written, expected) => {
  expect(requestPath(written)).toBe(expected)
})

test('any text fits into a request line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(requestPath(text)).toMatch(/^\/[\x21-\x7e]*$/)
    }),
  )
})
