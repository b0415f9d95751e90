import type { X509Certificate } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { rootCertificates } from 'node:tls'
import { type NamedFile, readNamed } from '../files.ts'
import { certificatesOf } from './options.ts'

/** Certificate authorities to trust. */
export interface Trust {
  /** Changes with the content. */
  readonly version: string
  /** The authorities and nothing else, each as PEM. */
  pem(): string[]
  /** The authorities by their subject, read at first use. */
  bySubject(): ReadonlyMap<string, readonly X509Certificate[]>
}

/** PEM text as authorities; with `certificatesOf`, both methods throw when it holds none or one that cannot be read. */
export function trustOf(pem: string, version: string, read = certificatesOf): Trust {
  let authorities: readonly X509Certificate[] | undefined
  let index: ReadonlyMap<string, readonly X509Certificate[]> | undefined
  const all = () => {
    authorities ??= read(pem)
    return authorities
  }
  return {
    version,
    pem: () => all().map(String),
    bySubject() {
      index ??= indexBySubject(all())
      return index
    },
  }
}

function indexBySubject(authorities: readonly X509Certificate[]) {
  const index = new Map<string, X509Certificate[]>()
  for (const authority of authorities) {
    index.set(authority.subject, [...(index.get(authority.subject) ?? []), authority])
  }
  return index
}

/** Where systems keep their bundle, in Go's order (crypto/x509/root_linux.go, root_bsd.go). */
const bundles = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
]

/** The certificates of a bundle that can be read: one odd authority must not spoil the others. */
function readableOf(pem: string): X509Certificate[] {
  return pem.split(/(?=-----BEGIN )/).flatMap(block => {
    try {
      return certificatesOf(block)
    } catch {
      return []
    }
  })
}

const owner = {}
const maxBundleBytes = 16 * 2 ** 20
let system: Trust | undefined
/** Where the bundle was found, for as long as it is there. */
let found: { readonly path: string; readonly preferred: string } | undefined

async function findBundle(preferred: string): Promise<string | undefined> {
  for (const path of [preferred, ...bundles]) {
    const stats = path === '' ? undefined : await stat(path).catch(() => undefined)
    if (stats?.isFile()) return path
  }
  return undefined
}

async function readBundle(): Promise<NamedFile | undefined> {
  const preferred = process.env.SSL_CERT_FILE ?? ''
  if (found?.preferred === preferred) {
    const file = await readNamed(owner, found.path, maxBundleBytes).catch(() => undefined)
    if (file !== undefined) return file
  }
  const path = await findBundle(preferred)
  found = path === undefined ? undefined : { path, preferred }
  return path === undefined ? undefined : readNamed(owner, path, maxBundleBytes)
}

/** The authorities of the system, as blackbox_exporter uses them; those that Node brings where there are none. */
export async function systemTrust(): Promise<Trust> {
  const file = await readBundle()
  const version = file?.version ?? 'node'
  if (system?.version !== version)
    system = trustOf(file?.octets.toString('latin1') ?? rootCertificates.join('\n'), version, readableOf)
  return system
}
