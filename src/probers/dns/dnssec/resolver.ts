import { readEdnsOptions } from '../wire/edns-options.ts'
import type { Message } from '../wire/message.ts'
import { type Finding, finding, type Status } from './finding.ts'

/** Extended errors by which a resolver says why an answer did not validate (RFC 8914, 4). */
const statusOfError: ReadonlyMap<number, Status> = new Map([
  [1, 'insecure'],
  [2, 'insecure'],
  [6, 'bogus'],
  [7, 'expired'],
  [8, 'not_yet_valid'],
  [9, 'key_missing'],
  [10, 'bogus'],
  [11, 'key_missing'],
  [12, 'bogus'],
  [25, 'bogus'],
  [27, 'insecure'],
])

/** What a validating resolver says of its answer: by the AD flag (RFC 4035, 3.2.3), or by an extended error. */
export function resolverFinding({ flags, edns }: Message): Finding {
  if (flags.ad) return finding('secure', 'the AD flag is set')
  for (const { code, name, text } of readEdnsOptions(edns ?? { options: [] }).extendedErrors) {
    const status = statusOfError.get(code)
    if (status === undefined) continue
    return finding(status, `the AD flag is not set: ${name}${text === '' ? '' : ` (${text})`}`)
  }
  return finding('insecure', 'the AD flag is not set')
}
