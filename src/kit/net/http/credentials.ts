import { clientCredentials } from '../tls/options.ts'
import { type HttpAuth, waysUsed } from './auth-options.ts'
import type { ModuleHeaders } from './header-options.ts'
import type { HttpClientConfig } from './options.ts'

/** Headers that hold credentials by their nature, in lower case. */
const credentialHeaders = new Set(['authorization', 'cookie'])

const secretHeaders = (option: string, headers: ModuleHeaders): readonly string[] =>
  Object.entries(headers).flatMap(([name, value]) => {
    const isSecret = typeof value !== 'string' && value.secrets.length + value.files.length > 0
    return isSecret || credentialHeaders.has(name.toLowerCase()) ? [`${option}.${name}`] : []
  })

/** The options by which a request carries credentials, beside what its prober knows. */
export const credentialsOf = (http: HttpClientConfig & HttpAuth, headers: ModuleHeaders = {}): readonly string[] => [
  ...waysUsed(http),
  ...secretHeaders('headers', headers),
  ...secretHeaders('http_headers', http.http_headers ?? {}),
  ...clientCredentials(http.tls_config),
]
