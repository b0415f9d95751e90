import { afterAll, beforeAll, describe, expect } from 'vitest'
import { miekgTexts } from '../probers/dns/vectors.ts'
import { pemFile } from '../support/identities.ts'
import { type Answer, readAnswer } from '../support/probe.ts'
import { temporaryFolder, testWith } from '../support/programs.ts'
import { type Sonde, startSonde } from '../support/sonde.ts'
import { labPrograms, startLab } from './support/dns-lab.ts'
import { moreTexts, newer, quoted, sectionFor } from './support/dns-texts.ts'
import { createScope } from './support/scope.ts'

const test = testWith(...labPrograms)
const scope = createScope()
let ports: Awaited<ReturnType<typeof startLab>>['ports']
let anchors: readonly string[]

beforeAll(async () => {
  const folder = scope.add(await temporaryFolder())
  const lab = await startLab(scope, folder.path)
  ports = lab.ports
  anchors = lab.anchors
})
afterAll(() => scope[Symbol.asyncDispose]())

type Server = keyof typeof ports

const transports = { udp: 'plain', tcp: 'plain', dot: 'dot', doh: 'doh' } as const
type Transport = keyof typeof transports

/** A sonde whose modules have these sections. */
const sondeWith = (sections: readonly object[]): Promise<Sonde> => {
  const common = {
    preferred_ip_protocol: 'ip4',
    tls_config: { ca_file: pemFile('ca.crt') },
    allow_params: ['transport'],
  }
  const modules = sections.map((dns, at) => [`m${at}`, { prober: 'dns', timeout: '10s', dns: { ...common, ...dns } }])
  return startSonde(JSON.stringify({ modules: Object.fromEntries(modules) }))
}

const asking = async (sonde: Sonde, module: string, server: Server, transport?: Transport): Promise<Answer> => {
  const query = { module, target: `127.0.0.1:${ports[server]}`, ...(transport && { transport }) }
  return readAnswer(await sonde.get(`/probe?${new URLSearchParams(query)}`))
}

/** Asks one question. */
async function ask(dns: object, server: Server = 'plain', transport?: Transport): Promise<Answer> {
  await using sonde = await sondeWith([{ query_type: 'A', ...dns }])
  return await asking(sonde, 'm0', server, transport)
}

describe('every record type', () => {
  const texts = [...miekgTexts, ...moreTexts]

  test.each(Object.keys(transports) as Transport[])(
    'over %s',
    async transport => {
      await using sonde = await sondeWith(texts.map(text => sectionFor(newer(text))))
      const waiting = texts.entries()
      const failed: string[] = []
      const client = async () => {
        for (const [at, text] of waiting) {
          const answer = await asking(sonde, `m${at}`, transports[transport], transport)
          if (answer.value('probe_success') !== 1) failed.push(text)
        }
      }
      await Promise.all(Array.from({ length: 8 }, client))
      expect(failed).toEqual([])
    },
    60_000,
  )

  test('and one that is not there', async () => {
    const answer = await ask(sectionFor('a.example.test.\t300\tIN\tA\t192.0.2.3'))
    expect(answer.value('probe_dns_failure', { reason: 'answer_rrs' })).toBe(1)
  })
})

describe('sizes', () => {
  const txt = (name: string, more: object = {}) => ({ query_name: `${name}.example.test`, query_type: 'TXT', ...more })

  test.each([
    ['big', 6, 1],
    ['huge', 1100, 1],
    ['txt', 1, 0],
  ])('%s over UDP', async (name, records, fellBack) => {
    const answer = await ask(txt(name))
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_answer_rrs')).toBe(records)
    expect(answer.value('probe_dns_tcp_fallback')).toBe(fellBack)
    expect(answer.value('probe_dns_truncated')).toBe(fellBack)
  })

  test.each(['tcp', 'dot', 'doh'] as const)('huge over %s', async transport => {
    const answer = await ask(txt('huge'), transports[transport], transport)
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_answer_rrs')).toBe(1100)
    expect(answer.value('probe_dns_response_bytes')).toBeGreaterThan(50_000)
    expect(answer.value('probe_dns_truncated')).toBe(0)
  })

  test('big over UDP alone', async () => {
    const answer = await ask(txt('big', { tcp_fallback: false }))
    expect(answer.value('probe_dns_failure', { reason: 'truncated' })).toBe(1)
    expect(answer.value('probe_dns_response_bytes')).toBeLessThanOrEqual(1232)
  })

  test.each(Object.entries(transports) as [Transport, Server][])(
    'what fits no message, over %s',
    async (transport, server) => {
      const answer = await ask(txt('over'), server, transport)
      expect([answer.reason, answer.value('probe_dns_query_succeeded')]).toEqual(['protocol', 1])
      expect(answer.value('probe_dns_failure', { reason: 'truncated' })).toBe(1)
      expect(answer.value('probe_dns_truncated')).toBe(1)
    },
  )
})

describe('what the servers tell of themselves', () => {
  test('which they are, and their cookie', async () => {
    const named = await ask({ query_name: 'a.example.test', edns: { cookie: true } })
    expect(named.value('probe_dns_nsid_info', { nsid: 'fixture-ns1' })).toBe(1)
    expect(named.value('probe_dns_cookie_echoed')).toBe(1)
    expect(named.value('probe_dns_flag', { flag: 'aa' })).toBe(1)
    const unbound = await ask({ query_name: 'a.example.test' }, 'unbound')
    expect(unbound.value('probe_dns_nsid_info', { nsid: 'fixture-unbound' })).toBe(1)
    expect(unbound.value('probe_dns_flag', { flag: 'aa' })).toBe(0)
  })

  test.each([
    ['dot', 'dot'],
    ['dot', 'unbounddot'],
    ['doh', 'doh'],
  ] as const)('over TLS: %s of %s', async (transport, server) => {
    const answer = await ask({ query_name: 'a.example.test' }, server, transport)
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_duration_seconds', { phase: 'tls' })).toBeGreaterThan(0)
    expect(answer.value('probe_tls_version_info', { version: 'TLS 1.3' })).toBe(1)
    expect(answer.value('probe_http_status_code')).toBe(transport === 'doh' ? 200 : undefined)
  })

  test('DNS over HTTPS by GET', async () => {
    const answer = await ask({ query_name: 'a.example.test', doh: { method: 'GET' } }, 'doh', 'doh')
    expect(answer.value('probe_success')).toBe(1)
  })

  test('a path that is not there', async () => {
    const answer = await ask({ query_name: 'a.example.test', doh: { path: '/elsewhere' } }, 'doh', 'doh')
    expect([answer.value('probe_http_status_code'), answer.reason]).toEqual([404, 'status'])
    expect(answer.value('probe_dns_failure', { reason: 'http_status' })).toBe(1)
  })

  test.each(['dot', 'doh'] as const)('%s with a certificate that nobody vouches for', async transport => {
    const tls_config = { ca_file: pemFile('other-ca.crt') }
    const answer = await ask({ query_name: 'a.example.test', tls_config }, transports[transport], transport)
    expect(answer.reason).toBe('tls')
    expect(answer.value('probe_dns_failure', { reason: 'tls_certificate' })).toBe(1)
  })
})

describe('a resolver that validates', () => {
  const authentic = (answer: Answer) => answer.value('probe_dns_flag', { flag: 'ad' })

  test.each([
    ['a.example.test', 'NOERROR', 1],
    ['nowhere.example.test', 'NXDOMAIN', 1],
    ['a.nsec3.test', 'NOERROR', 1],
    ['nowhere.nsec3.test', 'NXDOMAIN', 1],
    ['a.plain.test', 'NOERROR', 0],
  ])('%s: %s, authentic %d', async (query_name, rcode, expected) => {
    const answer = await ask({ query_name, valid_rcodes: [rcode], edns: { do: true } }, 'unbound')
    expect(answer.value('probe_success')).toBe(1)
    expect(authentic(answer)).toBe(expected)
  })

  test('expired signatures', async () => {
    const answer = await ask({ query_name: 'a.expired.test', fail_on_ede: [9] }, 'unbound')
    expect(answer.reason).toBe('status')
    expect(answer.value('probe_dns_rcode_info', { rcode: 'SERVFAIL' })).toBe(1)
    expect(answer.value('probe_dns_ede', { code: '9' })).toBe(1)
    expect(answer.value('probe_dns_check', { check: 'ede' })).toBe(0)
  })

  test.each([
    ['a.example.test', 1],
    ['a.plain.test', 0],
  ])('require_ad: %s', async (query_name, success) => {
    const answer = await ask({ query_name, dnssec: { require_ad: true } }, 'unbound')
    expect(answer.value('probe_success')).toBe(success)
    expect(answer.value('probe_dns_check', { check: 'dnssec' })).toBe(success)
  })

  test('expired signatures, without checking', async () => {
    const answer = await ask({ query_name: 'a.expired.test', checking_disabled: true }, 'unbound')
    expect(answer.value('probe_success')).toBe(1)
    expect(authentic(answer)).toBe(0)
  })

  test('names with odd octets', async () => {
    for (const [query_name, address] of [
      ['a\\.b.example.test', '192.0.2.31'],
      ['sp\\032ace.example.test', '192.0.2.32'],
      ['bin\\000\\255.example.test', '192.0.2.33'],
      ['caf\\195\\169.example.test', '192.0.2.34'],
    ] as const) {
      const records = { fail_if_none_matches_regexp: [`\\tA\\t${quoted(address)}$`] }
      const answer = await ask({ query_name, validate_answer_rrs: records }, 'unbound')
      expect(answer.value('probe_success'), query_name).toBe(1)
    }
  })
})

describe('signatures that sonde checks itself', () => {
  const status = (answer: Answer) =>
    answer.series.find(({ name, value }) => name === 'probe_dns_dnssec' && value === 1)?.labels.status
  const algorithms = ['alg8', 'alg10', 'alg14', 'alg15', 'alg16']
  const names = ['a.example.test', 'any.wild.example.test', 'a.nsec3.test', ...algorithms.map(zone => `a.${zone}.test`)]

  test.each([...names, ...algorithms.map(zone => `x.w.${zone}.test`)])('%s is secure', async query_name => {
    const answer = await ask({ query_name, dnssec: { validate: 'signature' } })
    expect(answer.value('probe_success')).toBe(1)
    expect(status(answer)).toBe('secure')
    expect(answer.value('probe_dns_rrsig_expiry_seconds', { type_covered: 'A' })).toBeGreaterThan(364 * 86_400)
    expect(answer.value('probe_dns_check', { check: 'dnssec' })).toBe(1)
  })

  test.each(Object.entries(transports) as [Transport, Server][])('over %s', async (transport, server) => {
    const answer = await ask({ query_name: 'a.example.test', dnssec: { validate: 'signature' } }, server, transport)
    expect(status(answer)).toBe('secure')
  })

  test.each(['nowhere.example.test', 'nowhere.nsec3.test', ...algorithms.map(zone => `x.${zone}.test`)])(
    'that %s is not there',
    async query_name => {
      const dnssec = { validate: 'anchor', anchors }
      const answer = await ask({ query_name, valid_rcodes: ['NXDOMAIN'], dnssec })
      expect(answer.value('probe_success')).toBe(1)
      expect(status(answer)).toBe('secure')
    },
  )

  test('every zone against its anchor', async () => {
    for (const query_name of names) {
      const answer = await ask({ query_name, dnssec: { validate: 'anchor', anchors } })
      expect([query_name, status(answer)]).toEqual([query_name, 'secure'])
    }
  })

  test('the anchor of another key', async () => {
    const other = anchors.find(text => text.startsWith('nsec3.test.'))?.replace('nsec3.test.', 'example.test.')
    const answer = await ask({ query_name: 'a.example.test', dnssec: { validate: 'anchor', anchors: [other] } })
    expect(answer.value('probe_dns_failure', { reason: 'dnssec' })).toBe(1)
    expect(answer.value('probe_dns_dnssec', { status: 'secure' })).toBe(0)
  })

  test('expired', async () => {
    const answer = await ask({ query_name: 'a.expired.test', dnssec: { validate: 'signature' } })
    expect(answer.reason).toBe('content')
    expect(answer.value('probe_dns_failure', { reason: 'dnssec' })).toBe(1)
    expect(status(answer)).toBe('expired')
    expect(answer.value('probe_dns_rrsig_expiry_seconds', { type_covered: 'A' })).toBeLessThan(-5 * 365 * 86_400)
  })

  test('too short a life', async () => {
    const answer = await ask({ query_name: 'a.example.test', dnssec: { min_signature_lifetime: '366d' } })
    expect(answer.value('probe_dns_failure', { reason: 'dnssec' })).toBe(1)
  })

  test('none in a zone that is not signed', async () => {
    const answer = await ask({ query_name: 'a.plain.test', dnssec: { validate: 'signature' } })
    expect(answer.value('probe_dns_failure', { reason: 'dnssec' })).toBe(1)
    expect(['insecure', 'unchecked']).toContain(status(answer))
  })
})

describe('NSEC3', () => {
  test('tells that a name is not there', async () => {
    const section = {
      query_name: 'nowhere.nsec3.test',
      valid_rcodes: ['NXDOMAIN'],
      edns: { do: true },
      validate_authority_rrs: {
        fail_if_none_matches_regexp: [
          '^[0-9A-Z]{32}\\.nsec3\\.test\\.\\t\\d+\\tIN\\tNSEC3\\t1 0 0 AABBCCDD [0-9A-V]{32} ',
        ],
      },
    }
    expect((await ask(section)).value('probe_success')).toBe(1)
  })
})

describe('the servers of a zone', () => {
  const zone = (soa: object) => ({ query_name: 'plain.test', query_type: 'SOA', soa })

  test('a secondary with old data', async () => {
    const stale = `127.0.0.1:${ports.stale}`
    const answer = await ask(zone({ servers: [stale] }))
    expect(answer.reason).toBe('content')
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
    expect(answer.value('probe_dns_serial_lag')).toBe(100)
    expect(answer.value('probe_dns_servers_consistent')).toBe(0)
    expect(answer.value('probe_dns_server_serial', { server: stale })).toBe(2_026_112_001)
    expect(answer.value('probe_dns_serial')).toBe(2_026_112_101)
    expect((await ask(zone({ servers: [stale], max_serial_lag: 100 }))).value('probe_success')).toBe(1)
  })

  test('a server that is not one of them', async () => {
    const lame = `127.0.0.1:${ports.stale}`
    const answer = await ask({ ...zone({ servers: [lame] }), query_name: 'nsec3.test' })
    expect(answer.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
    expect(answer.value('probe_dns_server_authoritative', { server: lame })).toBe(0)
  })

  test('a resolver is none, unless that is fine', async () => {
    const server = `127.0.0.1:${ports.unbound}`
    const strict = await ask(zone({ servers: [server] }))
    expect(strict.value('probe_dns_failure', { reason: 'serial' })).toBe(1)
    expect(strict.value('probe_dns_serial_lag')).toBe(0)
    expect((await ask(zone({ servers: [server], require_aa: false }))).value('probe_success')).toBe(1)
  })

  test('those that its NS records name', async () => {
    const answer = await ask({ ...zone({ from_ns: true }), query_name: 'example.test' })
    expect(answer.value('probe_success')).toBe(1)
    for (const server of ['ns1.example.test.', 'ns2.example.test.']) {
      expect(answer.value('probe_dns_server_serial', { server })).toBe(2_026_112_101)
    }
  })
})
