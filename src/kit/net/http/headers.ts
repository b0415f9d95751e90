import { ProbeFailure } from '../../failure.ts'
import { isSet } from '../../options.ts'
import { readNamedText } from '../files.ts'
import type { HttpAuth } from './auth-options.ts'
import { fitsHeader, type ModuleHeaders } from './header-options.ts'
import type { HttpClientConfig } from './options.ts'

/** Name and value as they go over the wire; one entry per line. */
export type HeaderLine = readonly [name: string, value: string]

/** Node writes headers as Latin-1; Go writes the octets of UTF-8. */
export const wireText = (value: string): string => Buffer.from(value).toString('latin1')

/** The octets of a received value, which Node reads as Latin-1. */
export const receivedOctets = (value: string): Buffer => Buffer.from(value, 'latin1')

async function fileText(owner: object, path: string): Promise<string> {
  const text = await readNamedText(owner, path)
  if (!fitsHeader(text))
    throw new ProbeFailure('denied', `file ${path} does not fit into a header: it has several lines`)
  return text
}

async function oneOf(owner: object, inline: string | undefined, path: string | undefined, read = fileText) {
  return path !== undefined && path !== '' ? read(owner, path) : (inline ?? '')
}

/** Owns the bearer token files: options are copied on their way here, so none of them lasts to the next probe. */
const bearerTokens = {}

/** The value of the Authorization header that the options ask for. Reads files: throws `ProbeFailure`. */
export async function authorizationOf(auth: HttpAuth): Promise<string | undefined> {
  const { basic_auth: basic, authorization, bearer_token: token, bearer_token_file: tokenFile } = auth
  if (basic !== undefined) {
    const username = await oneOf(basic, basic.username, basic.username_file, readNamedText)
    const password = await oneOf(basic, basic.password?.reveal(), basic.password_file, readNamedText)
    return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  }
  if (authorization !== undefined) {
    const { type, credentials, credentials_file: path } = authorization
    return wireText(`${type} ${await oneOf(authorization, credentials?.reveal(), path)}`)
  }
  if (!isSet(token) && !isSet(tokenFile)) return undefined
  return wireText(`Bearer ${await oneOf(bearerTokens, token?.reveal(), tokenFile)}`)
}

/** Lines of a header: those that are secret apart, as they may go to no other host. */
export interface HeaderLines {
  readonly open: readonly HeaderLine[]
  readonly secret: readonly HeaderLine[]
}

/** The lines that `headers` and `http_headers` ask for; what comes from a file is secret. Throws `ProbeFailure`. */
export async function headerLines(...configured: readonly ModuleHeaders[]): Promise<HeaderLines> {
  const open: HeaderLine[] = []
  const secret: HeaderLine[] = []
  for (const [name, given] of configured.flatMap(headers => Object.entries(headers))) {
    if (typeof given === 'string') {
      open.push([name, wireText(given)])
      continue
    }
    open.push(...given.values.map((value): HeaderLine => [name, wireText(value)]))
    secret.push(...given.secrets.map((value): HeaderLine => [name, wireText(value.reveal())]))
    for (const path of given.files) secret.push([name, wireText(await fileText(given, path))])
  }
  return { open, secret }
}

/** The files that `headers` or `http_headers`, as `option` says, name. */
export const filesOfHeaders = (option: string, headers: ModuleHeaders): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, given]) =>
      typeof given === 'string' ? [] : given.files.map((path, index) => [`${option}.${name}.files.${index}`, path]),
    ),
  )

/** The files that the options name, for warnings at load. */
export const filesNamedBy = (http: HttpClientConfig): Readonly<Record<string, string | undefined>> => ({
  'basic_auth.username_file': http.basic_auth?.username_file,
  'basic_auth.password_file': http.basic_auth?.password_file,
  'authorization.credentials_file': http.authorization?.credentials_file,
  bearer_token_file: http.bearer_token_file,
  ...filesOfHeaders('http_headers', http.http_headers ?? {}),
})
