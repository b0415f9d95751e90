import { setTimeout as sleep, setImmediate as tick } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { readMessage } from '../../../src/probers/dns/wire/message.ts'
import { probe, readAnswer } from '../../support/probe.ts'
import { startSonde } from '../../support/sonde.ts'
import { a, answerTo, name, questionOf, tc } from './build.ts'
import { closedPort, type Handlers, reply, startDns } from './dns-server.ts'
import { hostile } from './vectors.ts'

/** A modules file with one module `m`; `section` in YAML's flow form, in which `query_type` is A unless given. */
const yaml = (section = '', timeout = '5s') => {
  const defaults = ['query_type: A', 'preferred_ip_protocol: ip4'].filter(
    line => !section.includes(line.split(':')[0] ?? ''),
  )
  const options = ['query_name: www.example.org', ...defaults, section].filter(line => line !== '').join(', ')
  return `modules: {m: {prober: dns, timeout: ${timeout}, dns: {${options}}}}`
}

/** Probes a server that behaves as the handlers say. */
async function ask(handlers: Handlers, section = '', timeout = '5s') {
  await using server = await startDns(handlers)
  const answer = await probe(yaml(section, timeout), { target: server.target, module: 'm' })
  return { answer, server }
}

const twoRecords = (query: Buffer) =>
  answerTo(query, { flags: 0x0580, answer: [a('192.0.2.1', 60), a('192.0.2.2', 300)] })

const always = [
  'probe_success',
  'probe_duration_seconds',
  'probe_timeout_seconds',
  'probe_ip_protocol',
  'probe_ip_addr_hash',
  'probe_dns_lookup_time_seconds',
  'probe_dns_duration_seconds',
  'probe_dns_answer_rrs',
  'probe_dns_authority_rrs',
  'probe_dns_additional_rrs',
  'probe_dns_query_succeeded',
  'probe_dns_query_info',
]

describe('a healthy server', () => {
  test.each([
    ['udp', { udp: (query: Buffer, send: (octets: Buffer) => void) => send(twoRecords(query)) }],
    ['tcp', { tcp: (query: Buffer, socket: Parameters<typeof reply>[0]) => reply(socket, twoRecords(query)) }],
  ])('over %s', async (transport, handlers) => {
    const { answer } = await ask(handlers, `transport_protocol: ${transport}`)
    expect(answer.status).toBe(200)
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_query_succeeded')).toBe(1)
    expect(answer.value('probe_dns_answer_rrs')).toBe(2)
    expect(answer.value('probe_dns_authority_rrs')).toBe(0)
    expect(answer.value('probe_ip_protocol')).toBe(4)
    expect(answer.value('probe_dns_rcode')).toBe(0)
    expect(answer.value('probe_dns_rcode_info', { rcode: 'NOERROR' })).toBe(1)
    const flags = ['aa', 'tc', 'rd', 'ra', 'ad', 'cd', 'do']
    expect(flags.map(flag => answer.value('probe_dns_flag', { flag }))).toEqual([1, 0, 1, 1, 0, 0, 0])
    expect(answer.value('probe_dns_truncated')).toBe(0)
    expect(answer.value('probe_dns_tcp_fallback')).toBe(0)
    expect(answer.value('probe_dns_ignored_responses')).toBe(0)
    expect(answer.value('probe_dns_response_bytes')).toBe(12 + 21 + 2 * 16)
    expect(answer.value('probe_dns_answer_ttl_seconds', { stat: 'min' })).toBe(60)
    expect(answer.value('probe_dns_answer_ttl_seconds', { stat: 'max' })).toBe(300)
    const info = { query_name: 'www.example.org', query_type: 'A', query_class: 'IN', transport }
    expect(answer.value('probe_dns_query_info', info)).toBe(1)
    for (const phase of ['resolve', 'connect', 'request']) {
      expect(answer.value('probe_dns_duration_seconds', { phase })).toBeGreaterThan(0)
    }
    expect(answer.names).not.toContain('probe_dns_failure')
    expect(answer.names).not.toContain('probe_dns_serial')
  })

  test('over IPv6', async () => {
    const { answer } = await ask({ host: '::1', udp: (query, send) => send(twoRecords(query)) })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_ip_protocol')).toBe(6)
  })

  test('is sent what the module says', async () => {
    const udp: Handlers['udp'] = (query, send) => send(answerTo(query))
    const { server: plain } = await ask({ udp }, 'edns: false, recursion_desired: false, query_class: CH')
    const asked = readMessage(plain.udpQueries[0]!)
    expect(asked).toMatchObject({ edns: undefined, questions: [{ type: 1, class: 3 }] })
    expect(asked.flags.rd).toBe(false)
    const { server } = await ask({ udp }, 'edns: {udp_size: 4000}')
    expect(readMessage(server.udpQueries[0]!)).toMatchObject({ edns: { udpBytes: 4000, dnssecOk: false } })
  })

  test('may send from the address that is asked for', async () => {
    const { answer } = await ask({ udp: (query, send) => send(twoRecords(query)) }, 'source_ip_address: 127.0.0.1')
    expect(answer.value('probe_success')).toBe(1)
    const tcp = await ask(
      { tcp: (query, socket) => reply(socket, twoRecords(query)) },
      'source_ip_address: 127.0.0.1, transport_protocol: tcp',
    )
    expect(tcp.answer.value('probe_success')).toBe(1)
  })

  test('may answer in another case, and its OPT record is no data', async () => {
    const upper = (query: Buffer) => Buffer.from(questionOf(query).map(octet => (octet >= 97 ? octet - 32 : octet)))
    const opt = { owner: '.', type: 41, class: 1232, ttl: 0x8000, rdata: '' }
    const { answer } = await ask(
      { udp: (query, send) => send(answerTo(query, { question: upper(query), additional: [opt, a('192.0.2.9')] })) },
      "validate_additional_rrs: {fail_if_matches_regexp: ['OPT'], fail_if_not_matches_regexp: ['2\\.9$']}",
    )
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_additional_rrs')).toBe(1)
    expect(answer.value('probe_dns_flag', { flag: 'do' })).toBe(1)
  })

  test('may leave its question out when it refuses', async () => {
    const refuse: Handlers = {
      udp: (query, send) => send(answerTo(query, { rcode: 5, question: Buffer.alloc(0) })),
    }
    expect((await ask(refuse, 'valid_rcodes: [REFUSED]')).answer.value('probe_success')).toBe(1)
    const nothing: Handlers = {
      udp: (query, send) => send(answerTo(query, { rcode: 0, question: Buffer.alloc(0) })),
    }
    const { answer } = await ask(nothing, '', '300ms')
    expect([answer.reason, answer.value('probe_dns_ignored_responses')]).toEqual(['timeout', 1])
  })

  test('has a serial', async () => {
    const soa = (serial: string) => `${name('ns')}${name('h')}${serial}${'00000001'.repeat(4)}`
    const { answer: other } = await ask({ udp: (query, send) => send(answerTo(query)) })
    expect(other.names).not.toContain('probe_dns_serial')
    for (const [answer, expected] of [
      [[{ type: 6, rdata: soa('78c40465') }], 2_026_112_101],
      // Of several the last one, as in blackbox_exporter.
      [
        [
          { type: 6, rdata: soa('00000005') },
          { type: 6, rdata: soa('00000007') },
        ],
        7,
      ],
      [[], 0],
      [[{ type: 6, rdata: `${soa('78c40465')}00` }], 0],
    ] as const) {
      const result = await ask({ udp: (query, send) => send(answerTo(query, { answer })) }, 'query_type: SOA')
      expect(result.answer.value('probe_dns_serial')).toBe(expected)
    }
  })

  test('tells its story in debug', async () => {
    await using server = await startDns({ udp: (query, send) => send(twoRecords(query)) })
    const section = "validate_answer_rrs: {fail_if_not_matches_regexp: ['\\tA\\t']}"
    const { text } = await probe(yaml(section), { target: server.target, module: 'm', debug: 'true' })
    for (const line of [
      'sending the query',
      'received an answer',
      'answer record',
      'the check passed" check=rcode',
      'the check passed" check=answer_rrs',
      'query_name: www.example.org',
    ]) {
      expect(text).toContain(line)
    }
  })

  test('tells of twenty records in debug, and of each the beginning', async () => {
    const long = { type: 16, rdata: `ff${'79'.repeat(255)}` }
    const answer = [long, ...Array.from({ length: 24 }, (_, index) => a(`192.0.2.${index}`))]
    await using server = await startDns({ udp: (query, send) => send(answerTo(query, { answer })) })
    const { text } = await probe(yaml('edns: {udp_size: 4096}'), {
      target: server.target,
      module: 'm',
      debug: 'true',
    })
    const lines = text.split('\n').filter(line => line.includes('answer record'))
    expect(lines).toHaveLength(20)
    expect(lines[0]).toMatch(/TXT.*"y{100,200}…/)
    expect(lines[19]).toContain('192.0.2.18')
  })
})

describe('failures', () => {
  const silent: Handlers = { udp: () => {}, tcp: () => {} }
  const udp = (shape: Parameters<typeof answerTo>[1]): Handlers => ({
    udp: (query, send) => send(answerTo(query, shape)),
  })
  const tcp = (shape: Parameters<typeof answerTo>[1]): Handlers => ({
    tcp: (query, socket) => reply(socket, answerTo(query, shape)),
  })
  const overTcp = 'transport_protocol: tcp'
  const any = "{fail_if_matches_regexp: ['.']}"

  test.each<[label: string, handlers: Handlers, section: string, shared: string, detail: string]>([
    ['no address', silent, 'preferred_ip_protocol: ip6, ip_protocol_fallback: false', 'resolve', 'resolve'],
    ['silence over udp', silent, '', 'timeout', 'timeout'],
    ['silence over tcp', silent, overTcp, 'timeout', 'timeout'],
    ['half a frame', { tcp: (_, socket) => void socket.write(Buffer.from([0, 9, 1])) }, overTcp, 'timeout', 'timeout'],
    ['early close', { tcp: (_, socket) => void socket.end(Buffer.from([0, 9, 1])) }, overTcp, 'connect', 'closed'],
    ['close without a word', { tcp: (_, socket) => void socket.end() }, overTcp, 'connect', 'closed'],
    ['reset', { tcp: (_, socket) => void socket.resetAndDestroy() }, overTcp, 'connect', 'closed'],
    [
      'malformed over udp',
      { udp: (query, send) => send(answerTo(query, { answer: [a('192.0.2.1')] }).subarray(0, -1)) },
      '',
      'protocol',
      'malformed',
    ],
    [
      'broken question',
      { udp: (query, send) => send(answerTo(query, { question: Buffer.from([0x41]), questions: 1 })) },
      '',
      'protocol',
      'malformed',
    ],
    ['malformed over tcp', { tcp: (_, socket) => reply(socket, Buffer.alloc(11)) }, overTcp, 'protocol', 'malformed'],
    ['empty frame', { tcp: (_, socket) => reply(socket, Buffer.alloc(0)) }, overTcp, 'protocol', 'malformed'],
    [
      'two OPT records',
      udp({ additional: Array(2).fill({ owner: '.', type: 41, rdata: '' }) }),
      '',
      'protocol',
      'malformed',
    ],
    [
      'wrong id over tcp',
      { tcp: (query, socket) => reply(socket, answerTo(query, { id: query.readUInt16BE() ^ 1 })) },
      overTcp,
      'protocol',
      'mismatch',
    ],
    [
      'wrong question over tcp',
      tcp({ question: Buffer.from('0178000001 0001'.replace(' ', ''), 'hex') }),
      overTcp,
      'protocol',
      'mismatch',
    ],
    ['query echoed over tcp', { tcp: (query, socket) => reply(socket, query) }, overTcp, 'protocol', 'mismatch'],
    [
      'truncated without fallback',
      udp({ flags: tc, answer: [a('192.0.2.1')] }),
      'tcp_fallback: false',
      'protocol',
      'truncated',
    ],
    ['truncated over tcp', tcp({ flags: tc, answer: [a('192.0.2.1')] }), overTcp, 'protocol', 'truncated'],
    ['rcode', udp({ rcode: 3 }), '', 'status', 'rcode'],
    ['NOERROR that is not listed', udp({}), 'valid_rcodes: [NXDOMAIN]', 'status', 'rcode'],
    ['answer', udp({ answer: [a('192.0.2.1')] }), `validate_answer_rrs: ${any}`, 'content', 'answer_rrs'],
    ['authority', udp({ authority: [a('192.0.2.1')] }), `validate_authority_rrs: ${any}`, 'content', 'authority_rrs'],
    [
      'additional',
      udp({ additional: [a('192.0.2.1')] }),
      `validate_additional_rrs: ${any}`,
      'content',
      'additional_rrs',
    ],
    [
      'rcode before records',
      udp({ rcode: 3, answer: [a('192.0.2.1')] }),
      `validate_answer_rrs: ${any}`,
      'status',
      'rcode',
    ],
    [
      'answer before authority',
      udp({ answer: [a('192.0.2.1')], authority: [a('192.0.2.1')] }),
      `validate_authority_rrs: ${any}, validate_answer_rrs: ${any}`,
      'content',
      'answer_rrs',
    ],
    ['a source of another family', silent, "source_ip_address: '::1'", 'connect', 'unreachable'],
    ['a source that is not ours', silent, 'source_ip_address: 192.0.2.1', 'connect', 'unreachable'],
    [
      'a source that is not ours, over tcp',
      silent,
      `source_ip_address: 192.0.2.1, ${overTcp}`,
      'connect',
      'unreachable',
    ],
  ])('%s', async (_case, handlers, section, shared, detail) => {
    const { answer } = await ask(handlers, section, shared === 'timeout' ? '100ms' : '5s')
    expect(answer.status).toBe(200)
    expect(answer.value('probe_success')).toBe(0)
    expect(answer.reason).toBe(shared)
    expect(answer.value('probe_dns_failure', { reason: detail })).toBe(1)
    expect(answer.series.filter(series => series.name === 'probe_dns_failure')).toHaveLength(1)
    for (const metric of always) expect(answer.names).toContain(metric)
    const isAnswered = ['truncated', 'rcode', 'answer_rrs', 'authority_rrs', 'additional_rrs'].includes(detail)
    expect(answer.value('probe_dns_query_succeeded')).toBe(isAnswered ? 1 : 0)
    expect(answer.names.has('probe_dns_rcode')).toBe(isAnswered)
  })

  test.each(['udp', 'tcp'])('a closed port over %s', async transport => {
    const target = `127.0.0.1:${await closedPort()}`
    const answer = await probe(yaml(`transport_protocol: ${transport}`), { target, module: 'm' })
    expect(answer.reason).toBe('connect')
    expect(answer.value('probe_dns_failure', { reason: 'connect_refused' })).toBe(1)
    expect(answer.value('probe_duration_seconds')).toBeLessThan(1)
  })

  test.each([
    ['multicast', '[ff02::1]:53', 'ip6'],
    ['broadcast', '255.255.255.255:53', 'ip4'],
  ])('an address that no socket connects to: %s', async (_kind, target, family) => {
    const answer = await probe(yaml(`preferred_ip_protocol: ${family}`), { target, module: 'm' })
    expect([answer.status, answer.reason]).toEqual([200, 'connect'])
    expect(answer.value('probe_dns_failure', { reason: 'unreachable' })).toBe(1)
  })

  test('a server without EDNS: the message tells what to do', async () => {
    const opt = { owner: '.', type: 41, class: 1232, rdata: '' }
    const hint = 'a server without EDNS needs `edns: false`'
    for (const [shape, section, expected] of [
      [{ rcode: 1 }, '', true],
      [{ rcode: 1 }, 'edns: false', false],
      [{ rcode: 1, additional: [opt] }, '', false],
      [{ rcode: 5 }, '', false],
    ] as const) {
      const { answer } = await ask(udp(shape), section)
      expect(answer.value('probe_dns_failure', { reason: 'rcode' })).toBe(1)
      expect(answer.log.includes(hint), JSON.stringify([shape, section])).toBe(expected)
    }
  })

  test('a timeout shows where the time went', async () => {
    const { answer } = await ask(silent, '', '200ms')
    expect(answer.value('probe_dns_duration_seconds', { phase: 'request' })).toBeGreaterThan(0.1)
    expect(answer.value('probe_dns_duration_seconds', { phase: 'connect' })).toBeLessThan(0.1)
  })

  test('all records match: a failure by its name, a success in blackbox_exporter', async () => {
    const section = "validate_answer_rrs: {fail_if_all_match_regexp: ['192']}"
    const server = udp({ answer: [a('192.0.2.1'), a('192.0.2.2')] })
    expect((await ask(server, section)).answer.reason).toBe('content')
    const { answer } = await ask(server, `${section}, all_match_semantics: blackbox`)
    expect(answer.value('probe_success')).toBe(1)
  })
})

describe('truncation', () => {
  const truncating: Handlers['udp'] = (query, send) => send(answerTo(query, { flags: tc, answer: [a('192.0.2.1')] }))

  test('is healed over TCP', async () => {
    const { answer, server } = await ask({ udp: truncating, tcp: (query, socket) => reply(socket, twoRecords(query)) })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_answer_rrs')).toBe(2)
    expect(answer.value('probe_dns_truncated')).toBe(1)
    expect(answer.value('probe_dns_tcp_fallback')).toBe(1)
    expect(answer.value('probe_dns_flag', { flag: 'tc' })).toBe(0)
    expect(answer.value('probe_dns_query_info', { transport: 'udp' })).toBe(1)
    expect(server.tcpQueries).toEqual(server.udpQueries)
  })

  test('counts even when the answer is cut inside a record', async () => {
    const { answer } = await ask({
      udp: (query, send) => send(answerTo(query, { flags: tc, answer: [a('192.0.2.1')] }).subarray(0, -2)),
      tcp: (query, socket) => reply(socket, twoRecords(query)),
    })
    expect(answer.value('probe_success')).toBe(1)
  })

  test.each([
    ['UDP, without fallback', 'tcp_fallback: false'],
    ['TCP, too', ''],
  ])('fails as such when the answer is cut inside a record: over %s', async (_over, section) => {
    const cut = (query: Buffer) => answerTo(query, { flags: tc, answer: [a('192.0.2.1')] }).subarray(0, -2)
    const { answer } = await ask(
      { udp: (query, send) => send(cut(query)), tcp: (query, socket) => reply(socket, cut(query)) },
      section,
    )
    expect(answer.value('probe_dns_failure', { reason: 'truncated' })).toBe(1)
  })

  test('fails when TCP is refused', async () => {
    const { answer } = await ask({ udp: truncating })
    expect(answer.value('probe_dns_failure', { reason: 'connect_refused' })).toBe(1)
    expect(answer.value('probe_dns_truncated')).toBe(1)
    expect(answer.value('probe_dns_tcp_fallback')).toBe(1)
    expect(answer.value('probe_dns_answer_rrs')).toBe(0)
  })

  test('shares one deadline with the TCP that follows', async () => {
    const { answer } = await ask({ udp: truncating, tcp: () => {} }, '', '400ms')
    expect(answer.reason).toBe('timeout')
    expect(answer.value('probe_duration_seconds')).toBeLessThan(0.8)
  })
})

describe('slow TCP', () => {
  const inPieces = async (octets: Buffer, write: (piece: Buffer) => void) => {
    for (let at = 0; at < octets.length; at++) {
      write(octets.subarray(at, at + 1))
      await tick()
    }
  }

  test('one octet at a time', async () => {
    const { answer } = await ask(
      {
        tcp: (query, socket) => {
          socket.setNoDelay()
          const octets = twoRecords(query)
          const frame = Buffer.concat([Buffer.from([octets.length >> 8, octets.length & 255]), octets])
          void inPieces(frame, piece => socket.write(piece))
        },
      },
      'transport_protocol: tcp',
    )
    expect(answer.value('probe_success')).toBe(1)
  })

  test('one octet at a time, until the deadline', async () => {
    await using server = await startDns({
      tcp: (query, socket) => {
        const octets = twoRecords(query)
        let sent = 0
        const timer = setInterval(() => socket.write(octets.subarray(sent, ++sent)), 20)
        socket.on('close', () => clearInterval(timer))
      },
    })
    const answer = await probe(yaml('transport_protocol: tcp', '300ms'), { target: server.target, module: 'm' })
    expect(answer.reason).toBe('timeout')
    expect(answer.value('probe_duration_seconds')).toBeLessThan(0.7)
  })

  test('64 KiB', async () => {
    const answer = Array.from({ length: 4000 }, (_, index) => a(`192.0.${index >> 8}.${index & 255}`))
    const { answer: result } = await ask(
      { tcp: (query, socket) => reply(socket, answerTo(query, { answer })) },
      "transport_protocol: tcp, validate_answer_rrs: {fail_if_not_matches_regexp: ['\\t192\\.0\\.'], fail_if_none_matches_regexp: ['192\\.0\\.15\\.100$']}",
    )
    expect(result.value('probe_success')).toBe(1)
    expect(result.value('probe_dns_answer_rrs')).toBe(4000)
  })
})

describe('datagrams that do not answer the query', () => {
  const strays: Readonly<Record<string, (query: Buffer) => Buffer>> = {
    id: query => answerTo(query, { id: query.readUInt16BE() ^ 0x8000 }),
    'not a response': query => answerTo(query, { qr: false }),
    'the query itself': query => query,
    opcode: query => answerTo(query, { flags: 0x2000 }),
    'another name': query => answerTo(query, { question: Buffer.from('01780000010001', 'hex') }),
    'another type': query => {
      const question = Buffer.from(questionOf(query))
      question[question.length - 3] = 28
      return answerTo(query, { question })
    },
    'no question': query => answerTo(query, { question: Buffer.alloc(0) }),
    'two questions': query =>
      answerTo(query, { question: Buffer.concat([questionOf(query), questionOf(query)]), questions: 2 }),
    'nothing at all': () => Buffer.alloc(0),
    'half a header': query => query.subarray(0, 6),
  }

  test.each(Object.entries(strays))('%s: skipped, and the answer found', async (_kind, stray) => {
    const { answer } = await ask({
      udp: (query, send) => {
        for (let count = 0; count < 5; count++) send(stray(query))
        send(twoRecords(query))
      },
    })
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_ignored_responses')).toBe(5)
  })

  test.each(['id', 'another name'])('a flood of them (%s) lasts until the deadline', async kind => {
    let isFlooding = true
    const { answer } = await ask(
      {
        udp: async (query, send) => {
          for (const end = Date.now() + 4000; isFlooding && Date.now() < end; await tick()) {
            for (let count = 0; count < 50; count++) send(strays[kind]!(query))
          }
        },
      },
      '',
      '500ms',
    )
    isFlooding = false
    expect(answer.reason).toBe('timeout')
    expect(answer.value('probe_dns_failure', { reason: 'timeout' })).toBe(1)
    expect(answer.value('probe_dns_ignored_responses')).toBeGreaterThan(100)
    expect(answer.value('probe_duration_seconds')).toBeLessThan(2)
  })

  test('10,000 of them, and the answer at their end', async () => {
    let isOver = false
    const { answer } = await ask({
      udp: async (query, send) => {
        const stray = strays.id!(query)
        for (let count = 0; count < 10_000; count++) {
          send(stray)
          if (count % 50 === 0) await tick()
        }
        // The kernel drops what comes too fast.
        for (; !isOver; await sleep(10)) send(twoRecords(query))
      },
    })
    isOver = true
    expect(answer.value('probe_success')).toBe(1)
    expect(answer.value('probe_dns_ignored_responses')).toBeGreaterThan(1000)
  })
})

test('hostile answers: every probe ends by its deadline', async () => {
  const messages = hostile.flatMap(({ hex }) => (hex === undefined || hex.length < 24 ? [] : [Buffer.from(hex, 'hex')]))
  let next = 0
  // As refusals they need no question, so that the whole reader sees them.
  const disguised = (query: Buffer) => {
    const octets = Buffer.from(messages[next++ % messages.length]!)
    query.copy(octets, 0, 0, 2)
    octets.writeUInt16BE(0x8405, 2)
    return octets
  }
  await using server = await startDns({ udp: (query, send) => send(disguised(query)) })
  await using sonde = await startSonde(yaml('valid_rcodes: [REFUSED]', '400ms'))
  for (let round = 0; round < 2; round++) {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => readAnswer(await sonde.get(`/probe?target=${server.target}&module=m`))),
    )
    for (const answer of answers) {
      expect(answer.status).toBe(200)
      expect(answer.value('probe_duration_seconds')).toBeLessThan(1)
      expect([undefined, 'protocol', 'timeout']).toContain(answer.reason)
    }
  }
  expect(next).toBeGreaterThanOrEqual(200)
})

describe('requests', () => {
  test.each(['host:99999', 'a b', 'https://dns.example/', '[::1'])('a bad target is a 400: %s', async target => {
    expect((await probe(yaml(), { target, module: 'm' })).status).toBe(400)
  })

  test('an address that the policy refuses is a 403', async () => {
    expect((await probe(yaml(), { target: '169.254.169.254', module: 'm' })).status).toBe(403)
  })
})
