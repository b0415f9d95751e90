import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect } from 'vitest'
import { readDnsmasq } from '../../../src/probers/dhcp/server-config/dnsmasq.ts'
import { readNow, readSoon } from '../../../src/probers/dhcp/server-config/files.ts'
import { readIsc } from '../../../src/probers/dhcp/server-config/isc.ts'
import { readKea } from '../../../src/probers/dhcp/server-config/kea.ts'
import {
  type Reading,
  type Reply,
  ServerConfigError,
  type ServerPools,
} from '../../../src/probers/dhcp/server-config/reading.ts'
import { bestOf } from '../../support/best-of.ts'
import { test } from '../../support/files.ts'
import { watchLoop } from '../../support/loop.ts'
import { fixture, fixtureRoot } from './reading.ts'

const readers = { isc: readIsc, kea: readKea, dnsmasq: readDnsmasq } as const
type Server = keyof typeof readers

/** Reads texts as if they were files, by absolute path. */
function readTexts(server: Server, files: Readonly<Record<string, string>>): ServerPools {
  const reading: Reading<ServerPools> = readers[server]('/c/main')
  let step = reading.next()
  while (step.done !== true) {
    const wish = step.value
    let reply: Reply | undefined
    if (wish !== 'pause' && 'file' in wish) {
      const text = files[wish.file]
      reply = text === undefined ? { fault: 'no such file' } : { text }
    } else if (wish !== 'pause') {
      const names = Object.keys(files)
        .filter(path => path.startsWith(`${wish.folder}/`))
        .map(path => path.slice(wish.folder.length + 1))
      reply = names.length === 0 ? { fault: 'no such file' } : { names }
    }
    step = reading.next(reply)
  }
  return step.value
}

/** `name size`, with the shared network where there is one. */
const shown = ({ pools }: ServerPools) =>
  pools.map(({ name, size, sharedNetwork }) => [name, size, ...(sharedNetwork === '' ? [] : [sharedNetwork])].join(' '))

const poolsIn = (server: Server, text: string, more: Readonly<Record<string, string>> = {}) =>
  shown(readTexts(server, { '/c/main': text, ...more }))

describe('the configurations that wrote the lease files', () => {
  test.for([
    [
      'isc',
      'isc-dhcpd/v4-small.dhcpd.conf',
      [
        '10.10.0.10-10.10.0.29 20 campus net',
        '10.10.0.100-10.10.0.119 20 campus net',
        '10.10.1.10-10.10.1.13 4 campus net',
        '10.10.9.200-10.10.9.209 10',
        '10.10.9.220-10.10.9.220 1',
      ],
    ],
    [
      'isc',
      'isc-dhcpd/v4-large.dhcpd.conf',
      ['10.10.64.0-10.10.127.255 16384 big', '10.11.0.10-10.11.39.255 10230 big'],
    ],
    [
      'isc',
      'isc-dhcpd/v6-small.dhcpd6.conf',
      [
        'fd00:10:0:1::1000-fd00:10:0:1::1fff 4096',
        'fd00:10:0:2::/64 18446744073709551616',
        'fd00:10:100::-fd00:10:1ff::/48 256',
        'fd00:20::10-fd00:20::1f 16',
      ],
    ],
    [
      'kea',
      'kea/v4-small.kea-dhcp4.conf',
      [
        '10.30.0.10-10.30.0.29 20 campus',
        '10.30.0.64/28 16 campus',
        '10.30.1.10-10.30.1.19 10 campus',
        '10.30.9.200-10.30.9.209 10',
      ],
    ],
    ['kea', 'kea/v6-small.kea-dhcp6.conf', ['2001:db8:1::10-2001:db8:1::ff 240', '2001:db8:8000::/40 65536']],
    [
      'dnsmasq',
      'dnsmasq/v4v6-small.dnsmasq.conf',
      ['10.40.1.10-10.40.1.19 10', 'fd00:40::100-fd00:40::1ff 256', '10.40.0.10-10.40.0.99 90'],
    ],
  ] as const)('%s %s', async ([server, name, expected]) => {
    expect(poolsIn(server, fixture(name).toString())).toEqual(expected)
    const path = join(fixtureRoot, name)
    expect(shown(readNow(readers[server](path), new Map()))).toEqual(expected)
    expect(shown(await readSoon(readers[server](path), new Map(), new AbortController().signal))).toEqual(expected)
  })
})

describe('dhcpd.conf', () => {
  test.for([
    ['nothing', '', []],
    ['a single address', 'subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.9; }', ['10.0.0.9-10.0.0.9 1']],
    ['from high to low', 'subnet 10.0.0.0 netmask 255.255.255.0 { range 10.0.0.9 10.0.0.1; }', ['10.0.0.1-10.0.0.9 9']],
    [
      'zeros before a decimal number',
      'subnet 010.000.0.0 netmask 255.255.255.000 { range 10.0.0.010 10.000.000.099; }',
      ['10.0.0.10-10.0.0.99 90'],
    ],
    [
      'dynamic-bootp, any case, comments, any white space',
      'SUBNET 10.0.0.0 # {\n NetMask\t255.255.255.0{Range dynamic-BOOTP 10.0.0.1\n10.0.0.9;}',
      ['10.0.0.1-10.0.0.9 9'],
    ],
    [
      'groups, pools, hosts, classes, conditions, strings with braces',
      `group { option x "}{;\\"range 1.1.1.1;";
         host a { hardware ethernet 0:0:0:0:0:1; }
         subnet 10.0.0.0 netmask 255.255.0.0 {
           if option a = "b" { range 9.9.9.9; } elsif known { } else { log (info, "{"); }
           pool { allow members of "c"; range 10.0.0.1 10.0.0.2; range 10.0.1.1 10.0.1.2; }
           pool { failover peer "x"; range 10.0.2.1; }
           on commit { execute("x", "}"); }
         } }
       class "c" { match if true; }
       option contract.x code 43 = { integer 8, text };
       key k { algorithm hmac-md5; secret a==; };`,
      ['10.0.0.1-10.0.0.2 2', '10.0.1.1-10.0.1.2 2', '10.0.2.1-10.0.2.1 1'],
    ],
    [
      'shared networks by word and by string',
      `shared-network a { pool { range 10.0.0.1; } }
       shared-network "b \\"c\\"" { subnet 10.1.0.0 netmask 255.255.255.0 { range 10.1.0.1; } }`,
      ['10.0.0.1-10.0.0.1 1 a', '10.1.0.1-10.1.0.1 1 b "c"'],
    ],
    [
      'all of IPv6',
      `subnet6 fd00::/32 { range6 fd00::1 fd00::2; range6 fd00:0:1::/64; range6 fd00:0:2::/64 temporary; range6 fd00:0:3:: temporary;
         prefix6 fd00:0:100:: fd00:0:1ff:: / 48; pool6 { range6 fd00::20 fd00::10; } }`,
      [
        'fd00::1-fd00::2 2',
        'fd00:0:1::/64 18446744073709551616',
        'fd00:0:2::/64 18446744073709551616',
        'fd00:0:3::/64 18446744073709551616',
        'fd00:0:100::-fd00:0:1ff::/48 256',
        'fd00::10-fd00::20 17',
      ],
    ],
  ] as const)('%s', ([, text, expected]) => {
    expect(poolsIn('isc', text)).toEqual(expected)
  })

  test('files included at the top and within blocks, relative to the one that includes', () => {
    const files = {
      '/c/nets/a': 'subnet 10.0.0.0 netmask 255.255.255.0 { include "more/b"; }',
      '/c/nets/more/b': 'range 10.0.0.1;\n',
      '/etc/c': 'range 10.0.0.2;',
    }
    const text = 'shared-network n { include "nets/a"; pool { include "/etc/c"; } }'
    expect(poolsIn('isc', text, files)).toEqual(['10.0.0.1-10.0.0.1 1 n', '10.0.0.2-10.0.0.2 1 n'])
  })

  test.for([
    ['subnet 10.0.0.0 netmask 255.255.255.0 {', 1, 'a block without end'],
    ['a;\n}', 2, 'a closing brace too many'],
    ['a;\nb', 2, 'a statement without its semicolon'],
    ['subnet 10.0.0.0 netmask 255.255.255.0 {\n range 10.0.0.1\n}', 2, 'a statement without its semicolon'],
    ['host {\n "x', 2, 'a string without end'],
    ['host a {\n', 1, 'a block without end'],
    ['subnet 10.0.0.0 { }', 1, 'expected subnet ADDRESS netmask MASK'],
    ['subnet 10.0.0.0 netmask 255.0.255.0 { }', 1, 'expected a netmask such as 255.255.255.0'],
    ['subnet 10.0.0.1 netmask 255.255.255.0 { }', 1, 'bits beyond the prefix, expected 10.0.0.0/24'],
    ['subnet 10.0.0.0 netmask 255.255.255.0 {\n\nrange 10.0.1.1; }', 3, 'the range is not in its subnet'],
    ['subnet 10.0.0.0 netmask 255.255.255.0 { range6 fd00::1 fd00::2; }', 1, 'the range is not in its subnet'],
    ['group { range a b; }', 1, 'expected an IPv4 address'],
    ['group { range6 10.0.0.1 10.0.0.2; }', 1, 'expected an IPv6 address'],
    ['group { range6 fd00::1; }', 1, 'expected range6 FIRST LAST or range6 NETWORK'],
    ['group { range6 fd00::1 temporary; }', 1, 'bits beyond the prefix, expected fd00::/64'],
    ['group { range; }', 1, 'expected range FIRST LAST'],
    ['group { prefix6 fd00:: fd00::; }', 1, 'expected prefix6 FIRST LAST /LENGTH'],
    ['group { prefix6 fd00:: fd00:0:1:: /129; }', 1, 'expected a prefix length from 0 to 128'],
    ['group { prefix6 fd00::1 fd00:0:1:: /48; }', 1, 'expected whole prefixes of the delegated length 48'],
    ['group {'.repeat(40), 1, 'too many blocks in one another'],
    ['shared-network { }', 1, 'expected the name of a shared network'],
    ['include gone;', 1, 'expected a file name in quotation marks'],
    ['include "gone";', 1, 'no such file'],
    ['\ninclude "main";', 2, 'the file includes itself'],
  ] as const)('%j: line %d: %s', ([text, line, message]) => {
    expect(() => poolsIn('isc', text)).toThrow(new ServerConfigError({ file: '/c/main', line }, message))
  })
})

describe('Kea', () => {
  const dhcp4 = (subnet: string) => `{"Dhcp4": {"subnet4": [${subnet}]}}`

  test('comments, commas before an end, and includes, wherever they stand', () => {
    const text = `# shell
      { // C++
        "Dhcp4": /* C
        "subnet4": [ */ {
          <?include "shared.json"?>,
          "subnet4": [ { "pools": [ {"pool": "10.0.0.1 - 10.0.0.9",}, <?include "/etc/pools"?> ], }, ],
          "text": "# // /* <?include \\"x\\"?> \\u0041",
        },
      }`
    const files = {
      '/c/shared.json': '"shared-networks": [{"name": "a", "subnet4": <?include "subnets"?>}]',
      '/c/subnets': '[{"pools": [{"pool": "10.1.0.0/24"}]}] // the end',
      '/etc/pools': '{"pool": "10.2.0.1-10.2.0.1"}',
    }
    expect(poolsIn('kea', text, files)).toEqual(['10.1.0.0/24 256 a', '10.0.0.1-10.0.0.9 9', '10.2.0.1-10.2.0.1 1'])
  })

  test('what Kea warns of at most: commas and numbers', () => {
    const pools = '[{"pool": "10.0.0.0/24"},,{"pool": "10.0.1.0/24",,},,]'
    expect(
      poolsIn('kea', `{"Dhcp4": {"valid-lifetime": 0100,, "a": [1., .5], "subnet4": [{"pools": ${pools}}],},}`),
    ).toEqual(['10.0.0.0/24 256', '10.0.1.0/24 256'])
  })

  test('a pool from an address to the end of its network', () => {
    expect(poolsIn('kea', dhcp4('{"pools": [{"pool": "10.0.0.10/28"}]}'))).toEqual(['10.0.0.10-10.0.0.15 6'])
    const six = '{"Dhcp6": {"subnet6": [{"pools": [{"pool": "fd00::1/120"}]}]}}'
    expect(poolsIn('kea', six)).toEqual(['fd00::1-fd00::ff 255'])
  })

  test('a prefix that is excluded from the delegated ones leaves their number', () => {
    const text = `{"Dhcp6": {"shared-networks": [{"name": "n", "subnet6": [{"pd-pools": [{
      "prefix": "2001:db8:1::", "prefix-len": 48, "delegated-len": 64,
      "excluded-prefix": "2001:db8:1:0:8000::", "excluded-prefix-len": 72}]}]}]}}`
    expect(poolsIn('kea', text)).toEqual(['2001:db8:1::/48 65536 n'])
  })

  test.for([
    ['', 1, 'the end comes too early'],
    ['{"Dhcp4": {}', 1, 'the end comes too early'],
    ['{"Dhcp4": {}}\n1', 2, 'expected the end'],
    ['{"Dhcp4": {}}}', 1, 'a closing bracket that does not belong there'],
    ['{"Dhcp4": ]', 1, 'a closing bracket that does not belong there'],
    ['{"Dhcp4"}', 1, 'a closing bracket that does not belong there'],
    ['{"Dhcp4" {}}', 1, 'expected a colon'],
    ['{1: 2}', 1, 'expected a key'],
    ['{"a": 1 "b": 2}', 1, 'expected a comma'],
    ['{"a": ,}', 1, 'expected a value'],
    ['{,}', 1, 'expected a key'],
    ['[,1]', 1, 'expected a value'],
    ['{"a": -}', 1, 'expected JSON'],
    ['{"a":\n /* no end', 2, 'expected JSON'],
    ['{"a": "\\x"}', 1, 'expected JSON'],
    ['{"a": nul}', 1, 'expected JSON'],
    ['['.repeat(100), 1, 'nested deeper than 64'],
    ['{"DhcpDdns": {}}', 1, 'expected Dhcp4 or Dhcp6'],
    ['[]', 1, 'expected a map'],
    ['{"Dhcp4": {"subnet4": {}}}', 1, 'expected a list of subnet4'],
    [dhcp4('1'), 1, 'expected a map'],
    [dhcp4('{"pools": [\n{}]}'), 2, 'expected a text: pool'],
    [dhcp4('{"pools": [\n\n{"pool": "10.0.0.9-10.0.0.1"}]}'), 3, 'reversed range: 10.0.0.9 comes after 10.0.0.1'],
    [dhcp4('{"pools": [{"pool": "fd00::/64"}]}'), 1, 'expected addresses of ipv4'],
    ['{"Dhcp4": {"shared-networks": [{"subnet4": []}]}}', 1, 'expected a text: name'],
    ['{"Dhcp6": {"subnet6": [{"pd-pools": [{"prefix": "fd00::"}]}]}}', 1, 'expected a number: prefix-len'],
    ['{<?include "gone"?>}', 1, 'no such file'],
    ['\n<?include "main"?>', 2, 'the file includes itself'],
  ] as const)('%j: line %d: %s', ([text, line, message]) => {
    expect(() => poolsIn('kea', text)).toThrow(new ServerConfigError({ file: '/c/main', line }, message))
  })
})

describe('dnsmasq.conf', () => {
  test.for([
    ['10.0.0.1,10.0.0.9', ['10.0.0.1-10.0.0.9 9']],
    ['10.0.0.9,10.0.0.1,12h', ['10.0.0.1-10.0.0.9 9']],
    ['10.0.0.1,10.0.0.9,255.255.255.0,infinite', ['10.0.0.1-10.0.0.9 9']],
    ['10.0.0.1,10.0.0.9,255.255.255.0,10.0.0.255,45m', ['10.0.0.1-10.0.0.9 9']],
    ['10.0.0.1,10.0.0.9,', ['10.0.0.1-10.0.0.9 9']],
    ['10.0.0.1,10.0.0.9,255.255.255.0,', ['10.0.0.1-10.0.0.9 9']],
    ['set:red, 10.0.0.1, 10.0.0.9, 1h', ['10.0.0.1-10.0.0.9 9']],
    ['tag:!red,tag:blue,set:x,10.0.0.1,10.0.0.9', ['10.0.0.1-10.0.0.9 9']],
    ['lan,10.0.0.1,10.0.0.9', ['10.0.0.1-10.0.0.9 9']],
    ['10.0.0.0,static', []],
    ['10.0.0.0,static,255.255.255.0,1h', []],
    ['10.0.0.0,proxy', []],
    ['fd00::1,fd00::9', ['fd00::1-fd00::9 9']],
    ['fd00::9,fd00::1,slaac,64,1d', ['fd00::1-fd00::9 9']],
    ['fd00::1,fd00::9,ra-names,ra-stateless,infinite', ['fd00::1-fd00::9 9']],
    ['fd00::1,fd00::9,300', ['fd00::1-fd00::9 9']],
    ['fd00::1,fd00::9,129', ['fd00::1-fd00::9 9']],
    ['fd00::,ra-only', []],
    ['fd00::,static,64', []],
    ['::,constructor:eth0,ra-stateless,ra-names,64,24h', []],
  ] as const)('dhcp-range=%s', ([value, expected]) => {
    const read = readTexts('dnsmasq', { '/c/main': `dhcp-range=${value}\n` })
    expect(shown(read)).toEqual(expected)
    expect(read.warnings).toEqual([])
  })

  test('a range whose addresses an interface gives is passed over with a warning', () => {
    const { pools, warnings } = readTexts('dnsmasq', {
      '/c/main': '\ndhcp-range=::1,::400,constructor:eth0,ra-names,12h',
    })
    expect(pools).toEqual([])
    expect(warnings).toEqual(['/c/main:2: a dhcp-range with constructor: its addresses are those of an interface'])
  })

  test('comments, quotation marks, white space, other options', () => {
    const text = `#dhcp-range=10.9.0.1,10.9.0.9
      dhcp-range = "10.0.0.1,10.0.0.2" # the first
      dhcp-range=10.0.1.1,10.0.1.2#
      dhcp-ranges=x
      domain-needed
      txt-record=a,"# dhcp-range=1"
      dhcp-range=10.0.2.1,10.0.2.2`.replace('2#\n', '2\n')
    expect(poolsIn('dnsmasq', text)).toEqual(['10.0.0.1-10.0.0.2 2', '10.0.1.1-10.0.1.2 2', '10.0.2.1-10.0.2.2 2'])
  })

  test('files and folders; each file is read once', () => {
    const range = (last: number) => `dhcp-range=10.0.0.${last},10.0.0.${last}\n`
    const files = {
      '/c/more': `${range(1)}conf-file=main\nconf-file=/c/more\n`,
      '/c/d/a.conf': range(2),
      '/c/d/b.conf': range(3),
      '/c/d/b.bak': range(4),
      '/c/d/.c.conf': range(5),
      '/c/d/d.conf~': range(6),
      '/c/d/#e.conf#': range(7),
    }
    const read = (line: string) =>
      poolsIn('dnsmasq', `conf-file=/c/more\n${line}`, files).map(name => name.split(/[.-]/)[3])
    expect(read('')).toEqual(['1'])
    expect(read('conf-dir=/c/d')).toEqual(['1', '2', '4', '3'])
    expect(read('conf-dir=d/,.bak')).toEqual(['1', '2', '3'])
    expect(read('conf-dir=d,*.conf')).toEqual(['1', '2', '3'])
    expect(read('conf-dir=d,*.conf,b.conf')).toEqual(['1', '2'])
  })

  test.for([
    ['dhcp-range=10.0.0.1', 'expected a dhcp-range such as 10.0.0.10,10.0.0.99,1h'],
    ['dhcp-range=', 'expected a dhcp-range such as 10.0.0.10,10.0.0.99,1h'],
    ['dhcp-range=red', 'expected a dhcp-range such as 10.0.0.10,10.0.0.99,1h'],
    ['dhcp-range=10.0.0.1,fd00::1', 'expected a dhcp-range such as 10.0.0.10,10.0.0.99,1h'],
    ['dhcp-range=10.0.0.1,10.0.0.9,soon', 'expected a dhcp-range such as 10.0.0.10,10.0.0.99,1h'],
    ['dhcp-range=10.0.0.1,10.0.0.9,1h,2h', 'expected a dhcp-range such as 10.0.0.10,10.0.0.99,1h'],
    ['dhcp-range=10.0.0.1,10.0.1.9,255.255.255.0', 'the two ends of the dhcp-range are not in one network'],
    ['dhcp-range=fd00::1,fd00:0:0:1::9', 'the two ends of the dhcp-range are not in one network'],
    ['dhcp-range=fd00::1,fd00::9,48', 'expected a prefix length from 64 to 128'],
    ['conf-file=gone', 'no such file'],
    ['conf-dir=gone', 'no such file'],
  ] as const)('%s: %s', ([text, message]) => {
    expect(() => poolsIn('dnsmasq', `\n\n${text}`)).toThrow(
      new ServerConfigError({ file: '/c/main', line: 3 }, message),
    )
  })
})

describe('hostile configurations', () => {
  const include = { isc: 'include "X";', kea: '<?include "X"?>', dnsmasq: 'conf-file=X' } as const
  const wholes = {
    isc: ['isc-dhcpd/v4-small.dhcpd.conf', 'isc-dhcpd/v6-small.dhcpd6.conf'],
    kea: ['kea/v4-small.kea-dhcp4.conf', 'kea/v6-small.kea-dhcp6.conf'],
    dnsmasq: ['dnsmasq/v4v6-small.dnsmasq.conf'],
  } as const

  /** Reads; a fault must be of the one class, and name a line that is there. */
  function readAnything(server: Server, text: string): void {
    try {
      readTexts(server, { '/c/main': text })
    } catch (error) {
      expect(error).toBeInstanceOf(ServerConfigError)
      const [, line] = /^\/c\/main:(\d+): /.exec((error as Error).message) ?? []
      expect(Number(line)).toBeGreaterThan(0)
      expect(Number(line)).toBeLessThanOrEqual(text.split('\n').length)
    }
  }

  test.for(['isc', 'kea', 'dnsmasq'] as const)('%s: cuts, flips and random text', server => {
    const texts = wholes[server].map(name => fixture(name).toString('latin1'))
    const piece = fc.constantFrom(
      ...'{}[]";:,#/\\=<>? \n',
      'range ',
      'subnet ',
      '"Dhcp4"',
      'dhcp-range=',
      'conf-dir=',
      '10.0.0.1',
      'fd00::',
    )
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(), fc.nat(255), (text, from, to, octet) => {
        const [a, b] = [from % text.length, to % text.length]
        readAnything(server, text.slice(Math.min(a, b), Math.max(a, b)))
        readAnything(server, text.slice(0, a) + String.fromCharCode(octet) + text.slice(a + 1))
      }),
      { numRuns: 300 },
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), parts => readAnything(server, parts.join(''))),
      { numRuns: 500 },
    )
  })

  test.for(['isc', 'kea', 'dnsmasq'] as const)('%s: too deep', server => {
    const depth = (files: number) =>
      Object.fromEntries(
        Array.from({ length: files }, (_, i) => [
          i === 0 ? '/c/main' : `/c/${i}`,
          include[server].replace('X', String(i + 1)),
        ]),
      )
    const last = { isc: '', kea: '{"Dhcp4": {}}', dnsmasq: '' }[server]
    expect(readTexts(server, { ...depth(16), '/c/16': last }).pools).toEqual([])
    expect(() => readTexts(server, { ...depth(17), '/c/17': last })).toThrow('/c/16:1: more than 16 files deep')
  })

  test.for(['isc', 'kea', 'dnsmasq'] as const)('%s: files of each other, each twice', (server, { folder }) => {
    for (let i = 0; i < 16; i++) {
      const line = include[server].replace('X', String(i + 1))
      const text = { isc: `${line}\n${line}`, kea: `[${line},${line}]`, dnsmasq: `${line}\n${line}` }[server]
      writeFileSync(join(folder, i === 0 ? 'main' : String(i)), text)
    }
    writeFileSync(join(folder, '16'), server === 'kea' ? '1' : '')
    const work = () => readNow(readers[server](join(folder, 'main')), new Map())
    if (server === 'dnsmasq') expect(work().pools).toEqual([])
    else expect(work).toThrow('more than 500 files')
  })

  test('what no server would write takes no long time', () => {
    const many = 200_000
    const startedMs = performance.now()
    readAnything('isc', `option x "${'\\a'.repeat(many)}";`)
    readAnything('isc', `option x ${'a '.repeat(many)};`)
    readAnything('isc', '"'.repeat(many + 1))
    readAnything('isc', '# '.repeat(many))
    readAnything('kea', `{"Dhcp4": {}, "a": "${'\\n'.repeat(many)}"}`)
    readAnything('kea', `[${'1,'.repeat(many)}]`)
    readAnything('kea', `${'/*'.repeat(many)}`)
    readAnything('kea', ' <?include '.repeat(many))
    readAnything('dnsmasq', `dhcp-range=${' #"'.repeat(many)}`)
    readAnything('dnsmasq', `dhcp-range=${'tag:a,'.repeat(many)}`)
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })

  test('a large one is read without holding up others', async ({ folder }) => {
    const path = join(folder, 'dhcpd.conf')
    const hosts = Array.from(
      { length: 60_000 },
      (_, i) => `host h${i} { hardware ethernet 0:0:0:0:0:1; fixed-address 10.0.0.1; }\n`,
    )
    writeFileSync(path, `${hosts.join('')}group { range 10.0.0.1; }`)
    await bestOf(8, 40, async () => {
      const watch = watchLoop()
      const { pools } = await readSoon(readIsc(path), new Map(), new AbortController().signal)
      expect(pools).toHaveLength(1)
      return watch.end()
    })
  })
})

describe('files', () => {
  test.for([
    ['a folder', 'not a regular file'],
    ['a pipe', 'not a regular file'],
    ['nothing', 'no such file'],
    ['a broken link', 'no such file'],
    ['too much', 'more than 8388608 octets'],
  ] as const)('%s: %s', async ([kind, message], { folder }) => {
    const path = join(folder, 'dhcpd.conf')
    if (kind === 'a folder') mkdirSync(path)
    if (kind === 'a pipe') execFileSync('mkfifo', [path])
    if (kind === 'a broken link') symlinkSync('gone', path)
    if (kind === 'too much') {
      writeFileSync(path, '')
      truncateSync(path, 2 ** 30)
    }
    const expected = `${path}:1: ${message}`
    expect(() => readNow(readIsc(path), new Map())).toThrow(expected)
    await expect(readSoon(readIsc(path), new Map(), new AbortController().signal)).rejects.toThrow(expected)
  })
})
