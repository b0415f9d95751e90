import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate } from 'node:tls'
import type { Trust } from './trust.ts'

const maxChain = 100
const maxKept = 500
const maxKeptBytes = 8192

/** By fingerprint, the one not seen for longest first. */
const kept = new Map<string, X509Certificate>()
const verified = new WeakMap<X509Certificate, WeakMap<X509Certificate, boolean>>()

/** Servers show the same certificates again and again, and parsing one takes longer than all that is asked of it. */
function parse({ fingerprint256, raw }: DetailedPeerCertificate): X509Certificate {
  const certificate = kept.get(fingerprint256) ?? new X509Certificate(raw)
  if (raw.length > maxKeptBytes) return certificate
  kept.delete(fingerprint256)
  kept.set(fingerprint256, certificate)
  for (const oldest of kept.keys()) {
    if (kept.size <= maxKept) break
    kept.delete(oldest)
  }
  return certificate
}

/**
 * The certificates from the server's own upwards, as far as they belong together: those that the server sent, then
 * authorities of the context. Superfluous ones are not among them: the one call of Node that knows them,
 * `getPeerX509Certificate`, leaks memory with every connection (20.20, 22.23 and 24.21 alike).
 */
export function chainOf(peer: DetailedPeerCertificate | undefined): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  const seen = new Set<DetailedPeerCertificate>()
  for (let next = peer; next?.raw !== undefined && !seen.has(next) && chain.length < maxChain; ) {
    seen.add(next)
    chain.push(parse(next))
    next = next.issuerCertificate
  }
  return chain
}

/** The end of validity in Unix milliseconds; NaN when that is no date. */
const expiryMs = (certificate: X509Certificate): number => Date.parse(certificate.validTo)

const isValidAt = (certificate: X509Certificate, nowMs: number) =>
  Date.parse(certificate.validFrom) <= nowMs && nowMs <= expiryMs(certificate)

function verify(issuer: X509Certificate, subject: X509Certificate): boolean {
  try {
    return subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
  } catch {
    return false // a kind of key that Node cannot read
  }
}

/** A signature is as good as it was: the answer is kept as long as both certificates are. */
function hasIssued(issuer: X509Certificate, subject: X509Certificate): boolean {
  const known = verified.get(subject) ?? new WeakMap<X509Certificate, boolean>()
  verified.set(subject, known)
  const answer = known.get(issuer) ?? verify(issuer, subject)
  known.set(issuer, answer)
  return answer
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

/**
 * Whether a root came from us, as Node adds one that the server did not send, and does not tell. Of several with one
 * name it adds one that lasts, so that an older one was sent.
 */
function isOurs(root: X509Certificate, trust: Trust): boolean {
  const isNewest = !trust
    .bySubject()
    .get(root.subject)
    ?.some(other => expiryMs(other) > expiryMs(root))
  return root.subject === root.issuer && isNewest && isAuthority(root, trust)
}

/**
 * The earliest end of validity of what the server sent, in Unix milliseconds; NaN when one of them is no date.
 * blackbox_exporter looks at all certificates: superfluous ones are missing here (see `chainOf`), and so is a root that
 * we trust and that the server sent all the same.
 */
export function earliestExpiryMs([leaf, ...others]: readonly X509Certificate[], trust: Trust): number {
  const sent = others.filter(certificate => !isOurs(certificate, trust))
  return Math.min(...(leaf === undefined ? [] : [leaf, ...sent]).map(expiryMs))
}
