import { afterEach, expect, test, vi } from 'vitest'
import { describe } from '../../../../src/config/describe.ts'
import { proxyWarnings } from '../../../../src/kit/net/proxy/options.ts'
import { parseProxy, shownProxy } from '../../../../src/kit/net/proxy/proxy-url.ts'
import type { z } from '../../../../src/kit/options.ts'
import { parse, schema } from './support.ts'

function setEnvironment(env: Readonly<Record<string, string>>) {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'REQUEST_METHOD']) {
    vi.stubEnv(name, env[name])
    vi.stubEnv(name.toLowerCase(), env[name.toLowerCase()])
  }
}
afterEach(() => {
  vi.unstubAllEnvs()
})

const messagesOf = (options: unknown) => {
  const flat = (issues: readonly z.core.$ZodIssue[] = []): string[] =>
    issues.flatMap(issue =>
      issue.code === 'invalid_key' ? flat(issue.issues) : [`${issue.path.join('.')}: ${issue.message}`],
    )
  return flat(schema.safeParse(options).error?.issues)
}

test.each([
  ['http://proxy.test', 'http://proxy.test:80'],
  ['http://proxy.test:3128/', 'http://proxy.test:3128'],
  ['HTTPS://Proxy.Test', 'https://proxy.test:443'],
  ['socks5://Proxy.Test', 'socks5://proxy.test:1080'],
  ['socks5h://proxy.test:80', 'socks5h://proxy.test:80'],
  ['http://[2001:db8::1]:3128', 'http://[2001:db8::1]:3128'],
  ['socks5://[2001:DB8::1]', 'socks5://[2001:db8::1]:1080'],
  ['socks5://prö.test', 'socks5://xn--pr-gka.test:1080'],
  ['http://me:hunter2@proxy.test', 'http://proxy.test:80'],
])('proxy_url %s is %s', (url, expected) => {
  expect(shownProxy(parseProxy(url))).toBe(expected)
})

test.each([
  ['http://me:hunter2@proxy.test', 'me', 'hunter2'],
  ['http://m%40e:p%3Aa%2Fs%E2%82%AC@proxy.test', 'm@e', 'p:a/s€'],
  ['http://me@proxy.test', 'me', undefined],
  ['http://:hunter2@proxy.test', '', 'hunter2'],
  ['http://proxy.test', undefined, undefined],
])('credentials of %s', (url, username, password) => {
  const proxy = parseProxy(url)
  expect([proxy.username, proxy.password?.peek()]).toEqual([username, password])
})

const isNone = 'proxy_url: expected the URL of a proxy'
const isMore = 'proxy_url: expected the URL of a proxy without anything after'

test.each([
  ['proxy.test', isNone],
  ['proxy.test:3128', isNone],
  ['ftp://proxy.test', isNone],
  ['http:proxy.test', isNone],
  ['http://', isNone],
  ['socks5://', isNone],
  ['socks5://:1080', isNone],
  ['http://user:hunter2@', isNone],
  ['socks5://192.0.2.256', isNone],
  ['http://pro xy', isNone],
  ['http://proxy.test:0', 'proxy_url: expected a port from 1 to 65535'],
  ['socks5://proxy.test:65536', 'proxy_url: expected a port from 1 to 65535'],
  ['http://proxy.test/path', isMore],
  ['http://proxy.test/?hunter2', isMore],
  ['socks5://proxy.test#a', isMore],
  ['http://me:%zz@proxy.test', 'proxy_url: expected a user name and a password in UTF-8'],
  ['socks5://:hunter2@proxy.test', 'proxy_url: expected a user name and a password of at most 255'],
  [`socks5://me:${'x'.repeat(256)}@proxy.test`, 'proxy_url: expected a user name and a password of at most 255'],
])('bad proxy_url: %s', (proxy_url, expected) => {
  const messages = messagesOf({ proxy_url }).join('\n')
  expect(messages).toContain(expected)
  expect(messages).not.toContain('hunter2')
})

test.each([
  ':1',
  '10.0.0.0/33',
  '10.0.0/8',
  '2001:db8::/129',
  'example.com/8',
  '10.0.0.256',
  '10.*',
  'a*.test',
  '**',
  '.',
  'a..b',
  'http://a.test',
  'a b',
  'a.test:http',
  'a.test:123456',
  '<local>',
  'a.test;b.test',
  'fe80::1%eth0',
  '[::1',
])('bad no_proxy: %s', entry => {
  const messages = messagesOf({ proxy_url: 'http://proxy.test', no_proxy: `fine.test, ${entry}` })
  expect(messages).toEqual([expect.stringContaining(`no_proxy: '${entry}': expected a host`)])
})

test.each([
  [{ 'X Y': ['a'] }, 'expected the name of an HTTP header'],
  [{ X: ['hunter2\r\nY: z'] }, 'proxy_connect_header.X.0: expected a header value'],
  [{ host: ['a'] }, 'this header may not be set here'],
  [{ 'Content-Length': ['1'] }, 'this header may not be set here'],
])('bad proxy_connect_header: %j', (proxy_connect_header, expected) => {
  const messages = messagesOf({ proxy_url: 'http://proxy.test', proxy_connect_header }).join('\n')
  expect(messages).toContain(expected)
  expect(messages).not.toContain('hunter2')
})

test.each([
  [{ HTTP_PROXY: 'ftp://me:hunter2@proxy.test' }, 'proxy_from_environment: HTTP_PROXY: expected the URL of a proxy'],
  [{ https_proxy: 'proxy.test:99999' }, 'proxy_from_environment: https_proxy: expected a port'],
])('a proxy in the environment that is none: %j', (env, expected) => {
  setEnvironment(env)
  expect(messagesOf({ proxy_from_environment: true }).join()).toContain(expected)
  expect(messagesOf({ proxy_from_environment: true }).join()).not.toContain('hunter2')
  expect(messagesOf({ proxy_from_environment: false })).toEqual([])
})

test.each([
  [{}, ['proxy_from_environment: there is neither HTTP_PROXY nor HTTPS_PROXY']],
  [{ HTTPS_PROXY: 'a.test' }, []],
  [
    { HTTPS_PROXY: 'a.test', no_proxy: '10.*,b.test' },
    [expect.stringMatching("^proxy_from_environment: no_proxy: '10\\.\\*' is not used: expected a host")],
  ],
  [{ HTTP_PROXY: 'a.test', REQUEST_METHOD: 'GET' }, [expect.stringContaining('HTTP_PROXY is not used')]],
] as const)('warnings for the environment %j', (env, expected) => {
  setEnvironment(env)
  expect(proxyWarnings(parse({ proxy_from_environment: true }))).toEqual(expected)
  expect(proxyWarnings(parse({}))).toEqual([])
})

test.each([
  [{ proxy_url: 'http://a.test', proxy_connect_header: { 'Proxy-Authorization': ['a'] } }, []],
  [
    { proxy_url: 'http://me@a.test', proxy_connect_header: { 'proxy-authorization': ['a'] } },
    [expect.stringContaining('proxy_connect_header.proxy-authorization is not sent')],
  ],
  [
    { proxy_url: 'socks5://a.test', proxy_connect_header: { A: ['b'] } },
    ['proxy_connect_header is not sent: a SOCKS proxy takes none'],
  ],
])('warnings for %j', (options, expected) => {
  expect(proxyWarnings(parse(options))).toEqual(expected)
})

test('what is shown of the options holds no secret', () => {
  setEnvironment({ HTTP_PROXY: 'http://me:hunter2@proxy.test' })
  const shown = (options: Readonly<Record<string, unknown>>) => describe(schema, parse(options))
  expect(
    shown({
      proxy_url: 'http://m%40e:hunter2@proxy.test',
      no_proxy: 'a.test, 10.0.0.0/8',
      proxy_connect_header: { A: ['b'] },
    }),
  ).toEqual({
    proxy_url: 'http://m%40e:<secret>@proxy.test:80',
    no_proxy: 'a.test, 10.0.0.0/8',
    proxy_from_environment: false,
    proxy_connect_header: { A: ['<secret>'] },
  })
  expect(shown({ proxy_from_environment: true })).toEqual({ proxy_from_environment: true })
  expect(shown({ proxy_url: 'socks5://me@[::1]' })).toMatchObject({ proxy_url: 'socks5://me@[::1]:1080' })
})
