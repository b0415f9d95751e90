import { assertionFor } from './assertion.ts'
import type { OAuth2Config } from './options.ts'

/** Where the client's id and secret stand: in the Authorization header, or among the parameters. */
export type ClientAuthentication = 'header' | 'parameters'

/** Form encoding as in Go: some servers compare without decoding. */
const escaped = (text: string): string =>
  encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

/** Parameters in the form that a body has. */
export const formOf = (parameters: Readonly<Record<string, string>>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join('&')

/** What a request for a token says. */
export interface TokenRequest {
  readonly parameters: Readonly<Record<string, string>>
  /** User name and password of basic authentication (RFC 6749, 2.3.1). */
  readonly basic?: { readonly username: string; readonly password: string }
  /** What a server might echo, and nobody is to see. */
  readonly secrets: readonly string[]
}

/** The parameters that both grants have. */
async function commonParameters({ scopes, endpoint_params = {} }: OAuth2Config) {
  const named = Object.entries(endpoint_params)
  const further = await Promise.all(named.map(async ([name, value]) => [name, await value.reveal()] as const))
  return {
    common: { ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}), ...Object.fromEntries(further) },
    hidden: further.map(([, value]) => value),
  }
}

/** RFC 7523, 2.1. */
export async function jwtBearerRequest(oauth2: OAuth2Config, keyPem: string, nowMs: number): Promise<TokenRequest> {
  const assertion = assertionFor(oauth2, keyPem, nowMs)
  const { common, hidden } = await commonParameters(oauth2)
  return { parameters: { grant_type: oauth2.grant_type, assertion, ...common }, secrets: [assertion, ...hidden] }
}

/** RFC 6749, 4.4.2. */
export async function clientCredentialsRequest(
  oauth2: OAuth2Config,
  secret: string,
  way: ClientAuthentication,
): Promise<TokenRequest> {
  const { common, hidden } = await commonParameters(oauth2)
  const parameters = { grant_type: 'client_credentials', ...common }
  const [username, password] = [escaped(oauth2.client_id), escaped(secret)]
  const secrets = [secret, password, Buffer.from(`${username}:${password}`).toString('base64'), ...hidden]
  if (way === 'header') return { parameters, basic: { username, password }, secrets }
  const client = { client_id: oauth2.client_id, ...(secret === '' ? {} : { client_secret: secret }) }
  return { parameters: { ...parameters, ...client }, secrets }
}
