import { type Case as AnyCase, caseOf, type Options } from '../support/case.ts'
import type { DnsDifference } from '../support/dns-differences.ts'

export type { Options }

export type Case = AnyCase<DnsDifference>

type More = Omit<Case, 'name' | 'target' | 'section'>

/** A case in a line: the section asks for `a.plain.test A` over IPv4 unless it says otherwise. */
export const ask = (name: string, target: string, dns: Options = {}, more: More | string = {}): Case => {
  const { older, ...rest } = typeof more === 'string' ? { fails: more } : more
  const asking = { preferred_ip_protocol: 'ip4', query_name: 'a.plain.test', query_type: 'A' }
  const section = { ...asking, ...dns }
  return caseOf<DnsDifference>(name, target, section, {
    ...rest,
    ...(older !== undefined && { older: { ...asking, ...older } }),
  })
}
