import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BadRequest } from '../../../src/kit/failure.ts'
import { parseTargetUrl } from '../../../src/kit/net/http/target-url.ts'
import { anyAddress } from '../../../src/kit/net/policy/policy.ts'
import { options } from '../../../src/probers/http/options.ts'
import { accept } from '../../../src/probers/http/target.ts'

test.each([
  ['example.org', 'http://example.org/'],
  ['example.org:8080/path?q=1', 'http://example.org:8080/path?q=1'],
  ['localhost:80', 'http://localhost/'],
  ['HTTP://Example.ORG/A', 'http://example.org/A'],
  ['HttpS://example.org', 'https://example.org/'],
  ['[::1]:8080', 'http://[::1]:8080/'],
  ['http://192.0.2.1/a%2Fb?x=a+b', 'http://192.0.2.1/a%2Fb?x=a+b'],
  ['http://münchen.example/', 'http://xn--mnchen-3ya.example/'],
  ['http://example.org/a@b', 'http://example.org/a@b'],
  ['http://example.org/?u=http://x@y', 'http://example.org/?u=http://x@y'],
])('%s is read as %s', (target, expected) => {
  expect(parseTargetUrl(target).url.href).toBe(expected)
})

test.each([
  ['another scheme', 'ftp://example.org/'],
  ['another scheme in capitals', 'GOPHER://example.org/'],
  ['no host', 'http://'],
  ['no host but a path', 'http:///path'],
  ['nothing but a colon', ':80'],
  ['a bad port', 'http://example.org:99999/'],
  ['a name as port', 'mailto:x'],
  ['a user', 'http://user@example.org/'],
  ['user and password', 'https://user:pass@example.org/'],
  ['an empty user', 'http://@example.org/'],
  ['a fragment', 'http://example.org/#top'],
  ['an empty fragment', 'http://example.org/#'],
  ['a line break', 'http://example.org/\nx'],
  ['a tab', 'http://exa\tmple.org/'],
  ['outer spaces', ' http://example.org/'],
  ['a space in the host', 'http://exa mple.org/'],
  ['backslashes', 'http:\\\\example.org'],
  ['a slash too few', 'http:/example.org'],
  ['no slashes', 'https:example.org'],
  ['an open bracket', 'http://[::1/'],
  ['too long', `http://example.org/${'a'.repeat(2048)}`],
])('refused: %s', (_name, target) => {
  expect(() => parseTargetUrl(target)).toThrow(BadRequest)
})

test.each([
  ['example.org', '/'],
  ['example.org?', '/?'],
  ['HTTP://example.org/a/../b/%2e%2e?', '/a/../b/%2e%2e?'],
  ["example.org:8080//a?u=http://x/'y'", "//a?u=http://x/'y'"],
  ['http://example.org/a b', '/a%20b'],
  ['http://example.org/?a\\b', '/?a\\b'],
  ['münchen.example/ü', '/%C3%BC'],
])('of %s the path %s is asked for', (target, path) => {
  expect(accept({ target, params: new Map() }, options.parse({}), anyAddress).path).toBe(path)
})

test('any text is either an http URL without a user, or a bad request', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.webUrl(),
        fc.string().map(text => `http://${text}`),
      ),
      text => {
        try {
          const { url } = parseTargetUrl(text)
          expect(url.protocol).toMatch(/^https?:$/)
          expect([url.username, url.password, url.hash]).toEqual(['', '', ''])
          expect(url.hostname).not.toBe('')
        } catch (error) {
          expect(error).toBeInstanceOf(BadRequest)
        }
      },
    ),
  )
})

describe('hostname and Host', () => {
  const ask = (headers: Record<string, string>, hostname?: string) =>
    accept(
      { target: 'http://192.0.2.1/', params: new Map(hostname === undefined ? [] : [['hostname', hostname]]) },
      options.parse({ headers }),
      anyAddress,
    ).host

  test.each([
    ['neither', {}, undefined, undefined],
    ['an empty parameter', {}, '', undefined],
    ['the parameter', {}, 'www.example.org', 'www.example.org'],
    ['the parameter with a port', {}, 'www.example.org:8080', 'www.example.org:8080'],
    ['the header', { host: 'www.example.org' }, undefined, 'www.example.org'],
    ['an empty header', { Host: '' }, undefined, undefined],
    ['an international parameter', {}, 'münchen.example:81', 'xn--mnchen-3ya.example:81'],
    ['an international header', { Host: 'münchen.example' }, undefined, 'xn--mnchen-3ya.example'],
    ['both alike, in two forms', { Host: 'münchen.example' }, 'xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
    ['both alike', { HOST: 'www.example.org' }, 'www.example.org', 'www.example.org'],
  ] as const)('%s', (_name, headers, hostname, expected) => {
    expect(ask(headers, hostname)).toBe(expected)
  })

  test.each([
    ['both, and different', { Host: 'a.example' }, 'b.example'],
    ['a URL', {}, 'http://b.example/'],
    ['a line break', {}, 'b.example\r\nX: y'],
    ['a user', {}, 'a@b.example'],
    ['an international name that is none', {}, 'mün chen.example'],
    ['half a character', {}, 'm\ud800.example'],
    ['a full-width slash', {}, 'b.example／x'],
  ] as const)('refused: %s', (_name, headers, hostname) => {
    expect(() => ask(headers, hostname)).toThrow(BadRequest)
  })
})
