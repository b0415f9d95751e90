import { readFile, stat } from 'node:fs/promises'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { offer } from '../kit/net/tls/offer.ts'
import { certificatesOf, checkPair, maxPemBytes, tlsVersions } from '../kit/net/tls/options.ts'
import { systemTrust } from '../kit/net/tls/trust.ts'
import { isSet } from '../kit/options.ts'
import type { Finding } from './issues.ts'
import {
  asksForTls,
  type ClientAuth,
  clientAuthOf,
  curves,
  hasClientCa,
  isForNewOnly,
  newSuites,
  oldSuites,
  type TlsServerSection,
} from './web-tls-options.ts'

/** What of a TLS context needs no file. */
function contextOptions(tls: TlsServerSection): SecureContextOptions {
  const { min_version: min, max_version: max, cipher_suites: suites, curve_preferences: preferred } = tls
  const isOld = min === 'TLS10' || min === 'TLS11'
  const chosen = suites.flatMap(suite => oldSuites[suite] ?? [])
  const usual = offer(isOld)
  const ciphers = [...newSuites, ...chosen, `@SECLEVEL=${isOld ? 0 : 1}`].join(':')
  const isNewOnly = isForNewOnly(tls)
  return {
    minVersion: tlsVersions[isNewOnly ? 'TLS13' : min],
    maxVersion: tlsVersions[max],
    ...usual,
    ...(chosen.length > 0 && { ciphers }),
    honorCipherOrder: tls.prefer_server_cipher_suites,
    ...(preferred.length > 0 && { ecdhCurve: preferred.map(name => curves[name]).join(':') }),
    // As in Go, an intermediate may be trusted as well as a root.
    allowPartialTrustChain: true,
  }
}

/** What of a web configuration file the server needs for TLS. */
export interface WebTls {
  readonly clientAuth: ClientAuth
  /** One of these must stand in the client's certificate; undefined: any will do. */
  readonly allowedSans: ReadonlySet<string> | undefined
  /** The files that it is read from. */
  readonly files: readonly string[]
  /** Reads certificate, key and authorities. Throws `BadFile` when they cannot be used. */
  readonly read: () => Promise<SecureContextOptions>
}

/** A file that the section names, or text in it, cannot be used. */
export class BadFile extends Error {
  readonly finding: Finding

  constructor(key: keyof TlsServerSection, message: string) {
    super(message)
    this.name = 'BadFile'
    this.finding = { path: ['tls_server_config', key], message }
  }
}

async function pemOf(inline: string | undefined, path: string | undefined): Promise<string> {
  if (path === undefined || path === '') return inline ?? ''
  const stats = await stat(path)
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`)
  if (stats.size > maxPemBytes) throw new Error(`${path} is larger than ${maxPemBytes} octets`)
  return readFile(path, 'latin1')
}

async function attempt<T>(key: keyof TlsServerSection, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new BadFile(key, `cannot be used: ${(error as Error).message}`)
  }
}

async function clientAuthorities(tls: TlsServerSection): Promise<string[] | undefined> {
  if (hasClientCa(tls)) return certificatesOf(await pemOf(tls.client_ca, tls.client_ca_file)).map(String)
  const needsSome = tls.client_auth_type === 'VerifyClientCertIfGiven' || clientAuthOf(tls).includes('AndVerify')
  return needsSome ? (await systemTrust()).pem() : undefined
}

async function readTls(tls: TlsServerSection): Promise<SecureContextOptions> {
  const keyName = isSet(tls.key) ? 'key' : 'key_file'
  const certName = isSet(tls.cert) ? 'cert' : 'cert_file'
  const cert = await attempt(certName, () => pemOf(tls.cert, tls.cert_file))
  await attempt(certName, () => certificatesOf(cert))
  const key = await attempt(keyName, () => pemOf(tls.key, tls.key_file))
  await attempt(keyName, () => checkPair(cert, key))
  const ca = await attempt(isSet(tls.client_ca) ? 'client_ca' : 'client_ca_file', () => clientAuthorities(tls))
  const options = { ...contextOptions(tls), cert, key, ...(ca !== undefined && { ca }) }
  await attempt(certName, () => createSecureContext(options))
  return options
}

/** The section as the server needs it; undefined when it does not ask for TLS. */
export function webTls(tls: TlsServerSection): WebTls | undefined {
  if (!asksForTls(tls)) return undefined
  return {
    clientAuth: clientAuthOf(tls),
    allowedSans: tls.client_allowed_sans && new Set(tls.client_allowed_sans),
    files: [tls.cert_file, tls.key_file, tls.client_ca_file].flatMap(path => path || []),
    read: () => readTls(tls),
  }
}
