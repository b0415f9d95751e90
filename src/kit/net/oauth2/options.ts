import { atMostOne, dumps, isSet, refusedRef, secret, text, z } from '../../options.ts'
import { Secret } from '../../secret.ts'
import { missingFiles, peek } from '../files.ts'
import { checkProxy, hideSecrets, proxyOptions, proxyWarnings } from '../proxy/options.ts'
import { tlsWarnings } from '../tls/context.ts'
import { maxPemBytes, tlsConfig } from '../tls/options.ts'
import { rsaKeyOf } from './rsa-key.ts'

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const tokenUrl = () =>
  text()
    .refine(value => /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : ''), {
      error: 'expected an http or https URL',
      abort: true,
    })
    .refine(value => new URL(value).username === '' && new URL(value).password === '', {
      error: 'expected a URL without user name and password: use client_id and client_secret',
    })
    .register(dumps, { dump: hideSecrets })

/** What JSON can hold; YAML also has octets, and numbers that are none. */
const isJson = (value: unknown): boolean => {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return value !== undefined
  return !(value instanceof Uint8Array) && Object.values(value).every(isJson)
}

const shape = {
  client_id: text()
    .refine(value => value !== '', { error: 'expected a client id' })
    .describe('Client id.'),
  client_secret: secret().optional().describe('Client secret.'),
  client_secret_file: text().optional().describe('File with the client secret.'),
  client_secret_ref: refusedRef('client_secret or client_secret_file'),
  token_url: tokenUrl().describe('URL that issues the tokens.'),
  scopes: z.array(text()).default([]).describe('Scopes to ask for.'),
  endpoint_params: z.record(z.string(), secret()).optional().describe('Further parameters of the token request.'),
  tls_config: tlsConfig().optional().describe('TLS towards the token URL.'),
  ...proxyOptions,
  grant_type: z
    .enum(['', 'client_credentials', jwtBearer])
    .default('')
    .describe('Grant type: client_credentials, which empty text means too, or the JWT bearer one.'),
  client_certificate_key: secret().optional().describe('RSA key that signs the JWT (PEM).'),
  client_certificate_key_file: text().optional().describe('File with the RSA key that signs the JWT (PEM).'),
  client_certificate_key_ref: refusedRef('client_certificate_key or client_certificate_key_file'),
  client_certificate_key_id: text().optional().describe('Key id to put into the head of the JWT.'),
  signature_algorithm: z
    .enum(['RS256', 'RS384', 'RS512'])
    .optional()
    .describe('Signature of the JWT: RS256 if absent.'),
  iss: text().optional().describe('Issuer in the JWT; the client id when absent.'),
  audience: text().optional().describe('Audience in the JWT; the token URL when absent.'),
  claims: z
    .record(z.string(), z.unknown().refine(isJson, { error: 'expected a value that JSON can hold' }))
    .optional()
    .describe('Further claims of the JWT; they overrule those that it has anyhow.'),
}

type Shape = z.output<z.ZodObject<typeof shape>>

export const isJwtBearer = ({ grant_type }: Pick<Shape, 'grant_type'>): boolean => grant_type === jwtBearer

function checkKey(oauth2: Shape, issues: z.RefinementCtx): void {
  const { client_certificate_key: key, client_certificate_key_file: path } = oauth2
  if (!isJwtBearer(oauth2)) return
  if (!isSet(key) && !isSet(path)) {
    const message = 'the JWT bearer grant needs this or client_certificate_key_file'
    // Not `custom`: the loader looks for such issues also with the faulty keys taken out.
    const path = ['client_certificate_key']
    issues.addIssue({ code: 'invalid_type', path, expected: 'string', input: undefined, message })
    return
  }
  const [option, pem] = isSet(key)
    ? ['client_certificate_key', key?.peek()]
    : ['client_certificate_key_file', peek(path ?? '', maxPemBytes)?.toString('latin1')]
  try {
    if (pem !== undefined) rsaKeyOf(pem) // a file that is not there may come later
  } catch (error) {
    issues.addIssue({ code: 'custom', path: [option], message: (error as Error).message })
  }
}

/** Parameters that the request has anyhow; `grant_type` may be another, for servers that want it so (as in Go). */
function checkEndpointParams(oauth2: Shape, issues: z.RefinementCtx): void {
  const taken = [...(oauth2.scopes.length > 0 ? ['scope'] : []), ...(isJwtBearer(oauth2) ? ['assertion'] : [])]
  for (const name of taken.filter(name => oauth2.endpoint_params?.[name] !== undefined)) {
    issues.addIssue({ code: 'custom', path: ['endpoint_params', name], message: 'other options set this parameter' })
  }
}

/** The section `oauth2`. */
export const oauth2 = z.strictObject(shape).superRefine((auth, issues) => {
  atMostOne(issues, { client_secret: auth.client_secret, client_secret_file: auth.client_secret_file })
  atMostOne(issues, {
    client_certificate_key: auth.client_certificate_key,
    client_certificate_key_file: auth.client_certificate_key_file,
  })
  checkKey(auth, issues)
  checkEndpointParams(auth, issues)
  checkProxy(auth, issues)
})

export type OAuth2Config = z.output<typeof oauth2>

const ofClientCredentials = ['client_secret', 'client_secret_file'] as const
const ofJwtBearer = [
  'client_certificate_key',
  'client_certificate_key_file',
  'client_certificate_key_id',
  'signature_algorithm',
  'iss',
  'audience',
  'claims',
] as const

/** Options of the other grant, which blackbox_exporter takes and ignores. */
function inVain(auth: OAuth2Config): readonly string[] {
  const hasValue = (value: string | Secret | object | undefined) =>
    typeof value === 'object' && !(value instanceof Secret) ? true : isSet(value)
  const [names, grant] = isJwtBearer(auth)
    ? [ofClientCredentials, 'client_credentials']
    : [ofJwtBearer, 'the JWT bearer grant']
  return names.filter(name => hasValue(auth[name])).map(name => `${name} is not used: it belongs to ${grant}`)
}

/** What an operator should know of the section at load. */
export function oauth2Warnings(auth: OAuth2Config | undefined): readonly string[] {
  if (auth === undefined) return []
  const { client_secret_file, client_certificate_key_file, tls_config } = auth
  return [
    ...inVain(auth),
    ...missingFiles({ client_secret_file, client_certificate_key_file }),
    ...tlsWarnings(tls_config),
    ...proxyWarnings(auth),
  ].map(warning => `oauth2.${warning}`)
}
