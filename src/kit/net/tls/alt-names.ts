import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** One entry of Node's list; a value with odd characters is quoted as in JSON. */
const entry = /([^:,"]+):("(?:[^"\\]|\\.)*"|[^,]*)(?:, |$)/y

/** The alternative names of a certificate by kind, as Node writes them: `DNS`, `email`, `URI`, `IP Address`, … */
export function altNames({
  subjectAltName = '',
}: X509Certificate): readonly (readonly [kind: string, value: string])[] {
  const names: [string, string][] = []
  entry.lastIndex = 0
  for (let found = entry.exec(subjectAltName); found !== null; found = entry.exec(subjectAltName)) {
    const [, kind = '', value = ''] = found
    names.push([kind, value.startsWith('"') ? String(JSON.parse(value)) : value])
  }
  return names
}

/** The DNS names of a certificate. What stands in a value of another kind is none. */
export const dnsNames = (certificate: X509Certificate): readonly string[] =>
  altNames(certificate).flatMap(([kind, value]) => (kind === 'DNS' ? [value] : []))

const label = /^[a-z0-9_][a-z0-9_-]*$/

const withoutDot = (name: string) => name.replace(/\.$/, '')

/** A name as DNS has it, with underscores, in lower case. */
const isHostName = (name: string) => name.split('.').every(part => label.test(part))

/** The only wildcard is the whole first label, and not alone. */
const isPattern = (name: string) => isHostName(name.startsWith('*.') ? name.slice(2) : name)

function matches(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === pattern.slice(1)
}

/**
 * Whether a certificate is for a host, by Go's rules (crypto/x509, `VerifyHostname`): only its alternative names count,
 * not its CN; an address must be among its addresses; a name that is no host name must be there letter by letter.
 */
export function isFor(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined
  const wanted = host.toLowerCase()
  const isName = isHostName(withoutDot(wanted))
  return dnsNames(certificate).some(name => {
    const offered = name.toLowerCase()
    if (isName && isPattern(offered)) return matches(offered, withoutDot(wanted))
    return offered === wanted && /[^.]/.test(wanted)
  })
}
