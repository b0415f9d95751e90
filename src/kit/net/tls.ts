import type { X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls'
import { ProbeFailure } from '../failure.ts'
import { missingFiles, readNamed } from './files.ts'
import { certificateFacts, chainOf, lastChainExpiryMs, type TlsFacts, tlsVersionName } from './tls-facts.ts'
import { isSet, type TlsConfig, tlsVersions } from './tls-options.ts'
import { systemTrust, type Trust, trustOf } from './trust.ts'

/** What the options of `tls_config` come to: files read, context built. */
export interface TlsMaterial {
  readonly context: SecureContext
  readonly trust: Trust
  readonly skipVerify: boolean
}

const maxPemBytes = 4 * 2 ** 20
const noConfig: TlsConfig = { insecure_skip_verify: false }
const built = new WeakMap<object, TlsMaterial & { readonly version: string }>()
/** Building a context with the authorities of a system takes some 30 ms, so modules share those that differ in nothing. */
const plainContexts = new WeakMap<Trust, SecureContext>()

async function trustFor(tls: TlsConfig): Promise<Trust> {
  if (isSet(tls.ca)) return trustOf(tls.ca ?? '', 'inline')
  if (tls.ca_file === undefined || tls.ca_file === '') return systemTrust()
  const { octets, version } = await readNamed(tls, tls.ca_file, maxPemBytes)
  return trustOf(octets.toString('latin1'), version)
}

async function pem(tls: TlsConfig, inline: string | undefined, path: string | undefined) {
  if (inline !== undefined && inline !== '') return { text: inline, version: 'inline' }
  if (path === undefined || path === '') return { text: undefined, version: '' }
  const { octets, version } = await readNamed(tls, path, maxPemBytes)
  return { text: octets.toString('latin1'), version }
}

/** Go's default for clients is TLS 1.2 and later; older ones need OpenSSL's security level lowered. */
const versionsOf = ({ min_version: min = 'TLS12', max_version: max = 'TLS13' }: TlsConfig) => ({
  minVersion: tlsVersions[min],
  maxVersion: tlsVersions[max],
  ...(min === 'TLS10' || min === 'TLS11' ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}),
})

function contextFor(tls: TlsConfig, trust: Trust, cert: string | undefined, key: string | undefined): SecureContext {
  const isPlain = cert === undefined && tls.min_version === undefined && tls.max_version === undefined
  const shared = isPlain ? plainContexts.get(trust) : undefined
  if (shared !== undefined) return shared
  trust.bySubject() // a file without a certificate is an error, which OpenSSL would let pass
  const context = createSecureContext({ ca: trust.pem, cert, key, ...versionsOf(tls) })
  if (isPlain) plainContexts.set(trust, context)
  return context
}

/**
 * Makes the options ready for handshakes; what was made is kept until a file changes. Throws `ProbeFailure`:
 * `not_found` or `denied` for a file, `tls` for one that holds no usable certificate or key.
 */
export async function loadTls(tls: TlsConfig = noConfig): Promise<TlsMaterial> {
  const known = built.get(tls)
  const [trust, cert, key] = [
    await trustFor(tls),
    await pem(tls, tls.cert, tls.cert_file),
    await pem(tls, tls.key?.reveal(), tls.key_file),
  ]
  const version = [trust.version, cert.version, key.version].join(' ')
  if (known?.version === version) return known
  try {
    const context = contextFor(tls, trust, cert.text, key.text)
    const material = { context, trust, skipVerify: tls.insecure_skip_verify, version }
    built.set(tls, material)
    return material
  } catch (error) {
    throw new ProbeFailure('tls', `tls_config cannot be used: ${(error as Error).message}`, { cause: error })
  }
}

/** The warnings of `tls_config` at load. */
export const tlsWarnings = (tls: TlsConfig | undefined): readonly string[] =>
  missingFiles({
    'tls_config.ca_file': tls?.ca_file,
    'tls_config.cert_file': tls?.cert_file,
    'tls_config.key_file': tls?.key_file,
  })

/** A name without brackets and without the dot at the end. */
const bareName = (name: string) => name.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

/** Why the certificate does not fit the name, by Go's rules: its alternative names alone count, not its CN. */
function nameFault(leaf: X509Certificate | undefined, name: string): string | undefined {
  if (leaf === undefined) return 'the server sent no certificate'
  const fits =
    isIP(name) === 0 ? leaf.checkHost(name, { subject: 'never', partialWildcards: false }) : leaf.checkIP(name)
  return fits === undefined ? `the certificate is not valid for ${name}` : undefined
}

export interface Handshake {
  readonly socket: TLSSocket
  readonly facts: TlsFacts
  /** Why the certificate was not accepted. Nothing may be sent then. */
  readonly fault: string | undefined
}

interface Circumstances {
  readonly signal: AbortSignal
  readonly now: () => number
  readonly alpn: readonly string[]
}

/**
 * Shakes hands over a connected socket, which belongs to the TLS socket from here on: it goes when that is destroyed,
 * and destroying it underneath crashes Node. Verification comes after the handshake, so that the facts are there when that fails. The
 * server name goes out unless it is an address (RFC 6066, 3). Throws `ProbeFailure('tls')` when there was no handshake.
 */
export async function secure(
  socket: Socket,
  serverName: string,
  tls: TlsMaterial,
  { signal, now, alpn }: Circumstances,
): Promise<Handshake> {
  const name = bareName(serverName)
  const secured = await shakeHands(socket, name, tls, { signal, alpn })
  const chain = chainOf(secured)
  const error = secured.authorized ? undefined : String(secured.authorizationError)
  const fault = tls.skipVerify ? undefined : (error ?? nameFault(chain[0], name))
  const isVerified = !tls.skipVerify && fault === undefined
  const facts: TlsFacts = {
    version: tlsVersionName(secured.getProtocol()),
    cipher: secured.getCipher().standardName,
    certificate: certificateFacts(
      chain,
      tls.trust,
      isVerified ? lastChainExpiryMs(chain, tls.trust, now()) : undefined,
    ),
  }
  return { socket: secured, facts, fault }
}

function shakeHands(
  socket: Socket,
  name: string,
  tls: TlsMaterial,
  { signal, alpn }: Pick<Circumstances, 'signal' | 'alpn'>,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      socket.destroy()
      reject(signal.reason)
      return
    }
    const secured = connect({
      socket,
      secureContext: tls.context,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      ...(alpn.length > 0 ? { ALPNProtocols: [...alpn] } : {}),
      ...(isIP(name) === 0 && name !== '' ? { servername: name } : {}),
    })
    const settle = () => signal.removeEventListener('abort', onAbort)
    const onAbort = () => {
      settle()
      secured.destroy()
      reject(signal.reason)
    }
    secured.on('error', error => {
      settle()
      reject(new ProbeFailure('tls', `TLS handshake failed: ${error.message}`, { cause: error }))
    })
    secured.once('secureConnect', () => {
      settle()
      resolve(secured)
    })
    signal.addEventListener('abort', onAbort, { once: true })
  })
}
