import { tlsVersions } from '../kit/net/tls/options.ts'
import { atMostOne, bool, configPath, isSet, text, z } from '../kit/options.ts'

const authTypes = [
  'NoClientCert',
  'RequestClientCert',
  'RequireAnyClientCert',
  'RequireClientCert',
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
] as const

/** What is asked of clients; Go's names, without the alias RequireClientCert. */
export type ClientAuth = Exclude<(typeof authTypes)[number], 'RequireClientCert'>

/** The suites of Go's `tls.CipherSuites` for TLS 1.2 and below, with OpenSSL's names. */
export const oldSuites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_RSA_WITH_AES_128_GCM_SHA256: 'AES128-GCM-SHA256',
  TLS_RSA_WITH_AES_256_GCM_SHA384: 'AES256-GCM-SHA384',
  TLS_RSA_WITH_AES_128_CBC_SHA: 'AES128-SHA',
  TLS_RSA_WITH_AES_256_CBC_SHA: 'AES256-SHA',
}

/** Those of TLS 1.3 cannot be chosen in Go, whatever the list says; so they are all there here, too. */
export const newSuites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'] as const

/** Names of Go with those of OpenSSL. */
export const curves = {
  CurveP256: 'prime256v1',
  CurveP384: 'secp384r1',
  CurveP521: 'secp521r1',
  X25519: 'X25519',
} as const

const version = () => z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13'])
const order = Object.keys(tlsVersions)

/** Empty text counts as absent, as in Go. */
const unlessEmpty = <T extends z.ZodType>(schema: T) =>
  z.preprocess(value => (value === '' ? undefined : value), schema.optional())

/** The keys of `tls_server_config`; paths are relative to the file's folder. */
export const tlsServerKeys = {
  cert: text().optional(),
  cert_file: unlessEmpty(configPath()),
  key: text().optional(), // shown nowhere
  key_file: unlessEmpty(configPath()),
  client_ca: text().optional(),
  client_ca_file: unlessEmpty(configPath()),
  client_auth_type: unlessEmpty(z.enum(authTypes)),
  client_allowed_sans: z.array(text()).optional(),
  min_version: version().default('TLS12'),
  max_version: version().default('TLS13'),
  cipher_suites: z
    .array(
      z.enum([...Object.keys(oldSuites), ...newSuites], {
        error: "expected one of the names in Go's tls.CipherSuites, such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
      }),
    )
    .default([]),
  prefer_server_cipher_suites: bool().default(true),
  curve_preferences: z.array(z.enum(Object.keys(curves) as (keyof typeof curves)[])).default([]),
}

export type TlsServerSection = z.output<z.ZodObject<typeof tlsServerKeys>>

/** What the section asks of clients. */
export const clientAuthOf = ({ client_auth_type: type }: TlsServerSection): ClientAuth => {
  if (type === 'RequireClientCert') return 'RequireAnyClientCert'
  return type || 'NoClientCert'
}

/** Whether the section names authorities for clients. */
export const hasClientCa = (tls: TlsServerSection) => isSet(tls.client_ca) || isSet(tls.client_ca_file)

/** Whether the section asks for TLS, as exporter-toolkit judges that. */
export const asksForTls = (tls: TlsServerSection): boolean =>
  [tls.cert, tls.cert_file, tls.key, tls.key_file].some(isSet) || hasClientCa(tls) || isSet(tls.client_auth_type)

/** The rules between the keys of `tls_server_config`. */
export function checkTlsServer(tls: TlsServerSection, issues: z.RefinementCtx): void {
  const complain = (key: keyof TlsServerSection, message: string) =>
    issues.addIssue({ code: 'custom', path: [key], message })
  atMostOne(issues, { cert: tls.cert, cert_file: tls.cert_file })
  atMostOne(issues, { key: tls.key, key_file: tls.key_file })
  atMostOne(issues, { client_ca: tls.client_ca, client_ca_file: tls.client_ca_file })
  const auth = clientAuthOf(tls)
  const mustShow = auth === 'RequireAnyClientCert' || auth === 'RequireAndVerifyClientCert'
  if (asksForTls(tls)) {
    if (!isSet(tls.cert) && !isSet(tls.cert_file)) complain('cert_file', 'missing: TLS needs cert or cert_file')
    if (!isSet(tls.key) && !isSet(tls.key_file)) complain('key_file', 'missing: TLS needs key or key_file')
    if (hasClientCa(tls) && auth === 'NoClientCert') {
      const given = isSet(tls.client_ca) ? 'client_ca' : 'client_ca_file'
      complain(given, 'client authorities without a client_auth_type that asks for certificates')
    }
  }
  if (tls.client_allowed_sans !== undefined && !mustShow) {
    const message = 'needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert'
    complain('client_allowed_sans', `${message}: else a client without a certificate would pass`)
  }
  if (order.indexOf(tls.min_version) > order.indexOf(tls.max_version)) {
    complain('max_version', `${tls.max_version} is below min_version ${tls.min_version}`)
  }
  if (isForNewOnly(tls) && tls.max_version !== 'TLS13') {
    complain('cipher_suites', `none of these can be used up to max_version ${tls.max_version}`)
  }
}

/** Whether all suites of the section are for TLS 1.3. */
export const isForNewOnly = ({ cipher_suites: suites }: TlsServerSection) =>
  suites.length > 0 && suites.every(suite => oldSuites[suite] === undefined)
