import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import { safeText } from '../../text.ts'
import { goName } from './go-name.ts'
import type { Trust } from './trust.ts'

/** What a handshake told, whether or not the certificate was accepted. */
export interface TlsFacts {
  /** `TLS 1.3`, or `unknown`. */
  readonly version: string
  /** IANA's name of the cipher suite. */
  readonly cipher: string
  /** Absent when the server showed no certificate. */
  readonly certificate: CertificateFacts | undefined
}

export interface CertificateFacts {
  /**
   * The earliest end of validity in the server's chain, in Unix milliseconds; undefined when one of them is malformed.
   * blackbox_exporter looks at all certificates sent: superfluous ones are missing here (see `chainOf`), and a root
   * counts even when it comes from us, as Node does not tell who brought it.
   */
  readonly earliestExpiryMs: number | undefined
  /** The end of validity of the verified chain that lasts longest; undefined without a verified chain. */
  readonly lastChainExpiryMs: number | undefined
  /** Of the server's own certificate, in lower-case hex. */
  readonly fingerprintSha256: string
  readonly subject: string
  readonly issuer: string
  /** Its DNS names, joined by commas. */
  readonly dnsNames: string
  /** In lower-case hex. */
  readonly serialNumber: string
}

const maxChain = 100
const maxNameLength = 1024
const maxDnsNamesLength = 4096

const versionNames: Readonly<Record<string, string>> = {
  TLSv1: 'TLS 1.0',
  'TLSv1.1': 'TLS 1.1',
  'TLSv1.2': 'TLS 1.2',
  'TLSv1.3': 'TLS 1.3',
}

/**
 * The certificates from the server's own upwards, as far as they belong together: those that the server sent, then
 * authorities of the context. Superfluous ones are not among them: the one call of Node that knows them,
 * `getPeerX509Certificate`, leaks memory with every connection.
 */
export function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  const seen = new Set<DetailedPeerCertificate>()
  let next: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (next?.raw !== undefined && !seen.has(next) && chain.length < maxChain) {
    seen.add(next)
    chain.push(new X509Certificate(next.raw))
    next = next.issuerCertificate
  }
  return chain
}

const expiryMs = (certificate: X509Certificate) => Date.parse(certificate.validTo)

const isValidAt = (certificate: X509Certificate, nowMs: number) =>
  Date.parse(certificate.validFrom) <= nowMs && nowMs <= expiryMs(certificate)

function hasIssued(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
  } catch {
    return false // a kind of key that Node cannot read
  }
}

const isAuthority = (certificate: X509Certificate, trust: Trust) =>
  (trust.bySubject().get(certificate.subject) ?? []).some(
    ({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256,
  )

/**
 * Rebuilds the chains from the server's certificate to a trusted authority, as Node has no list of those it verified.
 * Per chain the earliest end of validity counts, of the chains the latest, as in blackbox_exporter.
 */
export function lastChainExpiryMs(
  presented: readonly X509Certificate[],
  trust: Trust,
  nowMs: number,
): number | undefined {
  const trusted = trust.bySubject()
  const [leaf, ...between] = presented
  let steps = 0
  let last: number | undefined

  function climb(top: X509Certificate, chain: readonly X509Certificate[], earliestMs: number): void {
    if (isAuthority(top, trust)) last = Math.max(last ?? 0, earliestMs)
    if (chain.length > 10 || ++steps > 100) return // a server may send chains without end
    for (const issuer of [...(trusted.get(top.issuer) ?? []), ...between]) {
      if (chain.includes(issuer) || !isValidAt(issuer, nowMs) || !hasIssued(issuer, top)) continue
      climb(issuer, [...chain, issuer], Math.min(earliestMs, expiryMs(issuer)))
    }
  }

  if (leaf !== undefined && isValidAt(leaf, nowMs)) climb(leaf, [leaf], expiryMs(leaf))
  return last
}

/** The DNS names of a certificate; Node quotes those that hold odd characters as JSON does. */
function dnsNames(certificate: X509Certificate): string {
  const names = (certificate.subjectAltName ?? '').matchAll(/(?:^|, )DNS:("(?:[^"\\]|\\.)*"|[^,]*)/g)
  return [...names].map(([, name = '']) => (name.startsWith('"') ? String(JSON.parse(name)) : name)).join(',')
}

/** Reads what metrics tell about the certificates; `lastExpiryMs` comes from `lastChainExpiryMs`. */
export function certificateFacts(
  chain: readonly X509Certificate[],
  lastExpiryMs: number | undefined,
): CertificateFacts | undefined {
  const [leaf] = chain
  if (leaf === undefined) return undefined
  const earliestMs = Math.min(lastExpiryMs ?? Number.POSITIVE_INFINITY, ...chain.map(expiryMs))
  return {
    earliestExpiryMs: Number.isNaN(earliestMs) ? undefined : earliestMs,
    lastChainExpiryMs: lastExpiryMs,
    fingerprintSha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: safeText(goName(leaf.subject), maxNameLength),
    issuer: safeText(goName(leaf.issuer), maxNameLength),
    dnsNames: safeText(dnsNames(leaf), maxDnsNamesLength),
    serialNumber: leaf.serialNumber.replace(/^-/, '').toLowerCase(),
  }
}

export const tlsVersionName = (nodeName: string | null): string => versionNames[nodeName ?? ''] ?? 'unknown'
