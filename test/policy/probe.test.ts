import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAnswer } from '../support/probe.ts'
import { serve, type TestServer } from '../support/servers.ts'
import { type Sonde, startSonde } from '../support/sonde.ts'
import { startResolver } from './lookups.ts'

// What the policy makes of targets, by the real /probe. Only loopback is ever connected to.

const names = {
  'good.test': ['127.0.0.1'],
  'www.good.test': ['127.0.0.1'],
  'good.test.evil.test': ['127.0.0.1'],
  'xn--mnchen-3ya.test': ['127.0.0.1'],
  'meta.test': ['169.254.169.254'],
  'mixed.test': ['127.0.0.1', '169.254.169.254'],
  'mapped.test': ['::ffff:169.254.169.254'],
  'nat64.test': ['64:ff9b::a9fe:a9fe'],
  'lan.test': ['10.1.2.3'],
  'second.test': ['127.0.0.2'],
  'rebind.test': [['127.0.0.1'], ['169.254.169.254']],
  'hop.test': [['127.0.0.1'], ['169.254.169.254']],
}

let sonde: Sonde
let server: TestServer
let resolver: ReturnType<typeof startResolver>

beforeAll(async () => {
  resolver = startResolver(names)
  server = await serve((request, response) => {
    const to = new URL(request.url ?? '', 'http://x').searchParams.get('to')
    if (to === null) response.end('fine')
    else response.writeHead(302, { location: to }).end()
  })
  const { port } = server
  const http = 'prober: http, timeout: 5s, http: {preferred_ip_protocol: ip4}'
  const dns = 'prober: dns, timeout: 1s, dns: {query_name: example.test, query_type: A, preferred_ip_protocol: ip4}'
  sonde = await startSonde(`
modules:
  open: {${http}}
  public: {${http}, targets: {allow_private: false}}
  named: {${http}, targets: {allow: [good.test, '*.good.test', 'münchen.test']}}
  network: {${http}, targets: {allow: ['127.0.0.1/32:${port}']}}
  both: {${http}, targets: {allow: ['127.0.0.1:${port}', '*.good.test'], allow_private: false}}
  url: {${http}, targets: {allow: ['http://good.test:${port}/public/']}}
  virtual: {${http}, targets: {allow: [good.test, 'http://www.good.test:${port}/public/']}}
  pattern: {${http}, targets: {allow: ['~^http://good\\.test:\\d+/v\\d+$']}}
  denying: {${http}, targets: {deny: ['http://*:${port}/admin', '127.0.0.2', evil.test, '*.evil.test', '*:1', 'https://*']}}
  named_meta: {${http}, targets: {allow: ['169.254.169.254:1', '0.0.0.0/0']}}
  api: {prober: api, timeout: 5s, targets: {allow: ['http://good.test:${port}/api/', 'http://meta.test/']}, api: {
    params: {page: {pattern: '.*'}}, path: '/api/{{param.page}}', format: text, preferred_ip_protocol: ip4}}
  server: {${dns}}
  public_server: {${dns}, targets: {allow_private: false}}
  named_server: {${dns}, targets: {allow: [good.test, '127.0.0.1:${port}'], allow_private: false}}
`)
})

afterAll(async () => {
  await sonde[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
  resolver[Symbol.dispose]()
})

/** `fine`, the reason of a failure, or status and text of a refusal; `:P` stands for the port of the server. */
async function verdict(module: string, target: string, further: Record<string, string> = {}): Promise<string> {
  const query = new URLSearchParams({ module, target: target.replaceAll(':P', `:${server.port}`), ...further })
  const answer = await readAnswer(await sonde.get(`/probe?${query}`))
  if (answer.status === 200) return answer.reason ?? 'fine'
  const [, word] = /^target refused by policy: (\w+)\n$/.exec(answer.text) ?? []
  return word === undefined ? String(answer.status) : `${answer.status} ${word}`
}

describe.each([
  '127.0.0.1:P',
  'http://127.0.0.1:P/',
  '127.1:P',
  '127.0.1:P',
  '2130706433:P',
  '0x7f000001:P',
  '0X7F.1:P',
  '0177.0.0.1:P',
  '017700000001:P',
  '127.0.0.1.:P',
  '[::ffff:127.0.0.1]:P',
  '[::ffff:7f00:1]:P',
  '[0:0:0:0:0:ffff:7f00:1]:P',
  '１２７.０.０.１:P',
  '127。0。0。1:P',
  '①②⑦.0.0.1:P',
  '%31%32%37.0.0.1:P',
])('loopback as %s', target => {
  test('is admitted where nothing forbids it, and by its network', async () => {
    expect(await verdict('open', target)).toBe('fine')
    expect(await verdict('network', target)).toBe('fine')
    expect(await verdict('both', target)).toBe('fine')
  })

  test('is refused where private networks are, and where only names are admitted', async () => {
    expect(await verdict('public', target)).toBe('403 address')
    expect(await verdict('named', target)).toBe('403 host')
    expect(await verdict('network', target.replace(':P', ':1'))).toBe('403 port')
  })
})

test.each([
  '169.254.169.254',
  'http://169.254.169.254/latest/meta-data/',
  'https://169.254.169.254/',
  '169.254.43518',
  '169.16689662',
  '2852039166',
  '0xa9fea9fe',
  '0xA9.0xFE.0xA9.0xFE',
  '0251.0376.0251.0376',
  '025177524776',
  '169.254.169.254.',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[0:0:0:0:0:FFFF:A9FE:A9FE]',
  '[::169.254.169.254]',
  '[::ffff:0:169.254.169.254]',
  '[64:ff9b::169.254.169.254]',
  '[64:ff9b:1::a9fe:a9fe]',
  '[64:ff9b:1:a9fe:a9:fe00::]',
  '[2002:a9fe:a9fe::1]',
  '[2001:db8::5efe:a9fe:a9fe]',
  '[2001:db8::200:5efe:169.254.169.254]',
  '１６９.２５４.１６９.２５４',
  '169。254。169。254',
  '①⑥⑨.254.169.254',
  '%31%36%39.254.169.254',
  '169.254.0.1',
  '169.254.255.255:8080',
  '[fe80::1]',
  '[febf::1]:443',
  '[fd00:ec2::254]',
  '[FD00:0EC2::0254]',
  '[fd20:ce::254]',
  '100.100.100.200',
  '192.0.0.192',
  'meta.test',
  'meta.test.',
  'META.test',
  'mixed.test',
  'mapped.test',
  'nat64.test',
])('%s is refused by default, and a wide network does not name it', async target => {
  expect(await verdict('open', target)).toBe('403 address')
  expect(await verdict('named_meta', target)).toBe('403 address')
  expect(await verdict('public', target)).toBe('403 address')
})

test.each([
  ['http://user@127.0.0.1:P/'],
  ['http://good.test@169.254.169.254/'],
  ['http://169.254.169.254@good.test:P/'],
  ['http://@169.254.169.254/'],
  ['http://good.test:P#@169.254.169.254/'],
  ['http://good.test:P/#x'],
  ['http://good.test:P\\@169.254.169.254/'],
  ['http:\\\\169.254.169.254/'],
  ['http:169.254.169.254'],
  ['ftp://169.254.169.254/'],
  ['file:///etc/passwd'],
  ['gopher://169.254.169.254:80/_'],
  ['http://[fe80::1%25eth0]/'],
  ['http://[::1'],
  ['http://good.test:P /'],
  ['http://good.test\t:P/'],
  ['http://169.254.169.254:99999/'],
  ['http://256.256.256.256/'],
  ['//169.254.169.254/'],
])('%s is no target', async target => {
  expect(await verdict('open', target)).toBe('400')
})

describe('names', () => {
  test.each([
    ['named', 'good.test:P', 'fine'],
    ['named', 'GOOD.Test.:P', 'fine'],
    ['named', 'www.good.test:P', 'fine'],
    ['named', 'münchen.test:P', 'fine'],
    ['named', 'MÜNCHEN.test:P', 'fine'],
    ['named', 'xn--mnchen-3ya.test:P', 'fine'],
    ['named', 'good.test.evil.test:P', '403 host'],
    ['named', 'notgood.test:P', '403 host'],
    ['named', 'localhost:P', '403 host'],
    ['network', 'good.test:P', 'fine'],
    ['network', 'second.test:P', '403 address'],
    ['network', 'mixed.test:P', '403 address'],
    ['network', 'good.test:1', '403 port'],
    ['both', 'good.test:P', 'fine'],
    ['both', 'www.good.test:P', 'fine'],
    ['both', 'www.good.test:1', '403 address'],
    ['both', 'lan.test:P', '403 address'],
    ['public', 'lan.test:P', '403 address'],
    ['public', 'localhost:P', '403 address'],
    ['public', 'good.test:P', '403 address'],
    ['denying', 'good.test:P', 'fine'],
    ['denying', 'second.test:P', '403 address'],
    ['denying', '127.0.0.2:P', '403 address'],
    ['denying', '[::ffff:127.0.0.2]:P', '403 address'],
    ['denying', 'good.test.evil.test:P', '403 host'],
    ['denying', 'good.test.evil.test.:P', '403 host'],
    ['denying', 'good.test:1', '403 port'],
    ['denying', 'https://good.test:443/', '403 scheme'],
    ['named_meta', '169.254.169.254:1', 'connect'],
  ])('%s: %s gives %s', async (module, target, expected) => {
    if (expected === 'connect') expect(await verdict(module, target)).not.toMatch(/^\d/)
    else expect(await verdict(module, target)).toBe(expected)
  })

  test('the address that was checked is the one that is connected to', async () => {
    expect(await verdict('open', 'rebind.test:P')).toBe('fine')
    expect(resolver.asked.filter(name => name === 'rebind.test')).toHaveLength(1)
    expect(await verdict('open', 'rebind.test:P')).toBe('403 address')
  })

  test('a name for the virtual host is judged like the one of the target', async () => {
    expect(await verdict('named', 'good.test:P', { hostname: 'www.good.test' })).toBe('fine')
    expect(await verdict('named', 'good.test:P', { hostname: 'vault.evil.test:8080' })).toBe('403 host')
    expect(await verdict('network', '127.0.0.1:P', { hostname: 'vault.evil.test' })).toBe('fine')
    expect(await verdict('denying', '127.0.0.1:P', { hostname: 'vault.evil.test' })).toBe('403 host')
    expect(await verdict('open', 'good.test:P', { hostname: '169.254.169.254' })).toBe('403 address')
  })
})

describe('URLs', () => {
  test.each([
    ['url', 'http://good.test:P/public/', 'fine'],
    ['url', 'http://good.test:P/public/a?b=/../c', 'fine'],
    ['url', 'good.test:P/public/a', 'fine'],
    ['url', 'http://good.test:P/', '403 path'],
    ['url', 'http://good.test:P/publicity', '403 path'],
    ['url', 'http://good.test:P/public/../admin', '403 path'],
    ['url', 'http://good.test:P/public/%2e%2e/admin', '403 path'],
    ['url', 'http://good.test:P/public/..%2fadmin', '403 path'],
    ['url', 'http://good.test:P/public/..%5cadmin', '403 path'],
    ['url', 'http://good.test:P/public/..;x/admin', '403 path'],
    ['url', 'http://good.test:P/public/%252e%252e/admin', '403 path'],
    ['url', 'http://good.test:P/admin/../public/', '403 path'], // a server may take it by the letter
    ['url', 'http://good.test:P/admin/%2e%2e/public/', '403 path'],
    ['url', 'http://good.test:P//public/', '403 path'],
    ['url', 'http://good.test:P/PUBLIC/', '403 path'],
    ['url', 'http://good.test:1/public/', '403 port'],
    ['url', 'https://good.test:P/public/', '403 scheme'],
    ['url', 'http://www.good.test:P/public/', '403 host'],
    ['pattern', 'http://good.test:P/v1', 'fine'],
    ['pattern', 'http://GOOD.test.:P/v1', 'fine'],
    ['pattern', 'http://good.test:P/v1?x', '403 host'],
    ['pattern', 'http://good.test:P/v1/..', '403 host'],
    ['denying', 'http://good.test:P/admin', '403 path'],
    ['denying', 'http://good.test:P/admin/x', '403 path'],
    ['denying', 'http://good.test:P//admin', '403 path'],
    ['denying', 'http://good.test:P/%61dmin', '403 path'],
    ['denying', 'http://good.test:P/x/../admin', '403 path'],
    ['denying', 'http://good.test:P/admin;a=b/x', '403 path'],
    ['denying', 'http://good.test:P/admin/../x', '403 path'], // it goes out as it stands
    ['denying', 'http://good.test:P/%2561dmin', '403 path'],
    ['denying', 'http://good.test:P/admin%2f..%2fx', '403 path'],
    ['denying', 'http://good.test:P/%61dmin/../x', '403 path'],
    ['denying', 'http://good.test:P/administrator', 'fine'],
    ['denying', 'http://good.test:P/?x=/admin', 'fine'],
  ])('%s: %s gives %s', async (module, target, expected) => {
    expect(await verdict(module, target)).toBe(expected)
  })
})

test.each([
  ['good.test:P', 'x', 'fine'],
  ['good.test:P', '../admin', '400'], // a value is no step
  ['good.test:P', '..%2fadmin', '403 path'], // it goes out as ..%252fadmin, which servers may read as another path
  ['good.test:P/sub', 'x', '403 path'],
  ['good.test:P/sub/..', 'x', '403 path'],
  ['good.test:1', 'x', '403 port'],
  ['www.good.test:P', 'x', '403 host'],
  ['meta.test', 'x', '403 address'],
  ['127.0.0.1:P', 'x', '403 host'],
])('api: %s with the parameter %s gives %s', async (target, page, expected) => {
  expect(await verdict('api', target, { page })).toBe(expected)
})

describe('redirects', () => {
  const to = (location: string) => `?to=${encodeURIComponent(location.replaceAll(':P', `:${server.port}`))}`

  test.each([
    ['open', 'good.test:P', 'http://www.good.test:P/', 'fine'],
    ['open', 'good.test:P', 'http://169.254.169.254/', 'denied'],
    ['open', 'good.test:P', '//0xa9fea9fe/', 'denied'],
    ['open', 'good.test:P', 'http://good.test@169.254.169.254/', 'denied'],
    ['open', 'good.test:P', 'http://[::ffff:a9fe:a9fe]/', 'denied'],
    ['open', 'good.test:P', 'http://meta.test/', 'denied'],
    ['open', 'good.test:P', 'http:\\\\169.254.169.254\\', 'denied'],
    ['open', 'hop.test:P', '/?to=%2Fend', 'denied'],
    ['named', 'good.test:P', '/end', 'fine'],
    ['named', 'good.test:P', 'http://www.good.test:P/', 'fine'],
    ['named', 'good.test:P', 'http://127.0.0.1:P/', 'denied'],
    ['network', '127.0.0.1:P', 'http://good.test:P/', 'fine'],
    ['network', '127.0.0.1:P', 'http://second.test:P/', 'denied'],
    ['network', '127.0.0.1:P', 'http://127.0.0.1:1/', 'denied'],
    ['url', 'good.test:P/public/', '/public/end', 'fine'],
    ['url', 'good.test:P/public/', '/admin', 'denied'],
    ['url', 'good.test:P/public/', '/public/..%2fadmin', 'denied'],
    ['url', 'good.test:P/public/', 'http://good.test:P/admin/%2e%2e/public/', 'denied'],
    ['url', 'good.test:P/public/', 'https://good.test:P/public/', 'denied'],
    ['denying', 'good.test:P', '/%61dmin', 'denied'],
    ['denying', 'good.test:P', 'http://a.evil.test/', 'denied'],
  ])('%s: from %s to %s is %s', async (module, target, location, expected) => {
    expect(await verdict(module, target + to(location))).toBe(expected)
  })
})

test('a virtual host is judged with the path of a relative redirect, too', async () => {
  const target = 'good.test:P/public/?to=%2Fadmin%2F'
  expect(await verdict('virtual', target)).toBe('fine')
  expect(await verdict('virtual', target, { hostname: 'good.test' })).toBe('fine')
  expect(await verdict('virtual', target, { hostname: 'www.good.test' })).toBe('denied')
})

describe('DNS servers', () => {
  test.each([
    ['server', '169.254.169.254', '403 address'],
    ['server', '0xa9fea9fe', '403 address'],
    ['server', '0xa9fea9fe:5353', '403 address'],
    ['server', '[::ffff:169.254.169.254]:53', '403 address'],
    ['server', 'meta.test', '403 address'],
    ['server', '127.1:P', 'connect'],
    ['public_server', '127.0.0.1', '403 address'],
    ['public_server', '127.1', '403 address'],
    ['public_server', '192.0.2.1:5353', '403 port'],
    ['public_server', '[2001:db8::1]:22', '403 port'],
    ['public_server', 'good.test:80', '403 port'],
    ['named_server', 'good.test', '403 address'],
    ['named_server', 'good.test:P', 'connect'],
    ['named_server', 'good.test:8080', '403 port'],
    ['named_server', '127.0.0.1', '403 port'],
    ['named_server', 'GOOD.test.', '403 address'],
    ['named_server', 'www.good.test', '403 port'],
  ])('%s: %s gives %s', async (module, target, expected) => {
    expect(await verdict(module, target)).toBe(expected)
  })
})

test('the log names the address that was refused, the answer does not', async () => {
  const answer = await readAnswer(await sonde.get('/probe?module=open&target=mixed.test&debug=true'))
  expect(answer.text).toBe('target refused by policy: address\n')
  expect(sonde.lines.join('')).toContain('msg="the policy refuses an address of the host"')
  expect(sonde.lines.join('')).toMatch(/host=mixed\.test address=169\.254\.169\.254/)
})

test('refusals are counted by their one word, and their text says no more', async () => {
  const counts = async () => {
    const { series } = await readAnswer(await sonde.get('/metrics'))
    const own = series.filter(({ name }) => name === 'sonde_targets_rejected_total')
    return Object.fromEntries(own.map(({ labels, value }): [string, number] => [labels.reason ?? '', value]))
  }
  const before = await counts()
  await verdict('open', 'meta.test')
  await verdict('open', '169.254.1.1')
  await verdict('named', 'lan.test')
  await verdict('url', 'good.test:P/admin')
  await verdict('url', 'good.test:1/public/')
  await verdict('url', 'https://good.test:P/public/')
  await verdict('open', `good.test:P?to=${encodeURIComponent('http://meta.test/')}`)
  const after = await counts()
  const more = Object.fromEntries(Object.entries(after).map(([word, count]) => [word, count - (before[word] ?? 0)]))
  expect(more).toEqual({ address: 2, host: 1, path: 1, port: 1, scheme: 1, redirect: 1 })
})
