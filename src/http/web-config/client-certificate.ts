import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { WebTls } from '../../config/web-tls.ts'
import { altNames } from '../../kit/net/tls/alt-names.ts'

const comparedKinds = new Set(['DNS', 'email', 'URI'])

/** Exact matches only, as in exporter-toolkit; addresses in any notation. */
const hasName = (certificate: X509Certificate, allowed: ReadonlySet<string>) =>
  altNames(certificate).some(([kind, value]) => comparedKinds.has(kind) && allowed.has(value)) ||
  [...allowed].some(name => isIP(name) !== 0 && certificate.checkIP(name) !== undefined)

/** What is wrong with the certificate that a client showed, or did not; undefined when it may pass. */
export function certificateFault(socket: unknown, { clientAuth, allowedSans }: WebTls): string | undefined {
  if (clientAuth === 'NoClientCert' || !(socket instanceof TLSSocket)) return undefined
  const raw = (socket.getPeerCertificate() as { readonly raw?: Buffer } | null)?.raw
  if (raw === undefined) return clientAuth.startsWith('Require') ? 'none was shown' : undefined
  const mustVerify = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert'
  if (mustVerify && !socket.authorized) return `it cannot be verified: ${socket.authorizationError}`
  if (allowedSans === undefined) return undefined
  return hasName(new X509Certificate(raw), allowedSans) ? undefined : 'none of its names is allowed'
}
