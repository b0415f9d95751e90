import { expect, test, vi } from 'vitest'
import { chooseProxy, needsTunnel } from '../../../../src/kit/net/proxy/choose.ts'
import { parseProxy, shownProxy } from '../../../../src/kit/net/proxy/proxy-url.ts'
import { parse } from './support.ts'

const proxy_url = 'http://proxy.test:3128'

/** Where a request goes: through the proxy, or directly. */
const way = (no_proxy: string | undefined, url: string, address?: string) =>
  chooseProxy(new URL(url), address, parse({ proxy_url, no_proxy })) === undefined ? 'direct' : 'proxy'

test.each(['http://example.com', 'https://example.com', 'http://localhost', 'http://127.0.0.1', 'https://[::1]:8443'])(
  'proxy_url alone takes everything: %s',
  url => {
    expect(way(undefined, url, '127.0.0.1')).toBe('proxy')
    expect(way('', url)).toBe('proxy')
  },
)

// The list and the expectations of golang.org/x/net/http/httpproxy (TestUseProxy).
const goList =
  'foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, 2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64'

test.each([
  ['localhost', 'direct'],
  ['127.0.0.1', 'direct'],
  ['127.0.0.2', 'direct'],
  ['[::1]', 'direct'],
  ['[::2]', 'proxy'],
  ['192.168.1.1', 'direct'],
  ['192.168.1.2', 'proxy'],
  ['192.168.1.3', 'direct'],
  ['192.168.1.4', 'proxy'],
  ['10.0.0.2', 'direct'],
  ['[2001:db8::52:0:1]', 'direct'],
  ['[2001:db8::52:0:2]', 'proxy'],
  ['[2001:db8::52:0:3]', 'direct'],
  ['[2002:db8:a::123]', 'direct'],
  ['[fe80::424b:c8be:1643:a1b6]', 'proxy'],
  ['barbaz.net', 'proxy'],
  ['www.barbaz.net', 'direct'],
  ['foobar.com', 'direct'],
  ['www.foobar.com', 'direct'],
  ['foofoobar.com', 'proxy'],
  ['baz.com', 'proxy'],
  ['localhost.net', 'proxy'],
  ['local.localhost', 'proxy'],
  ['barbarbaz.net', 'proxy'],
  ['wildcard.io', 'proxy'],
  ['nested.wildcard.io', 'direct'],
  ['awildcard.io', 'proxy'],
])("Go's table: %s", (host, expected) => {
  expect(way(goList, `http://${host}/`)).toBe(expected)
  expect(way('*', `http://${host}/`)).toBe('direct')
})

test.each([
  ['example.com', 'http://example.com/', 'direct'],
  ['.example.com', 'http://example.com/', 'proxy'],
  ['ample.com', 'http://example.com/', 'proxy'],
  ['example.com', 'http://foo.example.com/', 'direct'],
  ['.foo.com', 'http://example.com/', 'proxy'],
  ['.示例.com', 'http://www.示例.com', 'direct'],
  ['xn--fsq092h.com', 'http://www.示例.com', 'direct'],
  ['示例.com', 'http://www.xn--fsq092h.com', 'direct'],
  ['EXAMPLE.com', 'http://Example.COM', 'direct'],
  ['a.test, *', 'http://example.com', 'direct'],
  ['example.com:443', 'https://example.com', 'direct'],
  ['example.com:443', 'http://example.com', 'proxy'],
  ['.example.com:8080', 'http://a.example.com:8080', 'direct'],
  ['[2001:db8::1]', 'http://[2001:db8::1]:99', 'direct'],
  ['10.1.2.3/8', 'http://10.9.9.9', 'direct'],
  ['0.0.0.0/0', 'http://192.0.2.1', 'direct'],
  ['0.0.0.0/0', 'http://[2001:db8::1]', 'proxy'],
  ['192.0.2.0/24', 'http://[::ffff:192.0.2.7]', 'direct'],
  ['other.test', 'http://[::ffff:127.0.0.1]', 'direct'],
  [' , ,', 'http://example.com', 'proxy'],
  [' ', 'http://localhost', 'direct'],
])('no_proxy %j and %s: %s', (list, url, expected) => {
  expect(way(list, url)).toBe(expected)
})

test.each([
  ['192.0.2.0/24', '192.0.2.7', 'direct'],
  ['192.0.2.7', '192.0.2.7', 'direct'],
  ['192.0.2.7:80', '192.0.2.7', 'direct'],
  ['192.0.2.7:443', '192.0.2.7', 'proxy'],
  ['2001:db8::/32', '2001:db8::1', 'direct'],
  ['192.0.2.0/24', '198.51.100.1', 'proxy'],
  ['192.0.2.0/24', undefined, 'proxy'],
  ['name.test', '192.0.2.7', 'direct'],
  ['elsewhere.test', '127.0.0.1', 'direct'],
  ['fe80::/10', 'fe80::1%eth0', 'direct'],
])('no_proxy %s and a name with the address %s: %s', (list, address, expected) => {
  expect(way(list, 'http://name.test/', address)).toBe(expected)
})

const inEnvironment = (env: Readonly<Record<string, string>>, url: string, address?: string) => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'REQUEST_METHOD']) {
    vi.stubEnv(name, env[name])
    vi.stubEnv(name.toLowerCase(), env[name.toLowerCase()])
  }
  try {
    const proxy = chooseProxy(new URL(url), address, parse({ proxy_from_environment: true }))
    return { shown: proxy && shownProxy(proxy), proxy }
  } finally {
    vi.unstubAllEnvs()
  }
}

test.each([
  [{ HTTP_PROXY: '127.0.0.1:8080' }, 'http://127.0.0.1:8080'],
  [{ HTTP_PROXY: 'cache.corp.test:1234' }, 'http://cache.corp.test:1234'],
  [{ HTTP_PROXY: 'cache.corp.test' }, 'http://cache.corp.test:80'],
  [{ HTTP_PROXY: 'localhost' }, 'http://localhost:80'],
  [{ HTTP_PROXY: 'https://cache.corp.test/' }, 'https://cache.corp.test:443'],
  [{ HTTP_PROXY: 'socks5://127.0.0.1' }, 'socks5://127.0.0.1:1080'],
  [{ HTTP_PROXY: 'socks5h://cache.corp.test:1' }, 'socks5h://cache.corp.test:1'],
  [{ http_proxy: 'small.test:1' }, 'http://small.test:1'],
  [{ HTTP_PROXY: 'big.test:1', http_proxy: 'small.test:1' }, 'http://big.test:1'],
  [{ HTTP_PROXY: '', http_proxy: 'small.test:1' }, 'http://small.test:1'],
  [{ HTTPS_PROXY: 'secure.test:1' }, undefined],
  [{ HTTP_PROXY: 'proxy.test', HTTPS_PROXY: 'secure.test' }, 'http://proxy.test:80'],
  [{ HTTP_PROXY: 'proxy.test', NO_PROXY: 'example.com' }, undefined],
  [{ HTTP_PROXY: 'proxy.test', no_proxy: 'example.com' }, undefined],
  [{ HTTP_PROXY: 'proxy.test', NO_PROXY: 'other.test', no_proxy: 'example.com' }, 'http://proxy.test:80'],
  [{ HTTP_PROXY: 'proxy.test', REQUEST_METHOD: 'GET' }, undefined],
  [{}, undefined],
] as const)('the environment %j for http://example.com', (env, expected) => {
  expect(inEnvironment(env, 'http://example.com').shown).toBe(expected)
})

test.each([
  [{ HTTPS_PROXY: 'secure.test' }, 'http://secure.test:80'],
  [{ HTTPS_PROXY: 'https://secure.test' }, 'https://secure.test:443'],
  [{ https_proxy: 'secure.test' }, 'http://secure.test:80'],
  [{ HTTP_PROXY: 'proxy.test' }, undefined],
  [{ HTTPS_PROXY: 'secure.test', REQUEST_METHOD: 'GET' }, 'http://secure.test:80'],
] as const)('the environment %j for https://example.com', (env, expected) => {
  expect(inEnvironment(env, 'https://example.com').shown).toBe(expected)
})

test('the environment never sends to this machine through the proxy', () => {
  const env = { HTTP_PROXY: 'proxy.test', HTTPS_PROXY: 'proxy.test' }
  for (const url of ['http://localhost:1', 'https://127.9.9.9', 'http://[::1]']) {
    expect(inEnvironment(env, url).shown).toBeUndefined()
  }
  expect(inEnvironment(env, 'http://name.test', '127.0.0.1').shown).toBeUndefined()
  expect(inEnvironment(env, 'http://name.test', '192.0.2.1').shown).toBe('http://proxy.test:80')
})

test('credentials of the environment', () => {
  const { proxy } = inEnvironment({ HTTP_PROXY: 'me:p%40ss@proxy.test:3128' }, 'http://example.com')
  expect([proxy?.username, proxy?.password?.peek(), proxy?.host]).toEqual(['me', 'p@ss', 'proxy.test'])
})

test.each([
  ['http://proxy.test', 'http://a.test', false],
  ['https://proxy.test', 'http://a.test', false],
  ['http://proxy.test', 'https://a.test', true],
  ['socks5://proxy.test', 'http://a.test', true],
])('needsTunnel: %s for %s', (proxy, url, expected) => {
  expect(needsTunnel(parseProxy(proxy), new URL(url))).toBe(expected)
})
