import { verify } from 'node:crypto'
import { expect, test } from 'vitest'
import { assertionFor } from '../../../../src/kit/net/oauth2/assertion.ts'
import { oauth2 } from '../../../../src/kit/net/oauth2/options.ts'
import { jwtBearer, newRsaPair } from './support.ts'

const { privateKey, publicKey } = newRsaPair()

const config = (options: Readonly<Record<string, unknown>> = {}) =>
  oauth2.parse({
    client_id: 'me',
    token_url: 'https://token.test/a?b',
    grant_type: jwtBearer,
    client_certificate_key: privateKey,
    ...options,
  })

const nowMs = Date.parse('2026-01-02T03:04:05.678Z')

function decoded(jwt: string) {
  const [head = '', claims = '', signature = ''] = jwt.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  return {
    head: read(head),
    claims: read(claims),
    text: `${head}.${claims}`,
    signature: Buffer.from(signature, 'base64url'),
  }
}

test.each([
  [undefined, 'sha256'],
  ['RS256', 'sha256'],
  ['RS384', 'sha384'],
  ['RS512', 'sha512'],
])('signed by %s', (signature_algorithm, digest) => {
  const { head, text, signature } = decoded(assertionFor(config({ signature_algorithm }), privateKey, nowMs))
  expect(head).toEqual({ alg: signature_algorithm ?? 'RS256', typ: 'JWT' })
  expect(verify(digest, Buffer.from(text), publicKey, signature)).toBe(true)
})

test('the claims that it has anyhow', () => {
  const { claims } = decoded(assertionFor(config(), privateKey, nowMs))
  expect(claims).toEqual({
    iss: 'me',
    sub: 'me',
    aud: 'https://token.test/a?b',
    jti: expect.stringMatching(/^[\da-f-]{36}$/),
    iat: 1767323045,
    exp: 1767323645,
  })
})

test('what the options say of it', () => {
  const options = {
    client_certificate_key_id: 'k1',
    iss: 'someone',
    audience: 'you',
    scopes: ['read', 'write'],
    claims: { role: 'reader', nested: { a: [1, null] }, exp: 5, sub: 'else' },
  }
  const { head, claims } = decoded(assertionFor(config(options), privateKey, nowMs))
  expect(head).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'k1' })
  expect(claims).toMatchObject({
    iss: 'someone',
    sub: 'else',
    aud: 'you',
    scope: 'read write',
    exp: 5,
    role: 'reader',
    nested: { a: [1, null] },
  })
})

test('each has an id of its own', () => {
  const ids = Array.from({ length: 10 }, () => decoded(assertionFor(config(), privateKey, nowMs)).claims.jti)
  expect(new Set(ids).size).toBe(10)
})

test.each([
  ['nonsense', 'nonsense', 'RS256'],
  ['a key too small for the algorithm', newRsaPair(512).privateKey, 'RS512'],
])('%s is no key', (_name, key, signature_algorithm) => {
  expect(() => assertionFor(config({ signature_algorithm }), key, nowMs)).toThrow(
    expect.objectContaining({ reason: 'auth', message: expect.stringContaining('the client certificate key cannot') }),
  )
})
