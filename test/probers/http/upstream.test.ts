import { brotliCompressSync, deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { serve, serveText } from '../../support/servers.ts'
import { probeHttp, redirecting } from './support.ts'

const text = 'some text, some text, some text'

/** Rows of blackbox_exporter's TestContentLength. */
describe('content length', () => {
  const codings = { br: brotliCompressSync(text), deflate: deflateRawSync(text), gzip: gzipSync(text) }

  test.each([
    ['identity', Buffer.from(text), 200],
    ['a coding that nobody knows', Buffer.from(text), 200],
    ['identity', Buffer.from(text), 404],
    ...Object.entries(codings).map(([name, body]) => [name, body, 200] as const),
  ] as const)('Content-Encoding: %s is not decoded without compression', async (coding, body, status) => {
    await using server = await serve((_request, response) => {
      response.writeHead(status, { 'content-encoding': coding, 'content-length': body.length }).end(body)
    })
    const answer = await probeHttp(server.host)
    expect(answer.reason).toBe(status === 200 ? undefined : 'status')
    expect(answer.value('probe_http_content_length')).toBe(body.length)
    expect(answer.value('probe_http_uncompressed_body_length')).toBe(body.length)
  })
})

describe('malformed gzip', () => {
  const whole = gzipSync(text)
  const changed = (at: number, octet: number) => {
    const octets = Buffer.from(whole)
    octets[at < 0 ? octets.length + at : at] = octet
    return octets
  }

  test.each([
    ['another magic number', changed(1, 0)],
    ['another method', changed(2, 7)],
    ['reserved flags', changed(3, 0xe0)],
    ['a block of no kind', changed(10, 0xff)],
    ['a wrong checksum', changed(-8, (whole.at(-8) ?? 0) ^ 1)],
    ['a wrong length', changed(-4, (whole.at(-4) ?? 0) ^ 1)],
    ['half a head', whole.subarray(0, 5)],
    ['one octet', whole.subarray(0, 1)],
    ['another stream behind it, malformed', Buffer.concat([whole, changed(2, 7)])],
  ])('%s', async (_name, body) => {
    await using server = await serve((_request, response) => response.end(body))
    const answer = await probeHttp(server.host, { compression: 'gzip', fail_if_body_matches_regexp: ['never'] })
    expect([answer.status, answer.reason]).toEqual([200, 'protocol'])
    expect(answer.value('probe_failed_due_to_regex')).toBe(1)
  })
})

describe('redirects to what is not probed', () => {
  test.each(['file:///etc/passwd', 'FILE:/etc/passwd', 'data:text/plain,fine', 'gopher://127.0.0.1/', 'unix:/run/x'])(
    '%s',
    async location => {
      await using server = await serve(redirecting)
      const answer = await probeHttp(`${server.host}/to/302/${encodeURIComponent(location)}`)
      expect([answer.status, answer.reason]).toEqual([200, 'protocol'])
      expect(answer.value('probe_http_status_code')).toBe(0)
      expect(server.asked).toHaveLength(1)
    },
  )

  test.each([
    'http://169.254.169.254/',
    'http://2852039166/',
    'http://0xa9.0xfe.0xa9.0xfe/',
    'http://0251.0376.0251.0376/',
    'http://[::ffff:169.254.169.254]/',
    'http://[::ffff:a9fe:a9fe]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[fe80::1]/',
    'http://[fd00:ec2::254]/',
    '//169.254.169.254/',
  ])('denied: %s', async location => {
    await using server = await serve(redirecting)
    const answer = await probeHttp(`${server.host}/to/302/${encodeURIComponent(location)}`)
    expect([answer.status, answer.reason]).toEqual([200, 'denied'])
  })
})

test('a loop of redirects between two servers ends', async () => {
  await using one = await serve((_request, response) => {
    response.writeHead(307, { location: `http://${two.host}/` }).end()
  })
  await using two = await serve((_request, response) => {
    response.writeHead(308, { location: `http://${one.host}/` }).end()
  })
  const answer = await probeHttp(one.host)
  expect([answer.reason, answer.value('probe_http_redirects')]).toEqual(['protocol', 11])
  expect([one.asked.length, two.asked.length]).toEqual([6, 5])
})

/** Rows of TestValidHTTPVersion that upstream does not assert, with a version below 1.1. */
test.each([
  ['HTTP/1.0', ['HTTP/1.0'], undefined, 1],
  ['HTTP/1.0', ['HTTP/1.1'], 'protocol', 1],
  ['HTTP/1.1', ['HTTP/1.0'], 'protocol', 1.1],
  ['HTTP/1.1', [], undefined, 1.1],
] as const)('%s with valid_http_versions %j: %s', async (version, valid, reason, value) => {
  await using server = await serveText(`${version} 200 OK\r\nContent-Length: 0\r\n\r\n`)
  const answer = await probeHttp(server.host, { valid_http_versions: valid })
  expect([answer.reason, answer.value('probe_http_version')]).toEqual([reason, value])
})
