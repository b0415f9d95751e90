import type { X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'
import { safeText } from '../text.ts'
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
  /** The earliest end of validity of all certificates that the server sent, in Unix milliseconds. */
  readonly earliestExpiryMs: number
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

const maxNameLength = 1024
const maxDnsNamesLength = 4096

const versionNames: Readonly<Record<string, string>> = {
  TLSv1: 'TLS 1.0',
  'TLSv1.1': 'TLS 1.1',
  'TLSv1.2': 'TLS 1.2',
  'TLSv1.3': 'TLS 1.3',
}

/**
 * The certificates that the server sent, in its order, its own first. To be called once per connection: Node takes the
 * list from the session, and a second call finds it empty.
 */
export function sentCertificates(socket: TLSSocket): readonly X509Certificate[] {
  const sent: X509Certificate[] = []
  let next = socket.getPeerX509Certificate()
  while (next !== undefined && sent.length < 100) {
    sent.push(next)
    next = next.issuerCertificate
  }
  return sent
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

/**
 * Rebuilds the chains from the server's certificate to a trusted authority, as Node has no list of those it verified.
 * Per chain the earliest end of validity counts, of the chains the latest, as in blackbox_exporter.
 */
export function lastChainExpiryMs(sent: readonly X509Certificate[], trust: Trust, nowMs: number): number | undefined {
  const trusted = trust.bySubject()
  const isTrusted = (certificate: X509Certificate) =>
    (trusted.get(certificate.subject) ?? []).some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256)
  const [leaf, ...between] = sent
  let steps = 0
  let last: number | undefined

  function climb(top: X509Certificate, chain: readonly X509Certificate[], earliestMs: number): void {
    if (isTrusted(top)) last = Math.max(last ?? 0, earliestMs)
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

/** Reads what metrics tell about the certificates; `chainExpiryMs` comes from `lastChainExpiryMs`. */
export function certificateFacts(
  sent: readonly X509Certificate[],
  chainExpiryMs: number | undefined,
): CertificateFacts | undefined {
  const [leaf] = sent
  if (leaf === undefined) return undefined
  return {
    earliestExpiryMs: Math.min(...sent.map(expiryMs)),
    lastChainExpiryMs: chainExpiryMs,
    fingerprintSha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: safeText(goName(leaf.subject), maxNameLength),
    issuer: safeText(goName(leaf.issuer), maxNameLength),
    dnsNames: safeText(dnsNames(leaf), maxDnsNamesLength),
    serialNumber: leaf.serialNumber.replace(/^-/, '').toLowerCase(),
  }
}

export const tlsVersionName = (nodeName: string | null): string => versionNames[nodeName ?? ''] ?? 'unknown'
