import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ProbeFailure } from '../../../../src/kit/failure.ts'
import { readTokenAnswer } from '../../../../src/kit/net/oauth2/token-answer.ts'

const json = 'application/json; charset=utf-8'
const form = 'application/x-www-form-urlencoded'

const read = (body: unknown, type = json, status = 200) =>
  readTokenAnswer(
    {
      status,
      headers: new Map([['content-type', [type]]]),
      body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    },
    text => text.replaceAll('hunter2', '<secret>'),
  )

describe('a token', () => {
  test.each([
    ['as little as possible', { access_token: 'a' }, 'Bearer a', undefined],
    ['in full', { access_token: 'a', token_type: 'bearer', expires_in: 3600 }, 'Bearer a', 3600],
    ['another scheme', { access_token: 'a', token_type: 'DPoP' }, 'DPoP a', undefined],
    ['Basic, however it is spelled', { access_token: 'a', token_type: 'BASIC' }, 'Basic a', undefined],
    ['a lifetime as text', { access_token: 'a', expires_in: '3600' }, 'Bearer a', 3600],
    ['half a second more', { access_token: 'a', expires_in: 3599.5 }, 'Bearer a', 3599.5],
    ['no end: 0', { access_token: 'a', expires_in: 0 }, 'Bearer a', undefined],
    ['no end: null', { access_token: 'a', expires_in: null }, 'Bearer a', undefined],
    ['as good as no end', { access_token: 'a', expires_in: 1e300 }, 'Bearer a', 2 ** 31 - 1],
    ['expired from the start', { access_token: 'a', expires_in: -1 }, 'Bearer a', -1],
    ['members of no interest', { access_token: 'a', refresh_token: 'b', scope: ['c'] }, 'Bearer a', undefined],
    ['an empty error', { access_token: 'a', error: '' }, 'Bearer a', undefined],
  ])('%s', (_name, body, authorization, lifetimeSeconds) => {
    expect(read(body)).toMatchObject({ authorization, lifetimeSeconds })
  })

  test.each([
    ['form encoding', form, 'access_token=a%2Bb&token_type=bearer&expires_in=60', 'Bearer a+b', 60],
    ['form encoding, called plain text', 'text/plain', 'access_token=a&expires_in=', 'Bearer a', undefined],
    ['JSON, called plain text', 'text/plain', ' {"access_token":"a"}', 'Bearer a', undefined],
    ['JSON without a type', '', '{"access_token":"a"}', 'Bearer a', undefined],
    ['JSON, called HTML', 'text/html', '{"access_token":"a"}', 'Bearer a', undefined],
    ['the type in capitals', 'Application/X-WWW-Form-URLEncoded;x=y', 'access_token=a', 'Bearer a', undefined],
  ])('%s', (_name, type, body, authorization, lifetimeSeconds) => {
    expect(read(body, type)).toMatchObject({ authorization, lifetimeSeconds })
  })

  test('goes out as the octets of UTF-8', () => {
    expect(Buffer.from(read({ access_token: 'ü' }).authorization, 'latin1').toString()).toBe('Bearer ü')
  })
})

describe('no token', () => {
  test.each([
    ['an error', 400, json, { error: 'invalid_client' }, 'refused: 400 invalid_client'],
    [
      'an error with its description',
      401,
      json,
      { error: 'invalid_scope', error_description: 'no such\nscope' },
      'refused: 401 invalid_scope (no such\ufffdscope)',
    ],
    ['an error with 200', 200, json, { error: 'slow_down', access_token: 'a' }, 'refused: 200 slow_down'],
    ['an error, form-encoded', 400, form, 'error=invalid_request', 'refused: 400 invalid_request'],
    ['an error that is no text', 403, json, { error: { code: 1 } }, 'refused: 403'],
    ['a status alone', 503, 'text/html', '<h1>', 'refused: 503'],
    ['a token with a bad status', 500, json, { access_token: 'a' }, 'refused: 500'],
    ['an error that echoes the secret', 400, json, { error: 'hunter2' }, 'refused: 400 <secret>'],
    ['a long error', 400, json, { error: 'x'.repeat(1000) }, `refused: 400 ${'x'.repeat(64)}`],
    ['nothing', 200, json, '', 'answered 200 with something that is no JSON object'],
    ['HTML', 200, 'text/html', '<html>', 'answered 200 with something that is no JSON object'],
    ['half of JSON', 200, json, '{"access_token":"a"', 'no JSON object'],
    ['a list', 200, json, [{ access_token: 'a' }], 'no JSON object'],
    ['null', 200, json, 'null', 'no JSON object'],
    ['an empty object', 200, json, {}, 'without an access_token'],
    ['an empty token', 200, json, { access_token: '' }, 'without an access_token'],
    ['a token that is no text', 200, json, { access_token: 1 }, 'without an access_token'],
    ['a form without a token', 200, form, 'a=b', 'without an access_token'],
    ['a token with a line break', 200, json, { access_token: 'a\r\nX: y' }, 'does not fit into a header'],
    ['a token that is too long', 200, json, { access_token: 'a'.repeat(70_000) }, 'does not fit into a header'],
    ['a scheme of two words', 200, json, { access_token: 'a', token_type: 'a b' }, 'does not fit into a header'],
    ['a lifetime in words', 200, json, { access_token: 'a', expires_in: 'soon' }, 'an expires_in that is no number'],
    ['a lifetime as an object', 200, json, { access_token: 'a', expires_in: {} }, 'an expires_in that is no number'],
  ])('%s', (_name, status, type, body, message) => {
    const thrown = expect(() => read(body, type, status))
    thrown.toThrow(expect.objectContaining({ reason: 'auth', message: expect.stringContaining(message) }))
    thrown.toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2') }))
  })

  test('whatever the octets: a value that fits into a header, or a failure', () => {
    const typed = fc.record({
      access_token: fc.anything({ maxDepth: 1 }),
      token_type: fc.anything({ maxDepth: 1 }),
      expires_in: fc.anything({ maxDepth: 1 }),
      error: fc.option(fc.string(), { nil: undefined }),
    })
    const bodies = fc.oneof(
      fc.uint8Array().map(octets => Buffer.from(octets).toString()),
      fc.json(),
      typed.map(value => JSON.stringify(value) ?? ''),
    )
    fc.assert(
      fc.property(bodies, fc.constantFrom(json, form, 'text/plain', ''), (body, type) => {
        try {
          expect(read(body, type).authorization).toMatch(/^[!#$%&'*+.^_`|~\w-]+ [\t\x20-\x7e\x80-\xff]+$/)
        } catch (error) {
          if (!(error instanceof ProbeFailure)) throw error
          expect(error.reason).toBe('auth')
        }
      }),
    )
  })
})
