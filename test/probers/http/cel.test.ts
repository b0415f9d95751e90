import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadConfig } from '../../../src/exporter.ts'
import { watchLoop } from '../../support/loop.ts'
import { startServer, temporaryFolder } from '../../support/programs.ts'
import { type Handler, serve } from '../../support/servers.ts'
import { startSonde } from '../../support/sonde.ts'
import { probeHttp } from './support.ts'

const matches = 'fail_if_body_json_matches_cel'
const notMatches = 'fail_if_body_json_not_matches_cel'

const sending =
  (body: Buffer | string): Handler =>
  (_request, response) =>
    response.end(body)

async function outcome(body: Buffer | string, options: Readonly<Record<string, unknown>>, timeout = '5s') {
  await using server = await serve(sending(body))
  const answer = await probeHttp(server.host, options, { timeout })
  return {
    reason: answer.reason,
    cel: answer.value('probe_failed_due_to_cel'),
    regex: answer.value('probe_failed_due_to_regex'),
    length: answer.value('probe_http_uncompressed_body_length'),
    contentLength: answer.value('probe_http_content_length'),
    log: answer.log,
  }
}

const foo = '{"foo": {"bar": "baz"}}'

// The tables of blackbox_exporter's TestFailIfBodyMatchesCEL and TestFailIfBodyNotMatchesCEL.
const tables: readonly [string, [name: string, body: string, source: string, succeeds: boolean][]][] = [
  [
    matches,
    [
      ['it matches', foo, "body.foo.bar == 'baz'", false],
      ['it does not match', foo, "body.foo.bar == 'qux'", true],
      ['a missing key', '{}', "body.foo.bar == 'qux'", false],
      ['no boolean', foo, 'body.foo.bar', false],
      ['no JSON', 'hello world', "body.foo.bar == 'baz'", false],
      ['an empty map', '{}', "body.foo.bar == 'baz'", false],
      ['text', '"foo"', "body == 'foo'", false],
      ['a list', '["foo","bar","baz"]', "body[2] == 'baz'", false],
      ['a boolean', 'true', 'body', false],
      ['an empty body', '', "body.foo.bar == 'baz'", false],
      ['emoji', '🤠🤠🤠', "body.foo.bar == 'baz'", false],
      ['JSON with emoji', '{"foo": {"bar": "🤠🤠🤠"}}', "body.foo.bar == '😿😿😿'", true],
    ],
  ],
  [
    notMatches,
    [
      ['it matches', foo, "body.foo.bar == 'baz'", true],
      ['it does not match', foo, "body.foo.bar == 'qux'", false],
      ['a missing key', '{}', "body.foo.bar == 'qux'", false],
      ['no boolean', foo, 'body.foo.bar', false],
      ['no JSON', 'hello world', "body.foo.bar == 'baz'", false],
      ['an empty map', '{}', '!has(body.foo)', true],
      ['text', '"foo"', "body == 'foo'", true],
      ['a list', '["foo","bar","baz"]', "body[2] == 'baz'", true],
      ['a boolean', 'true', 'body', true],
      ['an empty body', '', "body.foo.bar == 'baz'", false],
      ['emoji', '🤠🤠🤠', "body.foo.bar == 'baz'", false],
      ['JSON with emoji', '{"foo": {"bar": "🤠🤠🤠"}}', "body.foo.bar == '🤠🤠🤠'", true],
    ],
  ],
]

describe.each(tables)('%s', (option, rows) => {
  test.each(rows)('%s', async (_name, body, source, succeeds) => {
    const length = Buffer.byteLength(body)
    expect(await outcome(body, { [option]: source })).toMatchObject({
      reason: succeeds ? undefined : 'content',
      cel: succeeds ? 0 : 1,
      regex: 0,
      length,
      contentLength: length,
    })
  })
})

describe('with other checks', () => {
  const json = '{"ok": true, "state": "up"}'

  test('without an option of CEL there is no metric of it', async () => {
    expect((await outcome(json, {})).cel).toBeUndefined()
    expect((await outcome(json, { fail_if_body_matches_regexp: ['up'] })).cel).toBeUndefined()
  })

  test('with one it is there from the start', async () => {
    const answer = await probeHttp('http://127.0.0.1:1/', { [matches]: 'body.ok' })
    expect([answer.reason, answer.value('probe_failed_due_to_cel')]).toEqual(['connect', 0])
  })

  test.each([
    ['both pass', { fail_if_body_not_matches_regexp: ['"ok"'], [notMatches]: 'body.ok' }, undefined, 0, 0],
    ['the pattern fails', { fail_if_body_matches_regexp: ['"ok"'], [notMatches]: 'body.ok' }, 'content', 1, 0],
    ['CEL fails', { fail_if_body_not_matches_regexp: ['"ok"'], [matches]: 'body.ok' }, 'content', 0, 1],
    [
      'both fail: the pattern comes first',
      { fail_if_body_matches_regexp: ['"ok"'], [matches]: 'body.ok' },
      'content',
      1,
      0,
    ],
    ['both expressions', { [matches]: "body.state == 'down'", [notMatches]: 'body.ok' }, undefined, 0, 0],
    ['the second fails', { [matches]: "body.state == 'down'", [notMatches]: '!body.ok' }, 'content', 0, 1],
    ['a bad status comes first', { valid_status_codes: [204], [matches]: 'body.ok' }, 'status', 0, 0],
    [
      'so do headers',
      { fail_if_header_not_matches: [{ header: 'X', regexp: 'a' }], [matches]: 'body.ok' },
      'content',
      1,
      0,
    ],
  ])('%s', async (_name, options, reason, regex, cel) => {
    expect(await outcome(json, options)).toMatchObject({ reason, regex, cel })
  })

  test('all see the decoded body', async () => {
    const options = { compression: 'gzip', fail_if_body_not_matches_regexp: ['^\\{"ok"'], [notMatches]: 'body.ok' }
    expect(await outcome(gzipSync(json), options)).toMatchObject({ reason: undefined, regex: 0, cel: 0 })
  })

  test('a body that cannot be read has not passed the first of them', async () => {
    const options = { compression: 'gzip', [notMatches]: 'body.ok' }
    expect(await outcome(json, options)).toMatchObject({ reason: 'protocol', regex: 0, cel: 1 })
    const both = { ...options, fail_if_body_matches_regexp: ['x'] }
    expect(await outcome(json, both)).toMatchObject({ reason: 'protocol', regex: 1, cel: 0 })
    expect(await outcome(json, { body_size_limit: 3, [notMatches]: 'body.ok' })).toMatchObject({
      reason: 'too_large',
      cel: 1,
    })
  })
})

test('the configuration is shown with the text of the expression', () => {
  const yaml = `modules: {m: {prober: http, http: {${matches}: "body.n  ==  1"}}}`
  expect(loadConfig(yaml, 'modules.yaml').describe()).toContain(`${matches}: body.n  ==  1\n`)
})

describe('hostile JSON', () => {
  const many = (count: number, item: string) => `[${Array<string>(count).fill(item).join(',')}]`

  test.each([
    ['keys of a prototype', '{"__proto__":{"ok":true}}', 'has(body.ok)', undefined],
    ['a key that is a constructor', '{"constructor":1,"ok":true}', 'body.ok', 'content'],
    ['too many levels', '['.repeat(100_000) + ']'.repeat(100_000), 'true', 'content'],
    ['levels without an end', '{"a":['.repeat(100_000), 'true', 'content'],
    ['a number beyond a double', '{"a":1e999}', 'false', 'content'],
    ['a million elements', many(1_000_000, '1'), 'body.exists(x, x == 2)', undefined],
    ['half a million maps', many(500_000, '{"":0}'), 'size(body) == 1', undefined],
    ['more than is read', many(5_000_000, '1'), 'size(body) == 1', 'too_large'],
  ])('%s', async (_name, body, source, reason) => {
    expect(await outcome(body, { [matches]: source }, '30s')).toMatchObject({ reason, cel: reason ? 1 : 0 })
  })

  test('more is read when a body_size_limit says so', async () => {
    const options = { [matches]: 'size(body) == 1', body_size_limit: '16MB' }
    expect(await outcome(many(3_000_000, '1'), options, '30s')).toMatchObject({ reason: undefined, cel: 0 })
  })

  test('a loop within loops ends at the deadline and holds nobody up', async () => {
    const source = 'body.all(x, body.all(y, body.all(z, true)))'
    await using server = await serve(sending(many(20_000, '1')))
    const yaml = `modules: {m: {prober: http, timeout: 2s, http: {${notMatches}: '${source}'}}}`
    await using sonde = await startSonde(yaml)
    const ask = async () => (await sonde.get(`/probe?module=m&target=${server.host}`)).text()
    const loop = watchLoop()
    const texts = await Promise.all([ask(), ask()])
    const heldMs = loop.end()
    for (const text of texts) expect(text).toContain('probe_failure_info{reason="timeout"} 1')
    expect(heldMs).toBeLessThan(1000)
  })

  test('any body gives a verdict', async () => {
    let body = ''
    await using server = await serve((_request, response) => response.end(body))
    const source = "size(body) > 1 || body.exists(x, has(x.a) && x.a in ['a', 1]) || body.a.b.matches('^a')"
    const yaml = `modules: {m: {prober: http, http: {${matches}: ${JSON.stringify(source)}}}}`
    await using sonde = await startSonde(yaml)
    const bodies = fc.oneof(
      fc.json(),
      fc.json().map(text => text.slice(0, -1)),
      fc.string({ unit: 'binary' }),
    )
    await fc.assert(
      fc.asyncProperty(bodies, async text => {
        body = text
        const response = await sonde.get(`/probe?module=m&target=${server.host}`)
        const answer = await response.text()
        const isSuccess = answer.includes('\nprobe_success 1\n')
        const isFailure = answer.includes('probe_failure_info{reason="content"} 1')
        expect([response.status, isSuccess !== isFailure]).toEqual([200, true])
        expect(answer).toContain(`\nprobe_failed_due_to_cel ${isSuccess ? 0 : 1}\n`)
      }),
      { numRuns: 100 },
    )
  })
})

test('a thread that runs out of memory is a finding, and the next answer gets another thread', async () => {
  let body = JSON.stringify({ text: 'x'.repeat(2 ** 20), list: [...Array(400).keys()].map(String) })
  await using server = await serve((_request, response) => response.end(body))
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'modules.yaml')
  const source = "body.list.map(x, body.text + x).all(x, !x.contains('y'))"
  await writeFile(file, `modules: {m: {prober: http, timeout: 60s, http: {${notMatches}: "${source}"}}}`)
  await using sonde = await startServer(file, [], { NODE_OPTIONS: '--max-old-space-size=128' })
  const ask = async () => (await fetch(`${sonde.url}/probe?module=m&target=${server.host}`)).text()
  const text = await ask()
  expect(text).toContain('probe_failure_info{reason="too_large"} 1')
  expect(text).toContain('\nprobe_failed_due_to_cel 1\n')
  body = JSON.stringify({ text: 'x'.repeat(10_000), list: ['a', 'b'] })
  expect(await ask()).toContain('\nprobe_success 1\n')
})

test('the built program has the thread, too, and ends while one is there', async () => {
  await using server = await serve(sending(JSON.stringify(Array(2000).fill({ ok: true }))))
  await using folder = await temporaryFolder()
  const file = join(folder.path, 'modules.yaml')
  await writeFile(file, `modules: {m: {prober: http, http: {${notMatches}: 'body.all(x, x.ok)'}}}`)
  await using sonde = await startServer(file)
  const text = await (await fetch(`${sonde.url}/probe?module=m&target=${server.host}`)).text()
  expect(text).toContain('\nprobe_success 1\n')
  expect(text).toContain('\nprobe_failed_due_to_cel 0\n')
  expect(await sonde.stop('SIGTERM')).toBe(0)
})
