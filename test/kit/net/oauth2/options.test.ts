import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { describe as describeOption } from '../../../../src/config/describe.ts'
import { oauth2, oauth2Warnings } from '../../../../src/kit/net/oauth2/options.ts'
import { pem, pemFile } from '../../../support/identities.ts'
import { jwtBearer, newRsaPair } from './support.ts'

const { privateKey: rsaKey } = newRsaPair()
const base = { client_id: 'a', token_url: 'https://token.test/' }
const jwt = { ...base, grant_type: jwtBearer, client_certificate_key: rsaKey }

const messagesOf = (section: unknown) =>
  oauth2.safeParse(section).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

const lockedKey = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
}).privateKey

test.each([
  ['as little as possible', base],
  ['an empty grant', { ...base, grant_type: '' }],
  ['scopes and parameters', { ...base, scopes: ['a'], endpoint_params: { audience: 'b', grant_type: 'c' } }],
  ['the parameter scope without scopes', { ...base, endpoint_params: { scope: 'a' } }],
  ['an inline key', jwt],
  ['a key file that is not there yet', { ...base, grant_type: jwtBearer, client_certificate_key_file: '/no/key' }],
  ['claims', { ...jwt, claims: { a: [1, 'b', { c: null }], d: true } }],
  ['a key that no grant uses', { ...base, client_certificate_key: 'nonsense' }],
])('good: %s', (_name, section) => {
  expect(messagesOf(section)).toEqual([])
})

test.each([
  ['no key', { ...base, grant_type: jwtBearer }, 'client_certificate_key: the JWT bearer grant needs this'],
  ['an empty key', { ...jwt, client_certificate_key: '' }, 'client_certificate_key: the JWT bearer grant needs this'],
  [
    'a key that is none',
    { ...jwt, client_certificate_key: 'x' },
    'client_certificate_key: expected a private key in PEM form',
  ],
  [
    'a key of another kind',
    { ...jwt, client_certificate_key: pem('client.key') },
    'expected an RSA key, but this is one for ec',
  ],
  [
    'a key with a passphrase',
    { ...jwt, client_certificate_key: lockedKey },
    'client_certificate_key: expected a private key in PEM form',
  ],
  [
    'a key file that is none',
    { ...base, grant_type: jwtBearer, client_certificate_key_file: pemFile('client.crt') },
    'client_certificate_key_file: expected a private key in PEM form',
  ],
  [
    'a key file of another kind',
    { ...base, grant_type: jwtBearer, client_certificate_key_file: pemFile('client.key') },
    'client_certificate_key_file: expected an RSA key, but this is one for ec',
  ],
  ['two keys', { ...jwt, client_certificate_key_file: '/a' }, 'client_certificate_key_file: at most one of'],
  ['another algorithm', { ...jwt, signature_algorithm: 'ES256' }, 'signature_algorithm: '],
  ['another grant', { ...base, grant_type: 'password' }, 'grant_type: '],
  ['octets as a claim', { ...jwt, claims: { a: new Uint8Array(1) } }, 'claims.a: expected a value that JSON can hold'],
  ['no number as a claim', { ...jwt, claims: { a: [Number.NaN] } }, 'claims.a: expected a value that JSON can hold'],
  ['scope twice', { ...base, scopes: ['a'], endpoint_params: { scope: 'b' } }, 'endpoint_params.scope: other options'],
  ['another assertion', { ...jwt, endpoint_params: { assertion: 'b' } }, 'endpoint_params.assertion: other options'],
  ['credentials in the URL', { ...base, token_url: 'https://a:b@c.test/' }, 'token_url: expected a URL without user'],
  ['a URL that is none', { ...base, token_url: 'token.test' }, 'token_url: expected an http or https URL'],
])('bad: %s', (_name, section, expected) => {
  expect(messagesOf(section).join('\n')).toContain(expected)
  expect(messagesOf(section).join('\n')).not.toContain('BEGIN')
})

describe('warnings', () => {
  test('of files that are missing', () => {
    const tls_config = { ca_file: '/no/ca' }
    expect(oauth2Warnings(oauth2.parse({ ...base, client_secret_file: '/no/secret', tls_config }))).toEqual([
      'oauth2.client_secret_file: file /no/secret is missing',
      'oauth2.tls_config.ca_file: file /no/ca is missing',
    ])
  })

  test('of options that belong to the other grant', () => {
    expect(oauth2Warnings(oauth2.parse({ ...jwt, client_secret: 's', iss: 'i' }))).toEqual([
      'oauth2.client_secret is not used: it belongs to client_credentials',
    ])
    expect(
      oauth2Warnings(
        oauth2.parse({ ...base, client_secret: 's', claims: { a: 1 }, audience: '', client_certificate_key: '' }),
      ),
    ).toEqual(['oauth2.claims is not used: it belongs to the JWT bearer grant'])
  })

  test('none without the section', () => {
    expect(oauth2Warnings(undefined)).toEqual([])
  })
})

test('what follows the ? of the URL is hidden where the configuration is shown', () => {
  const shown = describeOption(oauth2.shape.token_url, 'https://a.test/token?key=hunter2')
  expect(shown).toBe('https://a.test/token?<secret>')
})
