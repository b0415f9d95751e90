import { describe, expect, test } from 'vitest'
import { parseExposition, sampleValue } from '../../../support/exposition.ts'
import { probe, readAnswer } from '../../../support/probe.ts'
import { startSonde } from '../../../support/sonde.ts'
import { answerTo, type Rr, tc } from '../build.ts'
import { reply, startDns } from '../dns-server.ts'
import { answerWith, broken, rr, type Sections } from './records.ts'

const ednsOption = (code: number, hex: string) =>
  `${code.toString(16).padStart(4, '0')}${(hex.length / 2).toString(16).padStart(4, '0')}${hex}`
const opt = (...options: readonly string[]): Rr => ({
  owner: '.',
  type: 41,
  class: 1232,
  ttl: 0,
  rdata: options.join(''),
})
const nsid = (text: string) => ednsOption(3, Buffer.from(text, 'latin1').toString('hex'))
const ede = (code: number, text = '') =>
  ednsOption(15, code.toString(16).padStart(4, '0') + Buffer.from(text).toString('hex'))

const yaml = (section: string, type = 'A') =>
  `modules: {m: {prober: dns, timeout: 10s, dns: {query_name: www.x, query_type: ${type}, preferred_ip_protocol: ip4, ${section}}}}`

/** Probes a server that answers with these records. */
async function ask(section: string, sections: Sections, { flags = 0, type = 'A', debug = false } = {}) {
  await using server = await startDns({ udp: (query, send) => send(answerWith(query, sections, flags)) })
  const query = { target: server.target, module: 'm', ...(debug && { debug: 'true' }) }
  return await probe(yaml(section, type), query)
}

type Answer = Awaited<ReturnType<typeof ask>>

/** `check=0` or `check=1` of each, in alphabetical order. */
const checksOf = (answer: Answer) =>
  answer.series
    .filter(({ name }) => name === 'probe_dns_check')
    .map(({ labels, value }) => `${labels.check}=${value}`)
    .sort()
    .join(' ')

const failureOf = (answer: Answer) => answer.series.find(({ name }) => name === 'probe_dns_failure')?.labels.reason

const outcomesOf = (answer: Answer) =>
  Object.fromEntries(
    answer.series
      .filter(({ name }) => name === 'probe_dns_record_outcome')
      .map(({ labels, value }) => [labels.outcome, value]),
  )

const validationOf = (answer: Answer) =>
  ['valid', 'invalid'].map(status => answer.value('probe_dns_record_validation', { status }))

const www = ['www.x 60 A 192.0.2.1', 'www.x 60 A 192.0.2.2']

describe('one check', () => {
  test.each<[string, string, Sections, number, string | undefined, string]>([
    ['rcode', 'valid_rcodes: [NXDOMAIN]', {}, 0, 'rcode', 'rcode=0'],
    ['no other', 'recursion_desired: true', { answer: www }, 0, undefined, 'rcode=1'],
    [
      'flags that are there',
      'flags: {require: [aa, rd], forbid: [ra, ad, do]}',
      {},
      0x0500,
      undefined,
      'flags=1 rcode=1',
    ],
    ['a flag that is not', 'flags: {require: [aa, ad]}', {}, 0x0400, 'flags', 'flags=0 rcode=1'],
    ['a flag too many', 'flags: {forbid: [ra]}', {}, 0x0080, 'flags', 'flags=0 rcode=1'],
    [
      'do of EDNS',
      'flags: {require: [do]}',
      { additional: [{ ...opt(), ttl: 0x8000 }] },
      0,
      undefined,
      'flags=1 rcode=1',
    ],
    [
      'an instance',
      'nsid: {allow_regexp: "^lhr\\\\d"}',
      { additional: [opt(nsid('lhr1'))] },
      0,
      undefined,
      'nsid=1 rcode=1',
    ],
    ['another', 'nsid: {allow_regexp: ^lhr}', { additional: [opt(nsid('fra1'))] }, 0, 'nsid', 'nsid=0 rcode=1'],
    ['none', 'nsid: {allow_regexp: .}', { additional: [opt()] }, 0, 'nsid', 'nsid=0 rcode=1'],
    ['none without EDNS', 'nsid: {allow_regexp: .}', {}, 0, 'nsid', 'nsid=0 rcode=1'],
    [
      'octets of one',
      'nsid: {allow_regexp: "^\\\\x00"}',
      { additional: [opt(nsid('\u0000'))] },
      0,
      undefined,
      'nsid=1 rcode=1',
    ],
    ['no extended error', 'fail_on_ede: [6, 9]', {}, 0, undefined, 'ede=1 rcode=1'],
    ['another one', 'fail_on_ede: [6, 9]', { additional: [opt(ede(3))] }, 0, undefined, 'ede=1 rcode=1'],
    ['that one', 'fail_on_ede: [6, 9]', { additional: [opt(ede(3), ede(9, 'no key'))] }, 0, 'ede', 'ede=0 rcode=1'],
    ['records', 'expect: {records: [192.0.2.2, 192.0.2.1]}', { answer: www }, 0, undefined, 'rcode=1 records=1'],
    ['a record too many', 'expect: {records: [192.0.2.1]}', { answer: www }, 0, 'records', 'rcode=1 records=0'],
    ['a count', 'expect: {count: {min: 3}}', { answer: www }, 0, 'count', 'count=0 rcode=1'],
    ['a TTL', 'expect: {ttl: {min: 1m}}', { answer: www }, 0, undefined, 'rcode=1 ttl=1'],
    ['a TTL that is wrong', 'expect: {ttl: {min: 61s}}', { answer: www }, 0, 'ttl', 'rcode=1 ttl=0'],
    [
      'patterns',
      "validate_authority_rrs: {fail_if_matches_regexp: ['A']}",
      { authority: www },
      0,
      'authority_rrs',
      'authority_rrs=0 rcode=1',
    ],
  ])('%s: %s', async (_, section, sections, flags, reason, checks) => {
    const answer = await ask(section, sections, { flags })
    expect([answer.value('probe_success'), failureOf(answer)]).toEqual([reason === undefined ? 1 : 0, reason])
    expect(checksOf(answer)).toBe(checks)
  })
})

describe('all checks', () => {
  const all = [
    'valid_rcodes: [REFUSED]',
    'flags: {require: [aa]}',
    "validate_answer_rrs: {fail_if_matches_regexp: ['A']}",
    "validate_authority_rrs: {fail_if_not_matches_regexp: ['SOA']}",
    "validate_additional_rrs: {fail_if_none_matches_regexp: ['AAAA']}",
    'expect: {records: [192.0.2.9], count: {max: 1}, ttl: {max: 10}}',
    'nsid: {allow_regexp: lhr}',
    'fail_on_ede: [9]',
  ]
  const additional = [opt(ede(9))]

  test('are judged, and the first that fails is the reason', async () => {
    const order = ['rcode', 'flags', 'answer_rrs', 'authority_rrs', 'additional_rrs', 'records', 'nsid', 'ede']
    for (const [at, reason] of order.entries()) {
      const answer = await ask(all.slice(at).join(', '), { answer: www, additional })
      expect(failureOf(answer)).toBe(reason)
      const failed = [...order.slice(at), ...(at <= 5 ? ['count', 'ttl'] : [])]
      const checks = at === 0 ? failed : [...failed, 'rcode']
      expect(checksOf(answer)).toBe(
        checks
          .map(check => `${check}=${failed.includes(check) ? 0 : 1}`)
          .sort()
          .join(' '),
      )
    }
  })

  test('that need records are left out when records are', async () => {
    const answer = await ask(`${all.join(', ')}, tcp_fallback: false`, { answer: www, additional }, { flags: tc })
    expect([answer.reason, failureOf(answer)]).toEqual(['protocol', 'truncated'])
    expect(checksOf(answer)).toBe('ede=0 flags=0 nsid=0 rcode=0')
    expect(validationOf(answer)).toEqual([0, 0])
    expect(answer.names).not.toContain('probe_dns_answer_hash')
  })

  test('are told in the log, with what is wrong', async () => {
    const { text } = await ask(all.join(', '), { answer: www, additional }, { debug: true })
    for (const line of [
      'msg="the check failed" check=rcode fault="the response code is NOERROR, not REFUSED"',
      'msg="the check failed" check=flags fault="the answer lacks aa"',
      'msg="the check failed" check=records fault="A records of www.x.: 1 missing (192.0.2.9), 2 unexpected (192.0.2.1, 192.0.2.2)"',
      'msg="the check failed" check=ede fault="the answer has the extended error 9 (DNSKEY Missing)"',
    ]) {
      expect(text).toContain(line)
    }
  })
})

describe('expect', () => {
  test('follows aliases', async () => {
    const answer = ['www.x 60 CNAME WEB.y', 'web.y 60 A 192.0.2.1']
    const found = await ask('expect: {records: [192.0.2.1]}', { answer })
    expect([found.value('probe_success'), ...validationOf(found)]).toEqual([1, 1, 0])
    const direct = await ask('expect: {records: [192.0.2.1], follow_cname: false}', { answer })
    expect([failureOf(direct), ...validationOf(direct)]).toEqual(['records', 0, 1])
    const loop = await ask('expect: {records: [192.0.2.1]}', { answer: ['www.x 60 CNAME y', 'y 60 CNAME www.x'] })
    expect([failureOf(loop), ...validationOf(loop)]).toEqual(['records', 0, 1])
    expect(loop.log).toContain('the aliases of www.x. form a loop')
    const dangling = await ask('expect: {records: [192.0.2.1]}', { answer: ['www.x 60 CNAME y'] })
    expect(dangling.log).toContain('A records of y.: 1 missing (192.0.2.1)')
  })

  test('looks at other sections and types', async () => {
    const sections = { authority: ['x 60 NS ns1.X', 'x 60 NS ns2.x'], additional: ['ns1.x 60 A 192.0.2.53'] }
    const referral = await ask('expect: {section: authority, type: NS, records: [NS1.x., NS2.x.]}', sections)
    expect(validationOf(referral)).toEqual([2, 0])
    const glue = await ask('expect: {section: additional, records: [192.0.2.54]}', sections)
    expect(outcomesOf(glue)).toEqual({ match: 0, missing: 1, unexpected: 1, ttl_out_of_bounds: 0, malformed: 0 })
  })

  test('has all its series from an answer on, and none without', async () => {
    const zero = { match: 0, missing: 0, unexpected: 0, ttl_out_of_bounds: 0, malformed: 0 }
    const empty = await ask('expect: {count: {max: 1}}', {})
    expect([outcomesOf(empty), validationOf(empty)]).toEqual([zero, [0, 0]])
    const other = await ask('recursion_desired: true', { answer: www })
    expect([outcomesOf(other), validationOf(other)]).toEqual([{}, [undefined, undefined]])
    await using silent = await startDns({ udp: () => {} })
    const late = await probe(yaml('expect: {count: {max: 1}}').replace('10s', '300ms'), {
      target: silent.target,
      module: 'm',
    })
    expect([failureOf(late), outcomesOf(late), checksOf(late)]).toEqual(['timeout', {}, ''])
  })

  test('marks records that are malformed', async () => {
    const answer = await ask('expect: {records: [192.0.2.1, 192.0.2.2]}', {
      answer: [...www, { ...broken, owner: 'www.x' }],
    })
    expect(outcomesOf(answer)).toEqual({ match: 2, missing: 0, unexpected: 0, ttl_out_of_bounds: 0, malformed: 1 })
    expect(failureOf(answer)).toBe('records')
  })

  test('counts in the process, from 0 for every module that has it', async () => {
    const modules = ['good: [192.0.2.1, 192.0.2.2]', 'bad: [192.0.2.1]', 'unused: [192.0.2.1]'].map(entry => {
      const [name, records] = entry.split(': ')
      return `${name}: {prober: dns, dns: {query_name: www.x, query_type: A, expect: {records: ${records}}}}`
    })
    await using server = await startDns({ udp: (query, send) => send(answerWith(query, { answer: www })) })
    const plain = 'plain: {prober: dns, dns: {query_name: www.x, query_type: A}}'
    await using sonde = await startSonde(`modules: {${[...modules, plain].join(', ')}}`)
    for (const module of ['good', 'bad', 'good', 'plain']) {
      const query = new URLSearchParams({ module, target: server.target })
      await readAnswer(await sonde.get(`/probe?${query}`))
    }
    const series = parseExposition(await (await sonde.get('/metrics')).text())
    const count = (module: string, status: string) =>
      sampleValue(series, 'dns_record_validation_total', { module, status })
    expect([count('good', 'valid'), count('good', 'invalid')]).toEqual([4, 0])
    expect([count('bad', 'valid'), count('bad', 'invalid')]).toEqual([1, 1])
    expect([count('unused', 'valid'), count('unused', 'invalid')]).toEqual([0, 0])
    expect([count('plain', 'valid'), count('plain', 'invalid')]).toEqual([undefined, undefined])
  })
})

describe('what records tell', () => {
  test('timers of the SOA record', async () => {
    const timers = (answer: Answer) =>
      ['refresh', 'retry', 'expire', 'minimum'].map(timer => answer.value(`probe_dns_soa_${timer}_seconds`))
    const soa = 'www.x 60 SOA ns.x hm.x 7 2h 1h 2w 5m'
    const answer = await ask('recursion_desired: true', { answer: [soa] }, { type: 'SOA' })
    expect(timers(answer)).toEqual([7200, 3600, 1_209_600, 300])
    const none = await ask('recursion_desired: true', { authority: [soa] }, { type: 'SOA' })
    expect([none.value('probe_dns_serial'), ...timers(none)]).toEqual([0, ...Array(4).fill(undefined)])
    const short = { ...rr(soa), rdata: rr(soa).rdata.slice(0, -2) }
    expect(timers(await ask('recursion_desired: true', { answer: [short] }, { type: 'SOA' }))).toEqual(
      Array(4).fill(undefined),
    )
  })

  test('a hash of their data in any order, form and case, whatever their TTLs are', async () => {
    const hash = async (...answer: (string | Rr)[]) =>
      (await ask('recursion_desired: true', { answer })).value('probe_dns_answer_hash')
    const [first, second] = www as [string, string]
    const both = await hash(first, second)
    expect(both).toBe(Number(fnv1a('1 192.0.2.1\n1 192.0.2.2\n')))
    expect(await hash(second.replace('60', '5'), first)).toBe(both)
    expect(await hash(first)).not.toBe(both)
    expect(await hash('www.x 1 CNAME Y.z')).toBe(await hash('www.x 2 CNAME y.Z'))
    expect(await hash('www.x 1 TXT "ab"')).toBe(await hash('www.x 1 TXT "a" "b"'))
    expect(await hash()).toBe(0x811c9dc5)
    const signature = 'www.x 60 RRSIG A 13 2 60 20271121035509 20261121035509 1 x. AQ=='
    expect(await hash(first, second, signature)).toBe(both)
    const asked = await ask('recursion_desired: true', { answer: [signature] }, { type: 'RRSIG' })
    expect(asked.value('probe_dns_answer_hash')).not.toBe(0x811c9dc5)
  })

  test('their TTLs, when that is asked for', async () => {
    const sections = { answer: www, authority: ['x 7 NS ns.x'], additional: ['ns.x 8 A 192.0.2.53'] }
    const off = await ask('recursion_desired: true', sections)
    expect([...off.names].filter(name => name.startsWith('probe_dns_rr_'))).toEqual([])
    const on = await ask('per_record_ttl: {enabled: true}', sections)
    const series = on.series.filter(({ name }) => name === 'probe_dns_rr_ttl_seconds')
    expect(series.map(({ labels, value }) => [...Object.values(labels).sort(), value])).toEqual([
      ['192.0.2.53', 'A', 'additional', 'ns.x.', 8],
      ['192.0.2.1', 'A', 'answer', 'www.x.', 60],
      ['192.0.2.2', 'A', 'answer', 'www.x.', 60],
      ['NS', 'authority', 'ns.x.', 'x.', 7],
    ])
    expect(on.value('probe_dns_rr_ttl_truncated')).toBe(0)
  })

  test('their TTLs, up to a number and with so much of their data', async () => {
    const texts = ['aaaab', 'aaaac', 'b\\001', 'c'].map((text, at) => `www.x ${9 - at} TXT "${text}"`)
    const section = 'per_record_ttl: {enabled: true, max_series: 3, value_length: 5}'
    const answer = await ask(section, { answer: texts }, { type: 'TXT' })
    const series = answer.series.filter(({ name }) => name === 'probe_dns_rr_ttl_seconds')
    expect(series.map(({ labels, value }) => [labels.value, value])).toEqual([
      ['"aaaa', 8],
      ['"b\\00', 7],
    ])
    expect(answer.value('probe_dns_rr_ttl_truncated')).toBe(1)
  })
})

/** By http://www.isthe.com/chongo/tech/comp/fnv, with other arithmetic than sonde's. */
function fnv1a(text: string): bigint {
  let hash = 2166136261n
  for (const octet of Buffer.from(text)) hash = ((hash ^ BigInt(octet)) * 16777619n) % 2n ** 32n
  return hash
}

describe('as many records as a message holds', () => {
  const addresses = Array.from({ length: 4000 }, (_, at) => `192.0.${at >> 8}.${at & 255}`)

  test('are judged by every check without holding others up', async () => {
    const octets = (query: Buffer) =>
      answerTo(query, {
        answer: addresses.map(text => ({ type: 1, rdata: Buffer.from(text.split('.').map(Number)).toString('hex') })),
      })
    await using server = await startDns({ tcp: (query, socket) => reply(socket, octets(query)) })
    const section = [
      'transport_protocol: tcp',
      'expect: {match: subset, records: [192.0.0.1, 192.0.15.1], count: {min: 4000}, ttl: {min: 1m}}',
      'per_record_ttl: {enabled: true, max_series: 1000}',
      "validate_answer_rrs: {fail_if_not_matches_regexp: ['\\tA\\t', '192\\.0\\.']}",
    ]
    const answer = await probe(yaml(section.join(', ')), { target: server.target, module: 'm' })
    expect([answer.value('probe_success'), validationOf(answer)]).toEqual([1, [4000, 0]])
    expect(checksOf(answer)).toBe('answer_rrs=1 count=1 rcode=1 records=1 ttl=1')
    expect(answer.value('probe_dns_rr_ttl_truncated')).toBe(1)
  })

  const pointer = 'c00c'
  const bitmap = Array.from({ length: 256 }, (_, at) => `${at.toString(16).padStart(2, '0')}20${'ff'.repeat(32)}`).join(
    '',
  )
  const label = `3f${'ff'.repeat(63)}`
  const longName = `${label.repeat(3)}3d${'ff'.repeat(61)}00`

  test.each<[string, string, readonly Rr[]]>([
    ['all types there can be', 'NSEC', Array.from({ length: 7 }, () => ({ type: 47, rdata: pointer + bitmap }))],
    ['texts of nothing', 'TXT', [{ type: 16, rdata: '00'.repeat(60_000) }]],
    [
      'the longest name',
      'NS',
      [{ type: 2, rdata: longName }, ...Array.from({ length: 4000 }, () => ({ type: 2, rdata: 'c021' }))],
    ],
  ])('may hold %s', async (_, type, answer) => {
    const octets = (query: Buffer) => answerTo(query, { answer })
    await using server = await startDns({ tcp: (query, socket) => reply(socket, octets(query)) })
    const expected = type === 'NSEC' ? 'x.' : type === 'NS' ? 'ns.x' : 'x'
    const section = [
      'transport_protocol: tcp',
      `expect: {match: none, records: [${expected}], ttl: {min: 1s}}`,
      'per_record_ttl: {enabled: true, max_series: 1000}',
      "validate_answer_rrs: {fail_if_matches_regexp: ['nothing']}",
    ]
    const answered = await probe(yaml(section.join(', '), type), { target: server.target, module: 'm' })
    expect([answered.value('probe_success'), validationOf(answered)]).toEqual([1, [answer.length, 0]])
    expect(answered.value('probe_duration_seconds')).toBeLessThan(8)
  })
})
