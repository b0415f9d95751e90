import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/exporter.ts'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { nameText } from '../../../src/probers/dns/wire/name.ts'
import { probe } from '../../support/probe.ts'
import { a, answerTo } from './build.ts'
import { reply, startDns } from './dns-server.ts'
import { replyOverHttp, startDoh, startDot } from './encrypted-servers.ts'

const all = [
  'query_name',
  'query_type',
  'query_class',
  'transport',
  'recursion_desired',
  'checking_disabled',
  'valid_rcodes',
]

const yaml = (dns: object) =>
  JSON.stringify({
    modules: {
      m: {
        prober: 'dns',
        timeout: '5s',
        dns: { preferred_ip_protocol: 'ip4', tls_config: { insecure_skip_verify: true }, ...dns },
      },
    },
  })

const run = (target: string, dns: object, query: Record<string, string>) =>
  probe(yaml(dns), { target, module: 'm', ...query })

const startServer = () =>
  startDns({
    udp: (query, send) => send(answerTo(query, { answer: [a('192.0.2.1')] })),
    tcp: (query, socket) => reply(socket, answerTo(query, { answer: [a('192.0.2.1')] })),
  })

describe('parameters', () => {
  test.each<[Record<string, string>, name: string, type: number, recordClass: number]>([
    [{}, 'module.test.', 1, 1],
    [{ query_name: 'url.test' }, 'url.test.', 1, 1],
    [{ query_name: 'a\\.b.test', query_type: 'TYPE65280' }, 'a\\.b.test.', 65_280, 1],
    [{ query_name: 'bücher.test', query_type: 'mx' }, 'xn--bcher-kva.test.', 15, 1],
    [{ query_class: 'CHAOS', query_type: 'TXT', query_name: 'version.bind' }, 'version.bind.', 16, 3],
    [{ query_name: '.' }, '.', 1, 1],
  ])('%j', async (query, name, type, recordClass) => {
    await using server = await startServer()
    const section = { query_name: 'module.test', query_type: 'A', allow_params: all }
    const answer = await run(server.target, section, query)
    expect(answer.value('probe_success'), answer.text).toBe(1)
    const [question] = readMessage(server.udpQueries[0]!).questions
    expect(question).toMatchObject({ type, class: recordClass })
    expect(nameText(question!.name)).toBe(name)
    expect(answer.value('probe_dns_query_info', { query_name: query.query_name ?? 'module.test' })).toBe(1)
  })

  test('of flags', async () => {
    await using server = await startServer()
    const section = { query_name: 'x', query_type: 'A', allow_params: all }
    await run(server.target, section, { recursion_desired: 'false', checking_disabled: 'true' })
    await run(server.target, section, { recursion_desired: 'yes', checking_disabled: 'no' })
    expect(server.udpQueries.map(query => query.readUInt16BE(2))).toEqual([0x0010, 0x0100])
  })

  test('of response codes', async () => {
    await using server = await startServer()
    const section = { query_name: 'x', query_type: 'A', allow_params: all }
    const refused = await run(server.target, section, { valid_rcodes: 'NXDOMAIN,refused' })
    expect(refused.value('probe_dns_failure', { reason: 'rcode' })).toBe(1)
    const fine = await run(server.target, section, { valid_rcodes: 'NXDOMAIN,noerror' })
    expect(fine.value('probe_success')).toBe(1)
  })

  test('of the transport, in place of either form', async () => {
    await using plain = await startServer()
    await using dot = await startDot((query, socket) => reply(socket, answerTo(query)))
    await using doh = await startDoh((query, response) => replyOverHttp(response, answerTo(query)))
    const forms = [{}, { transport: 'doh' }, { transport_protocol: 'tcp', dns_over_tls: true }]
    for (const form of forms) {
      const section = { query_name: 'x', query_type: 'A', allow_params: ['transport'], ...form }
      for (const [transport, target] of [
        ['udp', plain.target],
        ['tcp', plain.target],
        ['dot', `tls://127.0.0.1:${dot.port}`],
        ['doh', `https://127.0.0.1:${doh.port}/x`],
        ['doh_http1', `127.0.0.1:${doh.port}`],
      ] as const) {
        const answer = await run(target, section, { transport })
        expect(answer.value('probe_success'), answer.text).toBe(1)
        expect(answer.value('probe_dns_query_info', { transport })).toBe(1)
      }
    }
    expect(doh.asked.map(({ version }) => version)).toEqual(forms.flatMap(() => ['2.0', '1.1']))
  })

  test('the name may be left to the request', async () => {
    await using server = await startServer()
    const section = { query_type: 'A', allow_params: ['query_name'] }
    expect((await run(server.target, section, { query_name: 'x.test' })).value('probe_success')).toBe(1)
    const without = await run(server.target, section, {})
    expect([without.status, without.text]).toEqual([400, 'the parameter query_name is missing\n'])
  })
})

describe('a 400, before anything is sent', () => {
  test.each<[Record<string, string>, string]>([
    [{ query_name: '' }, 'bad parameter query_name: expected a domain name: it is empty'],
    [{ query_name: 'a..b' }, 'bad parameter query_name: expected a domain name: a label is empty'],
    [{ query_name: 'x'.repeat(64) }, 'bad parameter query_name: expected a domain name: a label is longer'],
    [{ query_name: 'a\u0000b' }, 'bad parameter query_name: expected a domain name: a control character'],
    [{ query_type: 'bogus' }, 'bad parameter query_type: expected a record type such as A, MX or TYPE65280'],
    [{ query_type: '' }, 'bad parameter query_type: expected a record type'],
    [{ query_type: 'TYPE65536' }, 'bad parameter query_type: expected a record type'],
    [{ query_class: 'XX' }, 'bad parameter query_class: expected one of IN'],
    [{ transport: 'doq' }, 'bad parameter transport: DNS over QUIC is not possible: Node has no QUIC'],
    [{ transport: 'constructor' }, 'bad parameter transport: expected one of udp, tcp, dot, doh, doh_http1'],
    [{ transport: 'sctp' }, 'bad parameter transport: expected one of udp, tcp, dot, doh, doh_http1'],
    [{ recursion_desired: 'maybe' }, 'bad parameter recursion_desired: '],
    [{ valid_rcodes: 'NOERR' }, 'bad parameter valid_rcodes: expected a response code'],
    [{ valid_rcodes: '' }, 'bad parameter valid_rcodes: expected a response code'],
  ])('%j', async (query, message) => {
    await using server = await startServer()
    const answer = await run(server.target, { query_name: 'x', query_type: 'A', allow_params: all }, query)
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining(message)])
    expect(server.udpQueries).toEqual([])
  })

  test.each(all)('%s, when it is not opened', async param => {
    await using server = await startServer()
    const others = all.filter(name => name !== param)
    const section = { query_name: 'x', query_type: 'A', allow_params: others }
    const answer = await run(server.target, section, { [param]: 'A' })
    expect([answer.status, answer.text]).toEqual([
      400,
      `the parameter ${param} is not among allow_params of the module\n`,
    ])
  })
})

test('a parameter of some other prober is ignored with a warning, as ever', async () => {
  await using server = await startServer()
  const answer = await run(server.target, { query_name: 'x', query_type: 'A' }, { hostname: 'x' })
  expect(answer.value('probe_success')).toBe(1)
  expect(answer.log).toContain('ignoring parameters that the module does not declare')
})

describe('at load', () => {
  const mistakes = (dns: object) => {
    try {
      loadConfig(yaml(dns), 'm.yaml')
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }

  test('names that cannot be opened are a mistake', () => {
    expect(mistakes({ query_name: 'x', allow_params: ['target'] })).toContain(
      'modules.m.dns.allow_params.0: expected one of query_name, query_type',
    )
  })

  test('a name must come from somewhere', () => {
    expect(mistakes({ allow_params: ['query_type'] })).toContain('modules.m.dns.query_name: missing')
    expect(mistakes({ allow_params: ['query_name'] })).toBe('')
  })

  test('nobody is warned of a type that the request chooses', () => {
    const warnings = (allow_params: string[]) =>
      loadConfig(yaml({ query_name: 'x', allow_params, tls_config: undefined }), 'm.yaml').warnings
    expect(warnings(['query_type'])).toEqual([])
    expect(warnings(['query_name'])).toHaveLength(1)
  })
})
