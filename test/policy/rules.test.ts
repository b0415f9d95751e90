import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatProblem } from '../../src/engine/module.ts'
import { loadConfig } from '../../src/exporter.ts'
import { Denied } from '../../src/kit/failure.ts'
import { targets } from '../../src/kit/net/policy/options.ts'
import { anyAddress, createPolicy, defaultPolicy } from '../../src/kit/net/policy/policy.ts'
import { type Destination, destinationOf, parseHostPort } from '../../src/kit/net/target.ts'

// What needs no server: addresses of the Internet, and properties.

const policyOf = (rules: unknown) => createPolicy(targets.parse(rules))

const destination = (text: string): Destination =>
  /^https?:/.test(text) ? destinationOf(new URL(text)) : parseHostPort(text, 53)

/** `fine`, or the word; `address` is that of a name. */
function verdict(rules: unknown, text: string, address?: string): string {
  try {
    const judged = policyOf(rules).judge(destination(text))
    return address === undefined || judged.allows(address) ? 'fine' : 'address'
  } catch (error) {
    return (error as Denied).reason
  }
}

const lan = { allow: ['10.20.0.0/16:443', 'https://*.example.com', '2001:db8::/32'], allow_private: false }

test.each([
  [{}, 'http://8.8.8.8/', undefined, 'fine'],
  [{}, 'http://10.0.0.1/', undefined, 'fine'],
  [{}, 'http://[fd00::1]/', undefined, 'fine'],
  [{}, 'http://100.64.0.1/', undefined, 'fine'],
  [{}, 'http://100.100.100.201/', undefined, 'fine'],
  [{}, 'http://[64:ff9b::808:808]/', undefined, 'fine'],
  [{ allow_private: false }, 'http://8.8.8.8/', undefined, 'fine'],
  [{ allow_private: false }, 'http://[2606:4700::1111]/', undefined, 'fine'],
  [{ allow_private: false }, 'http://x.example/', '93.184.216.34', 'fine'],
  ...[
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.0.1', '172.31.255.255', '192.0.0.1', '192.168.0.1'],
    ...[
      '198.19.0.1',
      '224.0.0.1',
      '240.0.0.1',
      '255.255.255.255',
      '::',
      '::1',
      'fd00::1',
      'fe80::1',
      'ff02::1',
      'fec0::1',
    ],
    ...['64:ff9b::8.8.8.8', '64:ff9b:1::1', '2002:808:808::1', '::ffff:10.0.0.1', '::10.0.0.1', '2001:db8::5efe:a00:1'],
  ].map(address => [{ allow_private: false }, 'http://x.example/', address, 'address'] as const),
  [{ allow_private: false }, 'http://172.15.0.1/', undefined, 'fine'],
  [{ allow_private: false }, 'http://172.32.0.1/', undefined, 'fine'],
  [lan, 'https://10.20.1.2/', undefined, 'fine'],
  [lan, 'https://[::ffff:10.20.1.2]/', undefined, 'fine'],
  [lan, 'http://10.20.1.2/', undefined, 'address'],
  [{ allow: ['10.20.0.0/16:443'] }, 'http://10.20.1.2/', undefined, 'port'],
  [lan, 'https://10.21.1.2/', undefined, 'address'],
  [lan, 'https://x.example/', '10.20.1.2', 'fine'],
  [lan, 'https://x.example/', '10.21.1.2', 'address'],
  [lan, 'https://a.example.com/', '10.20.1.2', 'fine'],
  [lan, 'https://a.example.com/', '10.21.1.2', 'address'],
  [lan, 'https://a.example.com/', '93.184.216.34', 'fine'],
  [lan, 'https://a.b.example.com./x', '93.184.216.34', 'fine'],
  [lan, 'https://example.com/', '93.184.216.34', 'address'],
  [lan, 'https://a.example.com:8443/', '93.184.216.34', 'address'],
  [lan, 'http://a.example.com/', '2001:db8::5', 'fine'],
  [{ allow: ['93.184.216.0/24'] }, 'http://[64:ff9b::5db8:d822]/', undefined, 'fine'],
  [{ allow: ['93.184.216.0/24'] }, 'http://[2002:5db8:d822::1]/', undefined, 'address'],
  [{ allow: ['169.254.169.254'] }, 'http://2852039166/', undefined, 'fine'],
  [{ allow: ['169.254.169.254'] }, 'http://169.254.169.253/', undefined, 'address'],
  [{ allow: ['169.254.0.0/16'] }, 'http://169.254.1.1/', undefined, 'fine'],
  [{ allow: ['168.0.0.0/5'] }, 'http://169.254.1.1/', undefined, 'address'],
  [{ allow: ['http://169.254.169.254/latest/'] }, 'http://169.254.169.254/latest/x', undefined, 'fine'],
  [{ allow: ['http://169.254.169.254/latest/'] }, 'http://169.254.169.254/', undefined, 'path'],
  [{ allow: ['x.example', '100.100.100.200'] }, 'http://x.example/', '100.100.100.200', 'fine'],
  [{ allow: ['x.example', '100.64.0.0/10'] }, 'http://x.example/', '100.100.100.200', 'address'],
  [{ allow: ['*'], deny: ['169.254.169.254'] }, 'http://x.example/', '64:ff9b::a9fe:a9fe', 'address'],
  [{ allow: ['10.0.0.5'], deny: ['10.0.0.0/8'] }, 'http://10.0.0.5/', undefined, 'address'],
  [{ allow: ['x.example'], deny: ['x.example:8080'] }, 'http://x.example:8080/', undefined, 'host'],
  [{ deny: ['::/0'] }, 'http://x.example/', '2001:db8::1', 'address'],
  [{ deny: ['::/0'] }, 'http://x.example/', '192.0.2.1', 'fine'],
  [{ deny: ['0.0.0.0/0'] }, 'http://x.example/', '::ffff:192.0.2.1', 'address'],
  // A connection to no address at all ends at this machine.
  [{ deny: ['127.0.0.0/8'] }, 'http://0/', undefined, 'address'],
  [{ deny: ['127.0.0.0/8'] }, 'http://x.example/', '::', 'address'],
  [{ deny: ['127.0.0.0/8'] }, 'http://x.example/', '::ffff:0.0.0.0', 'address'],
  [{ deny: ['::1'] }, 'http://[::]/', undefined, 'address'],
  [{ deny: ['::1'] }, 'http://0.0.0.0/', undefined, 'address'],
  [{}, 'http://0.0.0.0/', undefined, 'fine'],
  [{ deny: ['~\\.php$'] }, 'https://x.example/a/%2e/b.php', undefined, 'host'],
  [{ deny: ['~^https://x\\.example/b$'] }, 'https://x.example/a/..%2fb', undefined, 'host'],
  [{ allow: ['~^https://api-\\d+\\.example$'] }, 'https://api-1.example', undefined, 'fine'],
  [{ allow: ['~^https://api-\\d+\\.example$'] }, 'https://api-1.example:444/', undefined, 'host'],
  [{ allow: ['~^https://api-\\d+\\.example$'] }, 'https://api-1.example/x', undefined, 'host'],
  [{ allow: ['~^192\\.0\\.2\\.\\d+:53$'] }, '192.0.2.7', undefined, 'fine'],
  [{ allow: ['~^192\\.0\\.2\\.\\d+:53$'] }, '192.0.2.7:54', undefined, 'host'],
  [{ allow: ['https://x.example/a;b'] }, 'https://x.example/a/secret', undefined, 'path'],
  [{ allow: ['https://x.example/a;b'] }, 'https://x.example/a;b/c', undefined, 'fine'],
  [{ allow: ['https://x.example/caf%C3%A9'] }, 'https://x.example/café/x', undefined, 'fine'],
  [{ allow: ['*:853'] }, 'ns.example:853', undefined, 'fine'],
  [{ allow: ['*:853'] }, 'ns.example', undefined, 'port'],
  [{ allow: ['https://ns.example/dns-query'] }, 'ns.example', undefined, 'scheme'],
] as const)('%j: %s (%s) is %s', (rules, text, address, expected) => {
  expect(verdict(rules, text, address)).toBe(expected)
})

describe('a name that a proxy looks up', () => {
  const isLeft = (rules: unknown) => policyOf(rules).judge(destination('http://x.example/')).allowsUnknown

  test.each([
    [{}, true],
    [{ deny: ['y.example'] }, true],
    [{ allow: ['x.example'], deny: ['10.0.0.0/8:81'], allow_private: false }, true],
    [{ allow: ['x.example'], deny: ['10.0.0.0/8'] }, false],
    [{ deny: ['10.0.0.0/8'] }, false],
    [{ allow_private: false }, false],
    [{ allow: ['10.0.0.0/8'] }, false],
  ])('%j: %s', (rules, expected) => {
    expect(isLeft(rules)).toBe(expected)
  })
})

const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255))

/** Every notation that a host may have for an IPv4 address. */
const spellings: readonly ((address: readonly number[]) => string)[] = [
  address => address.join('.'),
  address => address.map(octet => `0x${octet.toString(16)}`).join('.'),
  address => address.map(octet => `0${octet.toString(8)}`).join('.'),
  ([a = 0, b = 0, c = 0, d = 0]) => String(((a * 256 + b) * 256 + c) * 256 + d),
  ([a = 0, b = 0, c = 0, d = 0]) => `${a}.${(b * 256 + c) * 256 + d}`,
  ([a = 0, b = 0, c = 0, d = 0]) => `${a}.${b}.${c * 256 + d}`,
  address => `${address.join('.')}.`,
  address => address.join('。').replace(/\d/g, digit => String.fromCodePoint(0xff10 + Number(digit))),
  address => `[::ffff:${address.join('.')}]`,
  address => `[64:ff9b::${address.join('.')}]`,
]

test('however an address is written, the verdict is the same', () => {
  const rules = policyOf({ deny: ['10.0.0.0/8', '192.0.2.0/25'], allow_private: true })
  const isDenied = (host: string) => {
    try {
      rules.judge(destinationOf(new URL(`http://${host}/`)))
      return false
    } catch (error) {
      expect(error).toBeInstanceOf(Denied)
      return true
    }
  }
  const near = fc.oneof(
    octets,
    octets.map(([, , , d]) => [192, 0, 2, d]),
    octets.map(([, b, c, d]) => [10, b, c, d]),
    octets.map(([, , c, d]) => [169, 254, c, d]),
  )
  fc.assert(
    fc.property(near, address => {
      const [a = 0, b, c, d = 0] = address
      const expected =
        a === 10 ||
        (a === 192 && b === 0 && c === 2 && d < 128) ||
        (a === 169 && b === 254) ||
        ['100.100.100.200', '192.0.0.192'].includes(address.join('.'))
      expect(spellings.map(spell => isDenied(spell(address)))).toEqual(spellings.map(() => expected))
    }),
  )
})

test('whatever a target says, the judge answers or denies', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.nat(65_535), (host, path, port) => {
      for (const policy of [defaultPolicy, anyAddress, policyOf(lan)]) {
        try {
          policy.judge({ scheme: 'https', host, path: `/${path}`, port })
        } catch (error) {
          expect(error).toBeInstanceOf(Denied)
        }
      }
    }),
  )
})

describe('a module with credentials', () => {
  const warningsOf = (module: string, top = '') =>
    loadConfig(`${top}\nmodules: {m: {${module}}}`, 'x.yaml').warnings.map(formatProblem)

  const told = (options: string) =>
    `x.yaml:2:11 modules.m: it sends credentials (${options}) to whatever target is asked for: set targets.allow`

  test.each([
    ['prober: http, http: {basic_auth: {username: u}}', 'basic_auth'],
    ['prober: http, http: {authorization: {credentials: x}}', 'authorization'],
    ['prober: http, http: {bearer_token: x}', 'bearer_token'],
    ['prober: http, http: {oauth2: {client_id: a, token_url: "http://t.test/"}}', 'oauth2'],
    ['prober: http, http: {headers: {Authorization: x}}', 'headers.Authorization'],
    ['prober: http, http: {headers: {cookie: x}}', 'headers.cookie'],
    [
      'prober: http, http: {headers: {A: {secrets: [x]}}, http_headers: {B: {secrets: [y]}}}',
      'headers.A, http_headers.B',
    ],
    ['prober: api, api: {http_client_config: {bearer_token: x}}', 'bearer_token'],
    ['prober: api, api: {headers: {A: {env: HOME}, Cookie: x}}', 'headers.A, headers.Cookie'],
    ['prober: api, api: {query: {t: {env: HOME}}, body: {form: {p: {env: HOME}}}}', 'query.t, body'],
    ['prober: api, api: {requests: {a: {body: {json: {p: [{env: HOME}]}}}}}', 'body'],
    ['prober: http, auths: [a]', 'auths'],
    ['prober: http, auths: [a], http: {bearer_token: x}', 'bearer_token, auths'],
  ])('%s', (module, options) => {
    const top = module.includes('auths') ? 'auths: {a: {bearer_token: x}}' : ''
    expect(warningsOf(module, top)).toEqual([told(options)])
    expect(warningsOf(`${module}, targets: {deny: [x.test]}`, top)).toEqual([told(options)])
    expect(warningsOf(`${module}, targets: {allow: [x.test]}`, top)).toEqual([])
  })

  test('a client certificate counts, for DNS over TLS, too', () => {
    const tls = ['client.crt', 'client.key'].map(name => new URL(`../fixtures/tls/${name}`, import.meta.url).pathname)
    const config = `tls_config: {cert_file: ${tls[0]}, key_file: ${tls[1]}}`
    expect(warningsOf(`prober: http, http: {${config}}`)).toEqual([told('tls_config.cert_file')])
    expect(warningsOf(`prober: dns, dns: {query_name: x, query_type: A, transport: dot, ${config}}`)).toEqual([
      told('tls_config.cert_file'),
    ])
  })

  test('targets of the file count for modules that have none of their own', () => {
    const top = 'targets: {allow: [x.test]}'
    expect(warningsOf('prober: http, http: {bearer_token: x}', top)).toEqual([])
    expect(warningsOf('prober: http, targets: {}, http: {bearer_token: x}', top)).toEqual([told('bearer_token')])
  })
})

test('targets are shown as they were written', () => {
  const yaml = `
targets:
  allow: ['*.Example.COM', 10.0.0.0/8]
  deny: []
  allow_private: true
modules:
  m:
    prober: http
    targets:
      deny: ['~^https?://x', 'https://*.example.com:*/p', '[::1]:53']
      allow_private: false
`
  const shown = loadConfig(yaml, 'x.yaml').describe()
  for (const line of ["- '*.Example.COM'", '- 10.0.0.0/8', '- ~^https?://x', '- https://*.example.com:*/p']) {
    expect(shown).toContain(line)
  }
  expect(loadConfig(shown, 'x.yaml').describe()).toBe(shown)
})
