import { randomUUID, sign } from 'node:crypto'
import { ProbeFailure } from '../../failure.ts'
import type { OAuth2Config } from './options.ts'
import { rsaKeyOf } from './rsa-key.ts'

/** As in prometheus/common. */
const lifetimeSeconds = 600

const digests = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' } as const

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function claimsOf(oauth2: OAuth2Config, nowMs: number) {
  const { client_id, iss, audience, token_url, scopes, claims } = oauth2
  const issuedAt = Math.floor(nowMs / 1000)
  return {
    iss: iss || client_id,
    sub: client_id,
    aud: audience || token_url,
    jti: randomUUID(),
    iat: issuedAt,
    exp: issuedAt + lifetimeSeconds,
    ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    ...claims,
  }
}

/**
 * The JWT that asks for a token (RFC 7523, 2.1), with prometheus/common's claims. Throws `ProbeFailure('auth')` when the
 * key cannot sign it.
 */
export function assertionFor(oauth2: OAuth2Config, keyPem: string, nowMs: number): string {
  const { signature_algorithm: alg = 'RS256', client_certificate_key_id: kid } = oauth2
  const text = `${encoded({ alg, typ: 'JWT', ...(kid ? { kid } : {}) })}.${encoded(claimsOf(oauth2, nowMs))}`
  try {
    return `${text}.${sign(digests[alg], Buffer.from(text), rsaKeyOf(keyPem)).toString('base64url')}`
  } catch (error) {
    throw new ProbeFailure('auth', `the client certificate key cannot be used: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
