import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { atMostOne, bool, isSet, refusedRef, secret, text, z } from '../../options.ts'
import { asciiHost } from '../ascii-host.ts'
import { peek } from '../files.ts'
import { unbracketed } from '../target.ts'

/** Names of TLS versions in configuration, oldest first, with Node's names. */
export const tlsVersions = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const

/** More than any bundle of authorities. */
export const maxPemBytes = 4 * 2 ** 20

const order = Object.keys(tlsVersions)
const defaultMinimum = 'TLS12'

const version = () => z.enum(['TLS10', 'TLS11', 'TLS12', 'TLS13'])

const pemBlock = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END [^-]*-----/g

/** The certificates of PEM text. Throws when there is none, or when one cannot be read. */
export function certificatesOf(pem: string): X509Certificate[] {
  const blocks = pem.match(pemBlock)
  if (blocks === null) throw new Error('expected at least one certificate in PEM form')
  return blocks.map(block => new X509Certificate(block))
}

/** Throws when a client certificate and a key, both PEM, cannot be used together; OpenSSL itself takes any two. */
export function checkPair(cert: string, key: string): void {
  if (key.includes('ENCRYPTED')) throw new Error('the key is encrypted: expected one without a passphrase')
  if (!key.includes('PRIVATE KEY-----')) throw new Error('expected a private key in PEM form')
  const [own] = certificatesOf(cert)
  if (!own?.checkPrivateKey(createPrivateKey(key))) throw new Error('the key belongs to another certificate')
}

/** Empty text counts as absent; a name with a port would match no certificate. */
const isServerName = (name: string) => /^[^\s\p{Cc}:/\\?#@[\]]*$/u.test(name) || isIP(unbracketed(name)) !== 0

const shape = {
  insecure_skip_verify: bool()
    .default(false)
    .describe("Accept any certificate: neither its chain nor the server's name is verified."),
  ca_file: text()
    .optional()
    .describe('File with the certificate authorities to trust (PEM) instead of the system ones.'),
  ca: text().optional().describe('Certificate authorities to trust (PEM), inline.'),
  ca_ref: refusedRef('ca or ca_file'),
  cert_file: text().optional().describe('File with the client certificate (PEM).'),
  cert: text().optional().describe('Client certificate (PEM), inline.'),
  cert_ref: refusedRef('cert or cert_file'),
  key_file: text().optional().describe('File with the key of the client certificate (PEM).'),
  key: secret().optional().describe('Key of the client certificate (PEM), inline.'),
  key_ref: refusedRef('key or key_file'),
  server_name: text()
    .transform((name, issues) => {
      const ascii = asciiHost(name)
      if (ascii !== undefined && isServerName(ascii)) return ascii
      issues.addIssue({ code: 'custom', message: 'expected a host name or an address, without a port' })
      return z.NEVER
    })
    .optional()
    .describe("Name sent in the handshake and expected in the certificate, instead of the target's."),
  min_version: version()
    .optional()
    .describe(
      'Lowest TLS version to accept: TLS10 to TLS13; TLS12 when absent. TLS10 and TLS11 let SHA-1 in certificates pass, too.',
    ),
  max_version: version().optional().describe('Highest TLS version to offer: TLS10 to TLS13; TLS13 when absent.'),
}

type Shape = z.output<z.ZodObject<typeof shape>>

function checkVersions(tls: Shape, issues: z.RefinementCtx): void {
  const { min_version: min, max_version: max } = tls
  if (max === undefined || order.indexOf(min ?? defaultMinimum) <= order.indexOf(max)) return
  const message =
    min === undefined
      ? `${max} is below the lowest version accepted by default, ${defaultMinimum}: set min_version as well`
      : `${max} is below min_version ${min}`
  issues.addIssue({ code: 'custom', path: ['max_version'], message })
}

function checkBoth(tls: Shape, issues: z.RefinementCtx): void {
  const hasCert = isSet(tls.cert) || isSet(tls.cert_file)
  const hasKey = isSet(tls.key) || isSet(tls.key_file)
  if (hasCert && !hasKey) issues.addIssue({ code: 'custom', message: 'a client certificate needs key or key_file' })
  if (hasKey && !hasCert) issues.addIssue({ code: 'custom', message: 'a client key needs cert or cert_file' })
}

/** Inline text, or what the file holds now; undefined when it is not set, or cannot be read yet. */
function pemNow(inline: string | undefined, path: string | undefined): string | undefined {
  if (isSet(inline)) return inline
  return path === undefined || path === '' ? undefined : peek(path, maxPemBytes)?.toString('latin1')
}

/** A file that is not there may come later; one that holds nonsense is a mistake already. */
function checkContents(tls: Shape, issues: z.RefinementCtx): void {
  const attempt = (option: 'ca' | 'cert' | 'key', work: () => void) => {
    try {
      work()
    } catch (error) {
      const path = [isSet(tls[option]) ? option : `${option}_file`]
      issues.addIssue({ code: 'custom', path, message: `bad PEM: ${(error as Error).message}` })
    }
  }
  const ca = pemNow(tls.ca, tls.ca_file)
  const cert = pemNow(tls.cert, tls.cert_file)
  const key = pemNow(tls.key?.peek(), tls.key_file)
  if (ca !== undefined) attempt('ca', () => certificatesOf(ca))
  if (cert !== undefined) attempt('cert', () => certificatesOf(cert))
  if (cert !== undefined && key !== undefined) attempt('key', () => checkPair(cert, key))
}

/** The section `tls_config` that all probers share (blackbox_exporter's, with its mistakes found at load). */
export const tlsConfig = () =>
  z.strictObject(shape).superRefine((tls, issues) => {
    atMostOne(issues, { ca: tls.ca, ca_file: tls.ca_file })
    atMostOne(issues, { cert: tls.cert, cert_file: tls.cert_file })
    atMostOne(issues, { key: tls.key, key_file: tls.key_file })
    checkBoth(tls, issues)
    checkVersions(tls, issues)
    checkContents(tls, issues)
  })

export type TlsConfig = z.output<ReturnType<typeof tlsConfig>>

/** The option by which a client certificate is shown, if there is one. */
export const clientCredentials = (tls: TlsConfig | undefined): readonly string[] =>
  (['cert', 'cert_file'] as const).filter(option => isSet(tls?.[option])).map(option => `tls_config.${option}`)
