import { Overloaded, ProbeFailure } from '../../failure.ts'
import { Secret } from '../../secret.ts'
import { type Exchanged, exchange } from '../http/exchange.ts'
import type { HttpJob, Transport } from '../http/job.ts'
import { mayHaveSecrets } from '../http/leg.ts'
import { type Discretion, discretionFor, shownUrl } from '../http/log.ts'
import { isRedirect, maxRedirects, turn } from '../http/redirects.ts'
import { requestPath } from '../http/request-path.ts'
import type { HttpContext } from '../http/run-job.ts'
import { anyAddress } from '../policy/policy.ts'
import { isJwtBearer, type OAuth2Config } from './options.ts'
import { type IssuedToken, readTokenAnswer } from './token-answer.ts'
import {
  type ClientAuthentication,
  clientCredentialsRequest,
  formOf,
  jwtBearerRequest,
  type TokenRequest,
} from './token-request.ts'

/** As in golang.org/x/oauth2. */
const maxAnswerBytes = 2 ** 20

/** What a token server answers may hold the token in any header. */
const nothing: Discretion = { redact: () => '<secret>', secretNames: new Set() }

/** As Go's: HTTP/1.1, and names go to a proxy as they are. Redirects are followed here, where it is known what is secret. */
function transportFor(oauth2: OAuth2Config, { basic }: TokenRequest): Transport {
  const { tls_config, proxy_url, no_proxy, proxy_from_environment, proxy_connect_header } = oauth2
  return {
    tls_config,
    proxy_url,
    no_proxy,
    proxy_from_environment,
    proxy_connect_header,
    follow_redirects: false,
    enable_http2: false,
    preferred_ip_protocol: 'ip6',
    ip_protocol_fallback: true,
    connect_fallback: true,
    skip_resolve_phase_with_proxy: true,
    ...(basic && { basic_auth: { username: basic.username, password: new Secret(basic.password) } }),
  }
}

/** Follows a redirect only where the whole request may go again: secrets stay with the host that token_url names. */
function redirected(from: URL, status: number, location: string, first: URL): URL {
  const { url, keepsBody } = turn(from, 'POST', status, location)
  if (!keepsBody) throw new ProbeFailure('auth', `the token server redirects with ${status}, which drops the request`)
  if (mayHaveSecrets(url, first)) return url
  throw new ProbeFailure('auth', 'the token server redirects to another host or to plain http: correct token_url')
}

const jobFor = (url: URL, parameters: TokenRequest['parameters']): HttpJob => ({
  url,
  path: requestPath(url.pathname + url.search),
  method: 'POST',
  headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  host: undefined,
  body: Buffer.from(formOf(parameters)),
})

/** Says that it is the token server which cannot be asked; the reason stays, further down. */
function asTokenTrouble(error: unknown, { signal }: HttpContext): unknown {
  if (error instanceof Overloaded) return error
  if (signal.aborted) return signal.reason
  return new Error(`the token request failed: ${(error as Error).message}`, { cause: error })
}

async function post(oauth2: OAuth2Config, request: TokenRequest, ctx: HttpContext): Promise<Exchanged> {
  const transport = transportFor(oauth2, request)
  const rules = { limitBytes: maxAnswerBytes, discretion: nothing }
  const first = new URL(oauth2.token_url)
  let url = first
  for (let count = 0; count <= maxRedirects; count++) {
    ctx.log.debug('asking for an OAuth 2.0 token', { url: shownUrl(url), client_id: oauth2.client_id })
    const job = jobFor(url, request.parameters)
    const answer = await exchange(job, transport, { ...ctx, policy: anyAddress }, rules).catch((error: unknown) => {
      throw asTokenTrouble(error, ctx)
    })
    const location = answer.headers.get('location')?.[0] ?? ''
    if (!isRedirect(answer.status) || location === '') return answer
    url = redirected(url, answer.status, location, first)
  }
  throw new ProbeFailure('auth', `the token server redirects more than ${maxRedirects} times`)
}

async function ask(oauth2: OAuth2Config, request: TokenRequest, ctx: HttpContext): Promise<IssuedToken> {
  const answer = await post(oauth2, request, ctx)
  const { redact } = discretionFor(request.secrets.map(secret => ['', secret] as const))
  const token = readTokenAnswer(answer, redact)
  const { type, lifetimeSeconds } = token
  ctx.log.debug('got an OAuth 2.0 token', { type, expires_in_seconds: lifetimeSeconds ?? 'never' })
  return token
}

interface Issued {
  readonly token: IssuedToken
  /** What the server took; undefined for the JWT bearer grant. */
  readonly way: ClientAuthentication | undefined
}

/**
 * Asks for a token. Servers differ in where they take the client's credentials; as long as that is not `known`, both
 * ways are tried, as in golang.org/x/oauth2. `credential` is the secret, or the key in PEM form.
 *
 * Throws `ProbeFailure('auth')` when the server answers anything but a token; other errors keep their reason.
 */
export async function requestToken(
  oauth2: OAuth2Config,
  credential: string,
  known: ClientAuthentication | undefined,
  ctx: HttpContext,
): Promise<Issued> {
  if (isJwtBearer(oauth2)) {
    return { token: await ask(oauth2, await jwtBearerRequest(oauth2, credential, ctx.now()), ctx), way: undefined }
  }
  const by = async (way: ClientAuthentication) => {
    return { token: await ask(oauth2, await clientCredentialsRequest(oauth2, credential, way), ctx), way }
  }
  if (known !== undefined) return by(known)
  try {
    return await by('header')
  } catch (error) {
    if (!(error instanceof ProbeFailure) || error.reason !== 'auth') throw error
    ctx.log.info('no token for credentials in the header, trying them as parameters', { answer: error.message })
    return by('parameters')
  }
}
