import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { isFor } from './alt-names.ts'

/** Why a certificate is not verified: the closed list of `probe_ssl_verify_error_info`, with what is not obvious. */
export const verifyErrors = {
  expired: 'it or one above it',
  not_yet_valid: 'it or one above it',
  unknown_authority: 'or an intermediate that the server does not send',
  self_signed: 'and not trusted',
  name_mismatch: 'it is for other names',
  no_certificate: '',
  bad_purpose: 'it is not for servers, or one above it is no authority for that',
  bad_signature: '',
  bad_chain: 'too long, or one above it must not issue it',
  other: 'a weak key or digest, a forbidden name, an unknown critical extension',
} as const

export type VerifyError = keyof typeof verifyErrors

interface VerifyFault {
  readonly error: VerifyError
  readonly message: string
}

/** Node's names of OpenSSL's X509_V_ERR_*; all that are not here are `other`. */
const byCode: Readonly<Record<string, VerifyError>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not_yet_valid',
  UNABLE_TO_GET_ISSUER_CERT: 'unknown_authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'unknown_authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'unknown_authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'unknown_authority',
  CERT_UNTRUSTED: 'unknown_authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self_signed',
  HOSTNAME_MISMATCH: 'name_mismatch',
  INVALID_PURPOSE: 'bad_purpose',
  CERT_REJECTED: 'bad_purpose',
  CERT_SIGNATURE_FAILURE: 'bad_signature',
  UNABLE_TO_DECRYPT_CERT_SIGNATURE: 'bad_signature',
  UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY: 'bad_signature',
  INVALID_CA: 'bad_chain',
  PATH_LENGTH_EXCEEDED: 'bad_chain',
  CERT_CHAIN_TOO_LONG: 'bad_chain',
}

const errorOf = (code: string): VerifyError => (Object.hasOwn(byCode, code) ? byCode[code] : undefined) ?? 'other'

function nameFault(leaf: X509Certificate | undefined, name: string): VerifyFault | undefined {
  if (leaf === undefined) return { error: 'no_certificate', message: 'the server sent no certificate' }
  if (isFor(leaf, name)) return undefined
  return { error: 'name_mismatch', message: `the certificate is not valid for ${name}` }
}

/** What is wrong with the certificate of a handshake: with its chain first, then with its name. */
export function verifyFault(
  { authorized, authorizationError }: TLSSocket,
  leaf: X509Certificate | undefined,
  name: string,
): VerifyFault | undefined {
  if (authorized || leaf === undefined) return nameFault(leaf, name)
  const error = errorOf(String(authorizationError))
  const remark = verifyErrors[error]
  return { error, message: `${authorizationError}${remark === '' ? '' : ` (${remark})`}` }
}
