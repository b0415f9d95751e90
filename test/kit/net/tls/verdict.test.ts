import { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { expect, test } from 'vitest'
import { verifyFault } from '../../../../src/kit/net/tls/verdict.ts'
import { pem } from '../../../support/identities.ts'

/** Two properties of a socket; no server can bring about every code. */
const judged = (code: string | undefined) =>
  ({ authorized: code === undefined, authorizationError: code }) as unknown as TLSSocket
const leaf = new X509Certificate(pem('server.crt'))

test.each([
  ['CERT_HAS_EXPIRED', 'expired'],
  ['CERT_NOT_YET_VALID', 'not_yet_valid'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'unknown_authority'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'unknown_authority'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'unknown_authority'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'unknown_authority'],
  ['CERT_UNTRUSTED', 'unknown_authority'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'self_signed'],
  ['HOSTNAME_MISMATCH', 'name_mismatch'],
  ['INVALID_PURPOSE', 'bad_purpose'],
  ['CERT_REJECTED', 'bad_purpose'],
  ['CERT_SIGNATURE_FAILURE', 'bad_signature'],
  ['UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'bad_signature'],
  ['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'bad_signature'],
  ['INVALID_CA', 'bad_chain'],
  ['PATH_LENGTH_EXCEEDED', 'bad_chain'],
  ['CERT_CHAIN_TOO_LONG', 'bad_chain'],
  ['ERROR_IN_CERT_NOT_BEFORE_FIELD', 'other'],
  ['OUT_OF_MEM', 'other'],
  ['UNSPECIFIED', 'other'],
  ['toString', 'other'],
])('%s is %s', (code, error) => {
  const fault = verifyFault(judged(code), leaf, 'localhost')
  expect(fault?.error).toBe(error)
  expect(fault?.message).toContain(code)
})

test('of two faults, that of the chain', () => {
  expect(verifyFault(judged('CERT_HAS_EXPIRED'), leaf, 'elsewhere.test')?.error).toBe('expired')
})

test.each([
  ['localhost', undefined],
  ['elsewhere.test', 'name_mismatch'],
])('a good chain for %s: %s', (name, error) => {
  expect(verifyFault(judged(undefined), leaf, name)?.error).toBe(error)
})

test('no certificate at all', () => {
  expect(verifyFault(judged(undefined), undefined, 'localhost')?.error).toBe('no_certificate')
})
