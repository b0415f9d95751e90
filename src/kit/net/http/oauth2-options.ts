import { dumps, secret, text, z } from '../../options.ts'
import { checkProxy, hideSecrets, proxyOptions } from '../proxy/options.ts'
import { atMostOne, refusedRef, tlsConfig } from '../tls/options.ts'

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** The section `oauth2`. */
export const oauth2 = z
  .strictObject({
    client_id: text()
      .refine(value => value !== '', { error: 'expected a client id' })
      .describe('Client id.'),
    client_secret: secret().optional().describe('Client secret.'),
    client_secret_file: text().optional().describe('File with the client secret.'),
    client_secret_ref: refusedRef('client_secret or client_secret_file'),
    token_url: text()
      .refine(value => /^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : ''), {
        error: 'expected an http or https URL',
      })
      .register(dumps, { dump: hideSecrets })
      .describe('URL that issues the tokens.'),
    scopes: z.array(text()).default([]).describe('Scopes to ask for.'),
    endpoint_params: z.record(z.string(), secret()).optional().describe('Further parameters of the token request.'),
    tls_config: tlsConfig().optional().describe('TLS towards the token URL.'),
    ...proxyOptions,
    grant_type: z
      .enum(['', 'client_credentials', jwtBearer])
      .default('')
      .describe('Grant type: client_credentials, which empty text means too, or the JWT bearer one.'),
    client_certificate_key: secret().optional().describe('Key that signs the JWT (PEM).'),
    client_certificate_key_file: text().optional().describe('File with the key that signs the JWT.'),
    client_certificate_key_ref: refusedRef('client_certificate_key or client_certificate_key_file'),
    client_certificate_key_id: text().optional().describe('Key id to put into the head of the JWT.'),
    signature_algorithm: z
      .enum(['RS256', 'RS384', 'RS512'])
      .optional()
      .describe('Signature of the JWT: RS256 if absent.'),
    iss: text().optional().describe('Issuer in the JWT; the client id when absent.'),
    audience: text().optional().describe('Audience in the JWT; the token URL when absent.'),
    claims: z.record(z.string(), z.unknown()).optional().describe('Further claims of the JWT.'),
  })
  .superRefine((auth, issues) => {
    atMostOne(issues, { client_secret: auth.client_secret, client_secret_file: auth.client_secret_file })
    atMostOne(issues, {
      client_certificate_key: auth.client_certificate_key,
      client_certificate_key_file: auth.client_certificate_key_file,
    })
    checkProxy(auth, issues)
  })
