import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { WebTls } from '../../config/web-tls.ts'
import { altNames } from '../../kit/net/tls/alt-names.ts'

const comparedKinds = new Set(['DNS', 'email', 'URI'])

/** Exact matches only, as in exporter-toolkit; addresses in any notation. */
const hasName = (certificate: X509Certificate, allowed: ReadonlySet<string>) =>
  altNames(certificate).some(([kind, value]) => comparedKinds.has(kind) && allowed.has(value)) ||
  [...allowed].some(name => isIP(name) !== 0 && certificate.checkIP(name) !== undefined)

function judge(socket: TLSSocket, { clientAuth, allowedSans }: WebTls): string | undefined {
  if (clientAuth === 'NoClientCert') return undefined
  const { raw } = (socket.getPeerCertificate() ?? {}) as { readonly raw?: Buffer }
  if (raw === undefined) return clientAuth.startsWith('Require') ? 'none was shown' : undefined
  const mustVerify = clientAuth === 'VerifyClientCertIfGiven' || clientAuth === 'RequireAndVerifyClientCert'
  if (mustVerify && !socket.authorized) return `it cannot be verified: ${socket.authorizationError}`
  if (allowedSans === undefined) return undefined
  return hasName(new X509Certificate(raw), allowedSans) ? undefined : 'none of its names is allowed'
}

/**
 * Returns a function that tells what is wrong with the certificate that a client showed, or did not; undefined when it
 * may pass. A connection is judged once, and again when what is asked of clients changes.
 */
export function rememberFaults(): (socket: TLSSocket, tls: WebTls) => string | undefined {
  const judged = new WeakMap<TLSSocket, { readonly tls: WebTls; readonly fault: string | undefined }>()
  return (socket, tls) => {
    const known = judged.get(socket)
    if (known?.tls === tls) return known.fault
    const fault = judge(socket, tls)
    judged.set(socket, { tls, fault })
    return fault
  }
}
