import { ProbeFailure } from '../../failure.ts'
import { isSet } from '../../options.ts'
import type { Secret } from '../../secret.ts'
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

function fitting(text: string, path: string): string {
  if (fitsHeader(text)) return text
  throw new ProbeFailure('denied', `file ${path} does not fit into a header: it has several lines`)
}

const fileText = async (owner: object, path: string) => fitting(await readNamedText(owner, path), path)

/** The value of a secret, for a header. Throws `ProbeFailure` when it stands in a file that cannot be used. */
export const headerText = async (secret: Secret): Promise<string> => fitting(await secret.reveal(), secret.file ?? '')

/** What the option of a secret, or the one that names its file, comes to in a header. */
async function oneOf(owner: object, inline: Secret | undefined, path: string | undefined): Promise<string> {
  if (path !== undefined && path !== '') return fileText(owner, path)
  return inline === undefined ? '' : headerText(inline)
}

async function basicOf(basic: NonNullable<HttpAuth['basic_auth']>): Promise<string> {
  const { username = '', username_file: nameFile, password, password_file: passwordFile } = basic
  const user = nameFile ? await readNamedText(basic, nameFile) : username
  const word = passwordFile ? await readNamedText(basic, passwordFile) : await password?.reveal()
  return `Basic ${Buffer.from(`${user}:${word ?? ''}`).toString('base64')}`
}

/** Owns the bearer token files: options are copied on their way here, so none of them lasts to the next probe. */
const bearerTokens = {}

/** The value of the Authorization header that the options ask for. Reads files: throws `ProbeFailure`. */
export async function authorizationOf(auth: HttpAuth): Promise<string | undefined> {
  const { basic_auth: basic, authorization, bearer_token: token, bearer_token_file: tokenFile } = auth
  if (basic !== undefined) return basicOf(basic)
  if (authorization !== undefined) {
    const { type, credentials, credentials_file: path } = authorization
    return wireText(`${type} ${await oneOf(authorization, credentials, path)}`)
  }
  if (!isSet(token) && !isSet(tokenFile)) return undefined
  return wireText(`Bearer ${await oneOf(bearerTokens, token, tokenFile)}`)
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
    for (const value of given.secrets) secret.push([name, wireText(await headerText(value))])
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
