import { atMostOne, isSet, refusedRef, secret, text, z } from '../../options.ts'
import { oauth2 } from '../oauth2/options.ts'
import { headerSecret, type ModuleHeaders } from './header-options.ts'
import { isToken } from './token.ts'

const basicAuth = z
  .strictObject({
    username: text().optional().describe('User name.'),
    username_file: text().optional().describe('File with the user name.'),
    username_ref: refusedRef('username or username_file'),
    password: secret().optional().describe('Password.'),
    password_file: text().optional().describe('File with the password.'),
    password_ref: refusedRef('password or password_file'),
  })
  .superRefine((auth, issues) => {
    atMostOne(issues, { username: auth.username, username_file: auth.username_file })
    atMostOne(issues, { password: auth.password, password_file: auth.password_file })
  })

const authorization = z
  .strictObject({
    type: text()
      .transform(type => type.trim() || 'Bearer')
      .refine(type => type.toLowerCase() !== 'basic', { error: 'expected another type than basic: use basic_auth' })
      .refine(isToken, { error: 'expected one word, such as Bearer' })
      .prefault('Bearer')
      .describe('Authentication scheme.'),
    credentials: headerSecret().optional().describe('Credentials to send after the scheme.'),
    credentials_file: text().optional().describe('File with the credentials.'),
    credentials_ref: refusedRef('credentials or credentials_file'),
  })
  .superRefine((auth, issues) => {
    atMostOne(issues, { credentials: auth.credentials, credentials_file: auth.credentials_file })
  })

/** The options of authentication to the target, of which one way may be used; spread them into a schema. */
export const authOptions = {
  basic_auth: basicAuth.optional().describe('User name and password to send.'),
  authorization: authorization.optional().describe('Authorization header to send.'),
  bearer_token: headerSecret().optional().describe('Bearer token to send; the older form of authorization.'),
  bearer_token_file: text().optional().describe('File with the bearer token to send.'),
  oauth2: oauth2.optional().describe('Get a token by OAuth 2.0 and send it.'),
}

/** One way to authenticate, or none. */
export type HttpAuth = z.output<z.ZodObject<typeof authOptions>>

/** The options that send credentials. */
export const waysUsed = (auth: HttpAuth): readonly string[] => [
  ...(auth.basic_auth !== undefined ? ['basic_auth'] : []),
  ...(auth.oauth2 !== undefined ? ['oauth2'] : []),
  ...(auth.authorization !== undefined ? ['authorization'] : []),
  ...(isSet(auth.bearer_token) || isSet(auth.bearer_token_file) ? ['bearer_token'] : []),
]

/** The rules of `authOptions` that concern several keys; call it in `superRefine` of the schema they are in. */
export function checkAuth(auth: HttpAuth, issues: z.RefinementCtx): void {
  atMostOne(issues, { bearer_token: auth.bearer_token, bearer_token_file: auth.bearer_token_file })
  const used = waysUsed(auth)
  if (used.length > 1) {
    issues.addIssue({ code: 'custom', message: `at most one of ${used.join(' and ')} may be set` })
  }
}

/** What an operator should know of the authentication at load, beside these headers. */
export function authWarnings(auth: HttpAuth, headers: ModuleHeaders): readonly string[] {
  const headerName = Object.keys(headers).find(name => /^authorization$/i.test(name))
  return [
    ...(auth.basic_auth?.username?.includes(':')
      ? ['basic_auth.username holds a colon: servers take what follows it for the password (RFC 7617, 2)']
      : []),
    ...(headerName === undefined ? [] : waysUsed(auth).map(way => `headers.${headerName} overrules ${way}`)),
  ]
}

/** Credentials that stand by themselves: just one way to authenticate. */
export const credentialSet = () =>
  z.strictObject(authOptions).superRefine((auth, issues) => {
    checkAuth(auth, issues)
    if (waysUsed(auth).length > 0 || issues.issues.length > 0) return
    // Not `custom`: the loader looks for such issues also with the faulty keys taken out, and then nothing is left.
    const message = `expected one of ${Object.keys(authOptions).join(', ')}`
    issues.addIssue({ code: 'too_small', origin: 'object', minimum: 1, input: auth, message })
  })

const none = Object.fromEntries(Object.keys(authOptions).map(key => [key, undefined]))

/** Options with the authentication of `auth` in place of their own. */
export const replaceAuth = <T extends HttpAuth>(options: T, auth: HttpAuth): T => ({ ...options, ...none, ...auth })
