import { ProbeFailure } from '../../failure.ts'
import { safeText } from '../../text.ts'
import type { Exchanged } from '../http/exchange.ts'
import { fitsHeader } from '../http/header-options.ts'
import { wireText } from '../http/headers.ts'
import { isToken } from '../http/token.ts'

/** A token as the server issued it. */
export interface IssuedToken {
  /** The Authorization value, ready for the wire. */
  readonly authorization: string
  readonly type: string
  /** Undefined when the token does not expire, as far as the answer tells. */
  readonly lifetimeSeconds: number | undefined
}

/** Real ones have some thousand octets at most; a server would refuse the header with a larger one. */
const maxTokenLength = 65_536
const maxTypeLength = 64
const maxLifetimeSeconds = 2 ** 31 - 1
const maxCodeLength = 64
const maxDescriptionLength = 256

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The parameters of an answer in JSON (RFC 6749, 5.1), or form-encoded, as some servers have it. */
function parametersOf(type: string, body: string): Readonly<Record<string, unknown>> | undefined {
  const isForm = /^(application\/x-www-form-urlencoded|text\/plain)$/.test(type) && !body.trimStart().startsWith('{')
  if (isForm) return Object.fromEntries(new URLSearchParams(body))
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined
  } catch {
    return undefined
  }
}

/** Values by which servers say that there is no end: none at all, and 0 (as Go takes it). */
const endless = new Set<unknown>([undefined, null, '', 0, '0'])

function lifetimeOf(value: unknown): number | undefined {
  if (endless.has(value)) return undefined
  const seconds = typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
  if (typeof seconds === 'number') return Math.min(seconds, maxLifetimeSeconds)
  throw new ProbeFailure('auth', 'the token server answered with an expires_in that is no number')
}

/** The scheme as servers of resources spell it, whatever the spelling of the answer. */
function schemeOf(type: string): string {
  const known = ['Bearer', 'Basic', 'MAC'].find(name => name.toLowerCase() === type.toLowerCase())
  return known ?? (type || 'Bearer')
}

function tokenOf(parameters: Readonly<Record<string, unknown>>): IssuedToken {
  const token = textOf(parameters.access_token)
  const type = schemeOf(textOf(parameters.token_type))
  if (token === '') throw new ProbeFailure('auth', 'the token server answered without an access_token')
  if (token.length > maxTokenLength || !fitsHeader(token) || type.length > maxTypeLength || !isToken(type)) {
    throw new ProbeFailure('auth', 'the token server answered with a token that does not fit into a header')
  }
  const lifetimeSeconds = lifetimeOf(parameters.expires_in)
  return { authorization: wireText(`${type} ${token}`), type, lifetimeSeconds }
}

/**
 * Reads what a token server answered. Throws `ProbeFailure('auth')` when that is no token, with the code of the error
 * (RFC 6749, 5.2) as far as there is one; `redact` hides what the request held and the server may echo.
 */
export function readTokenAnswer(answer: Exchanged, redact: (text: string) => string): IssuedToken {
  const { status, headers, body } = answer
  const [type = ''] = (headers.get('content-type')?.[0] ?? '').split(';', 1)
  const parameters = parametersOf(type.trim().toLowerCase(), body.toString('utf8'))
  const shown = (value: unknown, maxLength: number) => safeText(redact(textOf(value)), maxLength)
  const code = shown(parameters?.error, maxCodeLength)
  if (code !== '' || status < 200 || status > 299) {
    const description = shown(parameters?.error_description, maxDescriptionLength)
    const what = [String(status), code, description && `(${description})`].filter(part => part !== '').join(' ')
    throw new ProbeFailure('auth', `the token server refused: ${what}`)
  }
  if (parameters === undefined) {
    throw new ProbeFailure('auth', `the token server answered ${status} with something that is no JSON object`)
  }
  return tokenOf(parameters)
}
