import { describe, expect, test } from 'vitest'
import { evaluate } from './evaluate.ts'

const meta = { statusCode: 200, durationSeconds: 0.5, sizeBytes: 10, tlsNotAfterSeconds: Date.UTC(2026, 0, 12) / 1000 }

/** What a check says of a body: nothing, when it passes. */
async function said(options: string, body: unknown): Promise<string | undefined> {
  const given = { body: typeof body === 'string' ? body : JSON.stringify(body), meta }
  const { checks, failures } = await evaluate(`{checks: [{name: c, ${options}}]}`, { main: given })
  const [check] = checks
  expect(failures).toEqual(check?.passed ? [] : [check?.message])
  return check?.passed ? undefined : check?.message
}

describe('a check passes', () => {
  test.each<readonly [options: string, body: unknown]>([
    ['path: $.a, equals: ok', { a: 'ok' }],
    ['path: $.a, equals: 0', { a: 0 }],
    ['path: $.a, equals: 0', { a: '0' }],
    ['path: $.a, equals: 1', { a: '1.00' }],
    ['path: $.a, equals: 1.0', { a: 1 }],
    ['path: $.a, equals: 1.0', { a: '1.0' }],
    ['path: $.a, equals: true', { a: true }],
    ['path: $.a, equals: true', { a: 'true' }],
    ['path: $.a, equals: "5"', { a: 5 }],
    ['path: $.a, equals: 1, parse: bool', { a: 'yes' }],
    ['path: $.a, in: [1, x]', { a: 'x' }],
    ['path: $.a, not_in: [1, x]', { a: 'y' }],
    ['path: $.a, regex: "^v[0-9]"', { a: 'v1' }],
    ['path: $.a, min: 1, max: 2', { a: 1 }],
    ['path: $.a, min: 1, max: 2', { a: '2' }],
    ['path: $.a, range: "@10:20"', { a: 9 }],
    ['path: $.a, parse: bytes, max: 1024', { a: '1 KiB' }],
    ['path: $.a, parse: duration, equals: 1.50', { a: '1.5s' }],
    ['path: $.a, parse: bytes, in: [0, 1e3]', { a: '1 kB' }],
    ['path: $.a, parse: age, max: 1d', { a: '2026-01-01T00:00:00Z' }],
    ['path: $.a, parse: age, range: "86400"', { a: '2026-01-01T00:00:00Z' }],
    ['path: $.a, parse: duration, min: 1h, max: 5400', { a: 'PT90M' }],
    ['path: $.a, exists: true', { a: 0 }],
    ['path: $.a, exists: true', { a: false }],
    ['path: $.a, exists: false', { a: null }],
    ['path: $.a, exists: false', {}],
    ['path: "$.a[*]", count: {min: 2, max: 2}', { a: [1, 2, null] }],
    ['path: "$.a[*]", equals: 1', { a: [1, 1] }],
    ['path: "$.a[*]", equals: 1, quantifier: any', { a: [2, 1] }],
    ['meta: status_code, in: [200, 204]', {}],
    ['meta: duration, max: 800ms', {}],
    ['meta: duration, max: 0.5', {}],
    ['meta: size, max: 10', {}],
    ['meta: tls_not_after, min: 10d', {}],
    ['meta: "header:x-none", exists: false', {}],
  ])('%s of %j', async (options, body) => {
    expect(await said(options, body)).toBeUndefined()
  })
})

describe('a check fails, and says why', () => {
  test.each<readonly [options: string, body: unknown, message: string]>([
    ['path: $.a, equals: ok', { a: 'bad' }, 'check c: found bad, expected ok'],
    ['path: $.a, equals: ok', {}, 'check c: nothing was found, expected ok'],
    ['path: $.a, equals: ok', { a: null }, 'check c: nothing was found, expected ok'],
    ['path: $.a, equals: 1.0', { a: '1' }, 'check c: found 1, expected 1.0'],
    ['path: $.a, equals: 0', { a: 'x' }, 'check c: found x, expected 0'],
    ['path: $.a, equals: 0', { a: '' }, 'check c: found nothing, expected 0'],
    ['path: $.a, equals: true', { a: 1 }, 'check c: found 1, expected true'],
    ['path: $.a, not_in: [1, x]', { a: 'x' }, 'check c: found x, expected none of 1, x'],
    ['path: $.a, not_in: [1, x]', {}, 'check c: nothing was found, expected none of 1, x'],
    ['path: $.a, min: 1', { a: 0.5 }, 'check c: found 0.5, expected at least 1'],
    ['path: $.a, min: 1', { a: 'x' }, 'check c: found x, expected at least 1'],
    ['path: $.a, max: 1', { a: 'NaN' }, 'check c: found NaN, expected at most 1'],
    ['path: $.a, range: "@10:20"', { a: 15 }, 'check c: found 15, expected the range @10:20'],
    [
      'path: $.a, parse: age, max: 1h',
      { a: '2026-01-01T00:00:00Z' },
      'check c: found 2026-01-01T00:00:00Z, expected at most 1h',
    ],
    ['path: $.a, exists: true', {}, 'check c: nothing was found'],
    ['path: $.a, exists: false', { a: [] }, 'check c: something was found'],
    ['path: "$.a[*]", count: {min: 2}', { a: [1] }, 'check c: 1 were found'],
    ['path: "$.a[*]", equals: 1', { a: [1, 2] }, 'check c: found 2, expected 1'],
    ['path: "$.a[*]", equals: 1', { a: [] }, 'check c: nothing was found, expected 1'],
    ['path: "$.a[*]", equals: 1, quantifier: any', { a: [2, 3] }, 'check c: found 2, expected 1'],
    ['meta: tls_not_after, min: 11d', {}, 'check c: found 864000, expected at least 11d'],
    ['path: $.a, equals: 1, message: "a is {$.a}, not 1"', { a: 2 }, 'a is 2, not 1'],
    ['path: $.a, equals: x', { a: 'y\nz' }, 'check c: found y\ufffdz, expected x'],
    ['path: $.a, equals: x', { a: 'y'.repeat(5000) }, `check c: found ${'y'.repeat(100)}, expected x`],
    ['path: $.a, equals: x', '{', 'the request main failed'],
  ])('%s of %j', async (options, body, message) => {
    expect(await said(options, body)).toBe(message)
  })
})

describe('checks of a request', () => {
  const section = (severity: string, name = '') => `
requests:
  a: {checks: [{${name}path: $.s, equals: ok, severity: ${severity}}]}
  b: {required: false, checks: [{name: of_b, path: $.s, equals: ok}]}
metrics: [{name: m, from: a, value: 1}]`
  const [good, bad] = ['{"s":"ok"}', '{"s":"no"}']

  test('fail the request: nothing is made of its answer', async () => {
    const { lines, results, checks } = await evaluate(section('critical'), { a: bad, b: good })
    expect(lines).toEqual([])
    expect(results.get('a')?.fault).toEqual({ reason: 'check', message: 'check $.s: found no, expected ok' })
    expect(checks).toEqual([{ name: 'of_b', severity: 'critical', passed: true, message: '' }])
  })

  test('which only warn do not', async () => {
    const { lines, checks } = await evaluate(section('warning', 'name: of_a, '), { a: bad, b: good })
    expect(lines).toEqual(['m 1'])
    expect(checks.map(({ name, passed }) => [name, passed])).toEqual([
      ['of_a', false],
      ['of_b', true],
    ])
  })

  test('of an optional request are told and fail nothing; without an answer nothing is known', async () => {
    const failed = await evaluate(section('critical'), { a: good, b: bad })
    expect(failed.checks).toMatchObject([{ name: 'of_b', passed: false }])
    expect(failed.failures).toEqual([])
    expect((await evaluate(section('critical'), { a: good })).checks).toEqual([])
  })

  test('of a required request without an answer have failed', async () => {
    const { checks, failures } = await evaluate(section('critical', 'name: of_a, '), {})
    expect(checks).toEqual([{ name: 'of_a', severity: 'critical', passed: false, message: 'the request a failed' }])
    expect(failures).toEqual([])
  })
})
