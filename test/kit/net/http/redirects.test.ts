import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ProbeFailure } from '../../../../src/kit/failure.ts'
import { isRedirect, turn } from '../../../../src/kit/net/http/redirects.ts'

const from = new URL('http://example.org:8080/a/b?c')

test.each([
  ['/x', 'http://example.org:8080/x', true],
  ['x?y=1', 'http://example.org:8080/a/x?y=1', true],
  ['?z', 'http://example.org:8080/a/b?z', true],
  ['//example.org:8080/x', 'http://example.org:8080/x', true],
  ['//other.test/x', 'http://other.test/x', false],
  ['http://example.org:8080/x', 'http://example.org:8080/x', false],
  ['HTTPS://Other.Test', 'https://other.test/', false],
  ['http://user:pass@other.test/', 'http://other.test/', false],
  ['/caf\xc3\xa9', 'http://example.org:8080/caf%C3%A9', true],
  [' /x ', 'http://example.org:8080/x', true],
])('%j', (location, url, isRelative) => {
  expect(turn(from, 'GET', 302, location)).toMatchObject({ url: new URL(url), isRelative })
})

test.each([
  ['/x', '/x'],
  ["/x/%2e%2e/%zz?a='b'&?", "/x/%2e%2e/%zz?a='b'&?"],
  ['HTTP://Other.Test:1', '/'],
  ['//other.test?', '/?'],
  ['//other.test//a?x=/../#top', '//a?x=/../'],
  ['/caf\xc3\xa9', '/caf%C3%A9'],
  ['/a/../b', '/b'],
  ['http://other.test/a/..', '/'],
  ['/a/.?b', '/a/?b'],
  ['/...', '/...'],
  ['x', '/a/x'],
  ['?z', '/a/b?z'],
  ['#top', '/a/b?c'],
  ['http:x', '/a/x'],
  ['http:///other.test/a', '/a'],
  ['///other.test/a', '/a'],
  ['/\\other.test/a', '/a'],
  ['http://other.test\\a/b', '/a/b'],
  ['/a\\b', '/a/b'],
  ['/\t/other.test/a', '/a'],
])('of %j the path %j is asked for', (location, path) => {
  expect(turn(from, 'GET', 302, location).path).toBe(path)
})

test.each([
  [301, 'POST', 'GET', false],
  [302, 'GET', 'GET', false],
  [303, 'HEAD', 'HEAD', false],
  [303, 'DELETE', 'GET', false],
  [307, 'POST', 'POST', true],
  [308, 'PATCH', 'PATCH', true],
])('%i after %s', (status, method, expected, keepsBody) => {
  expect(isRedirect(status)).toBe(true)
  expect(turn(from, method, status, '/')).toMatchObject({ method: expected, keepsBody })
})

test.each([200, 300, 304, 305, 306, 309, 400])('%i is no redirect', status => {
  expect(isRedirect(status)).toBe(false)
})

test('any Location is an http URL without a user, or a malformed answer', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), location => {
      try {
        const { url } = turn(from, 'GET', 302, location)
        expect(url.protocol).toMatch(/^https?:$/)
        expect(url.username + url.password).toBe('')
      } catch (error) {
        expect(error).toBeInstanceOf(ProbeFailure)
        expect((error as ProbeFailure).reason).toBe('protocol')
      }
    }),
  )
})
