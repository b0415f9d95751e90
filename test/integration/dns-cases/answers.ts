import { ask, type Case, type Options } from './case.ts'

const over = (transport_protocol: 'udp' | 'tcp', dns: Options = {}): Options => ({ transport_protocol, ...dns })
const txt = (name: string, dns: Options = {}): Options => ({
  query_name: `${name}.example.test`,
  query_type: 'TXT',
  ...dns,
})
const soa = (query_name: string): Options => ({ query_name, query_type: 'SOA' })

const rcode = (
  name: string,
  target: string,
  query_name: string,
  valid_rcodes: readonly string[],
  fails?: string,
): Case => ask(name, target, { query_name, ...(valid_rcodes.length > 0 && { valid_rcodes }) }, fails)

/** Response codes, types and classes, sizes. */
export const answers: readonly Case[] = [
  ask('over UDP', '(plain)', over('udp')),
  ask('over TCP', '(plain)', over('tcp')),
  ask('a server with a name', 'localhost:(plain.port)'),
  ask('a resolver', '(unbound)', { query_name: 'a.example.test' }),
  ask(
    'a resolver that is told not to look',
    '(unbound)',
    { query_name: 'a.example.test', recursion_desired: false },
    'status',
  ),
  ask('any type', '(plain)', { query_type: 'ANY' }),
  ask('no type is any type', '(plain)', { query_type: '' }),
  ask('a class of its own', '(plain)', { query_name: 'version.bind', query_class: 'CH', query_type: 'TXT' }),
  ask('a closing dot', '(plain)', { query_name: 'a.plain.test.' }),
  ask('the root', '(plain)', { query_name: '.', query_type: 'NS' }, 'status'),
  ask('a wildcard', '(plain)', { query_name: 'x.y.wild.example.test' }),
  ask('a chain of CNAME', '(plain)', { query_name: 'chain.example.test' }),
  ask('a CNAME to nowhere', '(plain)', { query_name: 'dangling.example.test' }, 'status'),
  ask('a loop of CNAME', '(plain)', { query_name: 'loop1.example.test' }, 'status'),
  ask('a DNAME', '(plain)', { query_name: 'host.dname.example.test' }),
  ask('a delegation', '(plain)', { query_name: 'x.insecure.example.test' }),
  rcode('NXDOMAIN', '(plain)', 'x.plain.test', [], 'status'),
  rcode('NXDOMAIN is accepted', '(plain)', 'x.plain.test', ['NOERROR', 'NXDOMAIN']),
  rcode('NOERROR is not accepted', '(plain)', 'a.plain.test', ['NXDOMAIN'], 'status'),
  rcode('REFUSED', '(stale)', 'a.example.test', [], 'status'),
  rcode('REFUSED is accepted', '(stale)', 'a.example.test', ['REFUSED']),
  rcode('SERVFAIL', '(unbound)', 'a.expired.test', [], 'status'),
  rcode('SERVFAIL is accepted', '(unbound)', 'a.expired.test', ['SERVFAIL']),
  ask('a serial number', '(plain)', soa('plain.test'), { shows: { probe_dns_serial: 2_026_112_101 } }),
  ask('an older serial number', '(stale)', soa('plain.test'), { shows: { probe_dns_serial: 2_026_112_001 } }),
  ask('no serial number', '(plain)', soa('a.plain.test'), { shows: { probe_dns_serial: 0 } }),
  ask('no serial number where the zone is not', '(stale)', soa('nsec3.test'), {
    fails: 'status',
    shows: { probe_dns_serial: 0 },
  }),
  ask('a large answer over TCP', '(plain)', txt('huge', over('tcp')), { shows: { probe_dns_answer_rrs: 1100 } }),
  ask('several keys', '(plain)', { query_name: 'example.test', query_type: 'DNSKEY' }),
  ask(
    'an answer larger than 512 octets',
    '(plain)',
    { query_name: 'example.test', query_type: 'ANY' },
    {
      differs: ['EDNS by default', 'signatures have times'],
    },
  ),
  ask('an answer larger than UDP', '(plain)', txt('big'), { differs: ['a truncated answer is asked for over TCP'] }),
  ask('an answer larger than UDP, without EDNS and TCP', '(plain)', txt('big', { edns: false, tcp_fallback: false }), {
    older: txt('big'),
    fails: 'protocol',
    differs: ['a truncated answer is no success'],
  }),
  ask('an answer larger than any message', '(plain)', txt('over', over('tcp')), {
    fails: 'protocol',
    differs: ['a truncated answer is no success', 'EDNS by default'],
  }),
  ask(
    'the same without EDNS',
    '(plain)',
    { edns: false, query_name: 'mx.example.test', query_type: 'MX' },
    {
      older: { query_name: 'mx.example.test', query_type: 'MX' },
    },
  ),
]
