import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { watchLoop } from '../../support/loop.ts'
import { type Handler, serve } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { probeHttp } from './support.ts'

const sending =
  (body: Buffer | string, headers: Record<string, string> = {}): Handler =>
  (_request, response) =>
    response.writeHead(200, headers).end(body)

const outcome = async (handler: Handler, options: Record<string, unknown>, timeout = '5s') => {
  await using server = await serve(handler)
  const answer = await probeHttp(server.host, options, { timeout })
  return {
    reason: answer.reason,
    length: answer.value('probe_http_uncompressed_body_length'),
    regex: answer.value('probe_failed_due_to_regex'),
    log: answer.log,
    sent: server.asked[0]?.headers['accept-encoding'],
  }
}

describe('patterns', () => {
  test.each([
    ['matches: none does', { fail_if_body_matches_regexp: ['foo', 'bar'] }, false],
    ['matches: one does', { fail_if_body_matches_regexp: ['foo', 'good'] }, true],
    ['not_matches: all do', { fail_if_body_not_matches_regexp: ['very', 'good'] }, false],
    ['not_matches: one does not', { fail_if_body_not_matches_regexp: ['very', 'bad'] }, true],
    ['both', { fail_if_body_matches_regexp: ['bad'], fail_if_body_not_matches_regexp: ['good'] }, false],
    ['. matches no line break', { fail_if_body_matches_regexp: ['very.good'] }, false],
    ['unless told to', { fail_if_body_matches_regexp: ['(?s)very.good'] }, true],
    ['^ is the start of the body', { fail_if_body_matches_regexp: ['^good'] }, false],
    ['or of a line', { fail_if_body_matches_regexp: ['(?m)^good'] }, true],
    ['in any case', { fail_if_body_matches_regexp: ['(?i)VERY'] }, true],
    ['letters beyond ASCII', { fail_if_body_matches_regexp: ['gut: ü$'] }, true],
    ['a pattern that would take for ever elsewhere', { fail_if_body_matches_regexp: ['(a|a)*(b|b)*$X'] }, false],
  ])('%s', async (_name, options, fails) => {
    const { reason, length, regex } = await outcome(sending('very\ngood\ngut: ü'), options)
    expect({ reason, length, regex }).toEqual(
      fails ? { reason: 'content', length: 17, regex: 1 } : { reason: undefined, length: 17, regex: 0 },
    )
  })

  test('more than can be searched', async () => {
    const body = Buffer.alloc(16 * 2 ** 20 + 1)
    expect(await outcome(sending(body), { fail_if_body_matches_regexp: ['x'] })).toMatchObject({
      reason: 'too_large',
      length: 16 * 2 ** 20,
      regex: 1,
    })
    expect(await outcome(sending(body), {})).toMatchObject({ reason: undefined, length: 16 * 2 ** 20 + 1 })
    const raised = { fail_if_body_matches_regexp: ['x'], body_size_limit: '17MB' }
    expect(await outcome(sending(body), raised)).toMatchObject({ reason: undefined })
  })
})

/** Text of a and b in no order, for which the pattern below takes RE2 long: 40 s for 1 MB. */
function costlyText(length: number): string {
  let seed = 1
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % 2 === 0 ? 'a' : 'b'
  }
  return Array.from({ length }, next).join('')
}

const costlyPattern = '(a[ab]{3,30}){3,10}[cd]'

describe('costly patterns on a small answer hold nobody up', () => {
  const text = costlyText(120_000)
  const rule = [{ header: 'X', regexp: costlyPattern }]

  test.each([
    ['the body', text, {}, { fail_if_body_matches_regexp: [costlyPattern] }],
    ['JSON', `"${text}"`, {}, { fail_if_body_json_matches_cel: `body.matches('${costlyPattern}')` }],
    ['a header', '', { X: text }, { fail_if_header_matches: rule }],
    ['many headers', '', { X: Array(30).fill(text.slice(0, 4000)) }, { fail_if_header_matches: rule }],
  ])('%s', async (_name, body, headers, options) => {
    await using server = await serve((_request, response) => response.writeHead(200, headers).end(body))
    await using sonde = await startSonde(`modules: {m: {prober: http, timeout: 2s, http: ${JSON.stringify(options)}}}`)
    const loop = watchLoop()
    const answer = await sonde.get(`/probe?module=m&target=${server.host}`)
    expect(loop.end()).toBeLessThan(1000)
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('probe_success')])
  })
})

describe.each([
  ['here', 10],
  ['in a thread', 200_000],
])('headers that are judged %s', (_place, length) => {
  const value = `${'x'.repeat(length)}\u00fc`
  const rule = (header: string, regexp: string) => [{ header, regexp }]

  test.each([
    ['matches: it does', { fail_if_header_matches: rule('X-Long', '(?i)XÜ$') }, 'header X-Long matches (?i)XÜ$'],
    ['matches: it does not', { fail_if_header_matches: rule('X-Long', '(?i)XÜX') }, undefined],
    ['not_matches: it does', { fail_if_header_not_matches: rule('x-long', '(?i)XÜ$') }, undefined],
    [
      'not_matches: it does not',
      { fail_if_header_not_matches: rule('x-long', '(?i)XÜX') },
      'header x-long does not match (?i)XÜX',
    ],
    [
      'one value of several is enough',
      { fail_if_header_not_matches: [...rule('X-Long', '(?i)^short$'), ...rule('X-Long', '(?i)XÜ$')] },
      undefined,
    ],
    [
      'both lists, and one that is missing',
      { fail_if_header_matches: rule('X-Long', '(?i)XÜX'), fail_if_header_not_matches: rule('X-None', 'a') },
      'header X-None is missing',
    ],
    [
      'one that may be missing',
      {
        fail_if_header_matches: rule('X-Long', '(?i)XÜX'),
        fail_if_header_not_matches: [{ header: 'X-None', regexp: 'a', allow_missing: true }],
      },
      undefined,
    ],
  ])('%s', async (_name, options, message) => {
    const values = ['short', Buffer.from(value).toString('latin1')]
    await using server = await serve((_request, response) => response.writeHead(200, { 'x-long': values }).end())
    const answer = await probeHttp(server.host, options)
    expect([answer.reason, answer.value('probe_failed_due_to_regex')]).toEqual(
      message ? ['content', 1] : [undefined, 0],
    )
    expect(answer.log).toContain(message ?? '')
  })
})

describe('patterns on a large body', () => {
  test('see all of it, and the first that decides is told', async () => {
    const body = `first\n${'lorem ipsum\n'.repeat(100_000)}last: ü`
    const options = { fail_if_body_not_matches_regexp: ['^first', 'last: ü$', '(?m)^ipsum'] }
    const { reason, regex, log } = await outcome(sending(body), options)
    expect({ reason, regex }).toEqual({ reason: 'content', regex: 1 })
    expect(log).toContain('the body does not match (?m)^ipsum')
    const passing = {
      fail_if_body_not_matches_regexp: ['^first', 'last: ü$'],
      fail_if_body_matches_regexp: ['(?i)DOLOR'],
    }
    expect(await outcome(sending(body), passing)).toMatchObject({ reason: undefined, regex: 0 })
  })

  test('that take long end at the deadline, and hold nobody up', async () => {
    const body = costlyText(4 * 2 ** 20)
    const patterns = `{fail_if_body_matches_regexp: ["${costlyPattern}"]}`
    await using server = await serve(sending(body))
    await using sonde = await startSonde(`modules: {m: {prober: http, timeout: 2s, http: ${patterns}}}`)
    const ask = async () => (await sonde.get(`/probe?module=m&target=${server.host}`)).text()
    const loop = watchLoop()
    const texts = await Promise.all([ask(), ask()])
    expect(loop.end()).toBeLessThan(1000)
    for (const text of texts) expect(text).toContain('probe_failure_info{reason="timeout"} 1')
  })
})

describe('compression', () => {
  const text = 'some text, some text, some text'
  const codings = {
    gzip: gzipSync(text),
    br: brotliCompressSync(text),
    deflate: deflateSync(text),
    'raw deflate': deflateRawSync(text),
    identity: Buffer.from(text),
  }

  test.each([
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['br', 'br'],
    ['deflate', 'deflate'],
    ['deflate', 'raw deflate'],
    ['identity', 'identity'],
  ] as const)('%s decodes %s, and patterns see the text', async (compression, coding) => {
    const options = { compression, fail_if_body_not_matches_regexp: ['^some text'] }
    expect(await outcome(sending(codings[coding]), options)).toMatchObject({ reason: undefined, length: 31, regex: 0 })
  })

  test.each([
    ['gzip', 'identity'],
    ['gzip', 'br'],
    ['br', 'gzip'],
    ['br', 'identity'],
    ['deflate', 'gzip'],
    ['deflate', 'identity'],
  ] as const)('%s does not decode %s', async (compression, coding) => {
    expect(await outcome(sending(codings[coding]), { compression })).toMatchObject({ reason: 'protocol', length: 0 })
  })

  test.each(['gzip', 'br', 'deflate'] as const)('%s that breaks off', async compression => {
    const { reason, log } = await outcome(sending(codings[compression].subarray(0, -5)), { compression })
    expect(reason).toBe('protocol')
    expect(log).toMatch(/the body (is not|broke off)/)
  })

  test('an empty body is not compressed, unless the head says that there is none', async () => {
    const chunked: Handler = (_request, response) => {
      response.flushHeaders()
      response.end()
    }
    expect(await outcome(chunked, { compression: 'gzip' })).toMatchObject({ reason: 'protocol', length: 0 })
    expect(await outcome(sending('', { 'content-length': '0' }), { compression: 'gzip' })).toMatchObject({
      reason: undefined,
      length: 0,
    })
  })

  test('a read error counts as a failed pattern', async () => {
    const options = { compression: 'gzip', fail_if_body_matches_regexp: ['x'] }
    expect(await outcome(sending('plain'), options)).toMatchObject({ reason: 'protocol', regex: 1 })
  })

  test('without the option nothing is asked for and nothing is decoded', async () => {
    const handler = sending(codings.gzip, { 'content-encoding': 'gzip' })
    expect(await outcome(handler, {})).toMatchObject({
      reason: undefined,
      length: codings.gzip.length,
      sent: undefined,
    })
  })

  test('Accept-Encoding is what the module says', async () => {
    const options = { compression: 'br', headers: { 'Accept-Encoding': 'gzip, br' } }
    expect((await outcome(sending(codings.br), options)).sent).toBe('gzip, br')
  })
})

describe('body_size_limit', () => {
  test.each([
    ['below', 'x'.repeat(9), 9, undefined],
    ['at it', 'x'.repeat(10), 10, undefined],
    ['above', 'x'.repeat(11), 10, 'too_large'],
    ['far above', 'x'.repeat(1_000_000), 10, 'too_large'],
  ])('%s', async (_name, body, length, reason) => {
    expect(await outcome(sending(body), { body_size_limit: 10 })).toMatchObject({ length, reason })
    const gzipped = { body_size_limit: 10, compression: 'gzip' }
    expect(await outcome(sending(gzipSync(body)), gzipped)).toMatchObject({ length, reason })
  })

  test('a body without an end stops at the limit', async () => {
    const endless: Handler = (_request, response) => {
      const write = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', write)
      write()
    }
    const { reason, length } = await outcome(endless, { body_size_limit: '1MB' })
    expect([reason, length]).toEqual(['too_large', 2 ** 20])
  })

  test('a bomb does not grow memory', async () => {
    const before = process.memoryUsage().rss
    const options = { compression: 'gzip', body_size_limit: '100MB' }
    const bomb = gzipSync(Buffer.alloc(200 * 2 ** 20))
    expect(await outcome(sending(bomb), options)).toMatchObject({ reason: 'too_large', length: 100 * 2 ** 20 })
    const rules = { compression: 'gzip', fail_if_body_matches_regexp: ['x'] }
    expect(await outcome(sending(bomb), rules)).toMatchObject({ reason: 'too_large', length: 16 * 2 ** 20 })
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20)
  })
})
