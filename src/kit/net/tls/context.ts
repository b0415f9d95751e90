import { createSecureContext, type SecureContext } from 'node:tls'
import { untilAborted } from '../../abort.ts'
import { ProbeFailure } from '../../failure.ts'
import { isSet } from '../../options.ts'
import { Secret } from '../../secret.ts'
import { missingFiles, readNamed } from '../files.ts'
import { offer } from './offer.ts'
import { checkPair, maxPemBytes, type TlsConfig, tlsVersions } from './options.ts'
import { systemTrust, type Trust, trustOf } from './trust.ts'

/** What the options of `tls_config` come to: files read, context built. */
export interface TlsMaterial {
  readonly context: SecureContext
  readonly trust: Trust
  readonly skipVerify: boolean
  /** There is a client certificate to show. */
  readonly hasIdentity: boolean
}

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

async function pem(tls: TlsConfig, inline: string | Secret | undefined, path: string | undefined) {
  if (inline instanceof Secret && isSet(inline)) {
    const { value, version } = await inline.read()
    return { text: value, version }
  }
  if (typeof inline === 'string' && inline !== '') return { text: inline, version: 'inline' }
  if (path === undefined || path === '') return { text: undefined, version: '' }
  const { octets, version } = await readNamed(tls, path, maxPemBytes)
  return { text: octets.toString('latin1'), version }
}

/** Go's default for clients is TLS 1.2 and later. */
const versionsOf = ({ min_version: min = 'TLS12', max_version: max = 'TLS13' }: TlsConfig) => ({
  minVersion: tlsVersions[min],
  maxVersion: tlsVersions[max],
  ...offer(min === 'TLS10' || min === 'TLS11'),
})

function contextFor(tls: TlsConfig, trust: Trust, cert: string | undefined, key: string | undefined): SecureContext {
  const isPlain = cert === undefined && tls.min_version === undefined && tls.max_version === undefined
  const shared = isPlain ? plainContexts.get(trust) : undefined
  if (shared !== undefined) return shared
  if (cert !== undefined && key !== undefined) checkPair(cert, key)
  // As in Go, an intermediate or the server's own certificate may be trusted as well as a root.
  const context = createSecureContext({
    ca: trust.pem(),
    allowPartialTrustChain: true,
    cert,
    key,
    ...versionsOf(tls),
  })
  if (isPlain) plainContexts.set(trust, context)
  return context
}

/**
 * Makes the options ready for handshakes; what was made is kept until a file changes. Throws `ProbeFailure`
 * (`not_found` or `denied` for a file, `tls` for one that holds no usable certificate or key), or the reason of
 * `signal` as soon as that aborts, even when a file system hangs.
 */
export const loadTls = (tls: TlsConfig = noConfig, signal?: AbortSignal): Promise<TlsMaterial> =>
  signal === undefined ? load(tls) : untilAborted(load(tls), signal)

async function load(tls: TlsConfig): Promise<TlsMaterial> {
  const [trust, cert, key] = [
    await trustFor(tls),
    await pem(tls, tls.cert, tls.cert_file),
    await pem(tls, tls.key, tls.key_file),
  ]
  const version = [trust.version, cert.version, key.version].join(' ')
  const known = built.get(tls) // looked up as late as this, so that of many at once the first builds for all
  if (known?.version === version) return known
  try {
    const context = contextFor(tls, trust, cert.text, key.text)
    const { insecure_skip_verify: skipVerify } = tls
    const material = { context, trust, skipVerify, hasIdentity: cert.text !== undefined, version }
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
