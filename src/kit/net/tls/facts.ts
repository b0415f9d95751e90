import type { X509Certificate } from 'node:crypto'
import { safeText } from '../../text.ts'
import { dnsNames } from './alt-names.ts'
import { earliestExpiryMs } from './chain.ts'
import { goName } from './go-name.ts'
import type { Trust } from './trust.ts'
import type { VerifyError } from './verdict.ts'

/** What a handshake told, whether or not the certificate was accepted. */
export interface TlsFacts {
  /** `TLS 1.3`, or `unknown`. */
  readonly version: string
  /** IANA's name of the cipher suite; undefined when the handshake broke off before there was one. */
  readonly cipher: string | undefined
  /** Whether chain and name are verified, or why not, also when nobody asked; undefined when the handshake broke off. */
  readonly verdict: 'verified' | VerifyError | undefined
  /** Whether the server sent an OCSP response along. */
  readonly isStapled: boolean | undefined
  /** Absent when the server showed no certificate. */
  readonly certificate: CertificateFacts | undefined
}

interface CertificateFacts {
  /** The begin of validity of the server's own certificate, in Unix milliseconds; undefined when that is no date. */
  readonly notBeforeMs: number | undefined
  /** See `earliestExpiryMs` in chain.ts; undefined when there is an end of validity that is no date. */
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

const maxNameLength = 1024
const maxDnsNamesLength = 4096

const versionNames: Readonly<Record<string, string>> = {
  TLSv1: 'TLS 1.0',
  'TLSv1.1': 'TLS 1.1',
  'TLSv1.2': 'TLS 1.2',
  'TLSv1.3': 'TLS 1.3',
}

const orUndefined = (ms: number) => (Number.isNaN(ms) ? undefined : ms)

/** Reads what metrics tell about the certificates; `lastExpiryMs` comes from `lastChainExpiryMs`. */
export function certificateFacts(
  chain: readonly X509Certificate[],
  trust: Trust,
  lastExpiryMs: number | undefined,
): CertificateFacts | undefined {
  const [leaf] = chain
  if (leaf === undefined) return undefined
  return {
    notBeforeMs: orUndefined(Date.parse(leaf.validFrom)),
    earliestExpiryMs: orUndefined(earliestExpiryMs(chain, trust)),
    lastChainExpiryMs: lastExpiryMs,
    fingerprintSha256: leaf.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: safeText(goName(leaf.subject), maxNameLength),
    issuer: safeText(goName(leaf.issuer), maxNameLength),
    dnsNames: safeText(dnsNames(leaf).join(','), maxDnsNamesLength),
    serialNumber: leaf.serialNumber.replace(/^-/, '').toLowerCase(),
  }
}

export const tlsVersionName = (nodeName: string | null): string => versionNames[nodeName ?? ''] ?? 'unknown'
