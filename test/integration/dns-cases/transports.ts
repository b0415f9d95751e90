import { pemFile } from '../../support/identities.ts'
import { ask, type Case, type Options } from './case.ts'

const tcp = { transport_protocol: 'tcp' }
const tls = (tls_config: Options, dns: Options = {}): Options => ({ ...tcp, dns_over_tls: true, tls_config, ...dns })
const trusted = { ca_file: pemFile('ca.crt') }
const more = ['certificates of DNS over TLS', 'the handshake is a phase'] as const

/** What can go wrong on the way, and DNS over TLS. */
export const transports: readonly Case[] = [
  ask('a closed port over UDP', '127.0.0.1:1', {}, 'connect'),
  ask('a closed port over TCP', '127.0.0.1:1', tcp, 'connect'),
  ask('a name that nobody knows', 'no-such-host.invalid', {}, 'resolve'),
  ask('no IPv6 address', '127.0.0.1', { preferred_ip_protocol: 'ip6', ip_protocol_fallback: false }, 'resolve'),
  ask('IPv6 first', '(plain)', { preferred_ip_protocol: 'ip6' }),
  ask('from an address', '(plain)', { source_ip_address: '127.0.0.1' }),
  ask('from an address over TCP', '(plain)', { ...tcp, source_ip_address: '127.0.0.1' }),
  ask('from an address that is not ours', '(plain)', { ...tcp, source_ip_address: '192.0.2.1' }, 'connect'),
  ask('a silent server', '(silent)', {}, { timeout: '600ms', fails: 'timeout' }),
  ask('a silent server over TCP', '(silent)', tcp, { timeout: '600ms', fails: 'timeout' }),
  ask('a silent server, SOA', '(silent)', { query_type: 'SOA' }, { timeout: '600ms', fails: 'timeout' }),
  ask("the scrape's timeout is the shorter one", '(silent)', {}, { scrapeTimeoutSeconds: 1.1, fails: 'timeout' }),
  ask('a server that hangs up', '(hangsup)', tcp, 'connect'),
  ask('half an answer over TCP', '(half)', tcp, { timeout: '600ms', fails: 'timeout' }),
  ask('the right answer after three with other IDs', '(strays)'),
  ask('another ID over TCP', '(strays)', tcp, 'protocol'),
  ask(
    'another question',
    '(otherquestion)',
    {},
    { timeout: '600ms', fails: 'timeout', differs: ['an answer must answer'] },
  ),
  ask('the query itself', '(echo)', {}, { timeout: '600ms', fails: 'timeout', differs: ['an answer must answer'] }),
  ask('an answer cut inside a record', '(cut)', {}, 'protocol'),
  ask('two OPT records', '(twoopt)', {}, { fails: 'protocol', differs: ['an answer must be well-formed'] }),
  ask('over TLS', 'localhost:(dot.port)', tls(trusted), { differs: more }),
  ask('over TLS, by address', '(dot)', tls(trusted), { differs: more }),
  ask('over TLS, by another name', '(dot)', tls({ ...trusted, server_name: 'sonde.test' }), { differs: more }),
  ask('over TLS, a resolver', '(unbounddot)', tls(trusted), { differs: more }),
  ask('over TLS, unverified', '(dot)', tls({ insecure_skip_verify: true }), { differs: more }),
  ask('over TLS, an unknown authority', '(dot)', tls({ ca_file: pemFile('other-ca.crt') }), {
    fails: 'tls',
    differs: more,
  }),
  ask('over TLS, a wrong name', '(dot)', tls({ ...trusted, server_name: 'wrong.test' }), {
    fails: 'tls',
    differs: more,
  }),
  ask('over TLS, where none is spoken', '(plain)', tls(trusted), {
    timeout: '1s',
    fails: 'timeout',
    differs: ['the handshake is a phase'],
  }),
]
