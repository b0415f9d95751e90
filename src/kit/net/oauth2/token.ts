import { untilAborted } from '../../abort.ts'
import { ProbeFailure } from '../../failure.ts'
import { isSet } from '../../options.ts'
import { readNamed } from '../files.ts'
import type { HttpContext } from '../http/run-job.ts'
import { isJwtBearer, type OAuth2Config } from './options.ts'
import { requestToken } from './request-token.ts'
import type { ClientAuthentication } from './token-request.ts'

/** A token this close to its end counts as expired, as in golang.org/x/oauth2: it has to get there. */
const marginMs = 10_000

const maxCredentialBytes = 65_536

interface Token {
  readonly authorization: string
  /** Undefined: it does not expire. */
  readonly endMs: number | undefined
}

/** What is known with one version of the client's credential. */
interface Account {
  readonly credential: string
  readonly version: string
  way: ClientAuthentication | undefined
  token: Token | undefined
  /** The request under way; it comes to nothing, undefined, when the probe that made it was aborted. */
  request: Promise<Token | undefined> | undefined
}

const accounts = new WeakMap<OAuth2Config, Account>()

async function credentialOf(oauth2: OAuth2Config): Promise<Pick<Account, 'credential' | 'version'>> {
  const [inline, path] = isJwtBearer(oauth2)
    ? [oauth2.client_certificate_key, oauth2.client_certificate_key_file]
    : [oauth2.client_secret, oauth2.client_secret_file]
  if (path === undefined || !isSet(path)) {
    const { value = '', version = 'inline' } = (await inline?.read()) ?? {}
    return { credential: value, version }
  }
  const { octets, version } = await readNamed(oauth2, path, maxCredentialBytes)
  return { credential: octets.toString('utf8').trim(), version }
}

/** The account for the credential as it is now: with another one, what was known before is worth nothing. */
async function accountFor(oauth2: OAuth2Config): Promise<Account> {
  const now = await credentialOf(oauth2)
  const known = accounts.get(oauth2)
  if (known?.version === now.version) return known
  const account = { ...now, way: undefined, token: undefined, request: undefined }
  accounts.set(oauth2, account)
  return account
}

async function newToken(oauth2: OAuth2Config, account: Account, ctx: HttpContext): Promise<Token> {
  const { token, way } = await requestToken(oauth2, account.credential, account.way, ctx)
  const { authorization, lifetimeSeconds } = token
  const endMs = lifetimeSeconds === undefined ? undefined : ctx.now() + lifetimeSeconds * 1000
  account.way = way
  account.token = { authorization, endMs }
  return account.token
}

function startRequest(oauth2: OAuth2Config, account: Account, ctx: HttpContext): Promise<Token> {
  const own = newToken(oauth2, account, ctx).finally(() => {
    account.request = undefined
  })
  account.request = own.catch((error: unknown) => {
    if (!ctx.signal.aborted) throw error
    return undefined
  })
  account.request.catch(() => undefined) // there may be nobody who waits
  return own
}

/** Probes that want a token at the same time share one request; when its own probe is aborted, the next asks anew. */
async function sharedToken(oauth2: OAuth2Config, account: Account, ctx: HttpContext): Promise<Token> {
  for (;;) {
    ctx.signal.throwIfAborted()
    if (account.request === undefined) return startRequest(oauth2, account, ctx)
    ctx.log.debug('waiting for the OAuth 2.0 token that another probe asks for')
    const token = await untilAborted(account.request, ctx.signal)
    if (token !== undefined) return token
  }
}

const isUsable = ({ endMs, authorization }: Token, rejected: string | undefined, nowMs: number) =>
  authorization !== rejected && (endMs === undefined || endMs - marginMs >= nowMs)

/**
 * The Authorization value that the section `oauth2` asks for: the one it got before while that is good, else a new one.
 * `rejected` is a value that the target has just refused with 401: it is not given out again.
 *
 * Throws `ProbeFailure`: `auth` when the token server does not answer with a token, or only with the rejected one;
 * `not_found`, `denied` or `too_large` for a file. What keeps the server from answering is an `Error` with that as its
 * cause, and the signal's reason comes as it is.
 */
export async function authorizationByOauth2(
  oauth2: OAuth2Config,
  ctx: HttpContext,
  rejected?: string,
): Promise<string> {
  const account = await accountFor(oauth2)
  const known = account.token
  if (known !== undefined && isUsable(known, rejected, ctx.now())) {
    ctx.log.debug('using the OAuth 2.0 token it got before', {
      expires_in_seconds: known.endMs === undefined ? 'never' : Math.round((known.endMs - ctx.now()) / 1000),
    })
    return known.authorization
  }
  const { authorization } = await sharedToken(oauth2, account, ctx)
  if (authorization !== rejected) return authorization
  throw new ProbeFailure('auth', 'the token server answered with the token that the target refused')
}
