import { receivedOctets } from '../../kit/net/http/headers.ts'
import type { ReceivedHeaders } from '../../kit/net/http/message.ts'
import type { Pattern } from '../../kit/regexp.ts'
import type { Fault } from './body-fault.ts'

export interface HeaderRule<P = Pattern> {
  readonly header: string
  readonly regexp: P
  readonly allow_missing: boolean
}

/** What the headers of an answer have to pass, with the names of the options. */
export interface HeaderRules<P = Pattern> {
  readonly fail_if_header_matches: readonly HeaderRule<P>[]
  readonly fail_if_header_not_matches: readonly HeaderRule<P>[]
}

export const valuesOf = (headers: ReceivedHeaders, { header }: HeaderRule<unknown>): readonly string[] | undefined =>
  headers.get(header.toLowerCase())

/** In the one list no value may match, in the other one must. A header that is missing fails in both if it may not. */
function faultOf(rule: HeaderRule, expected: boolean, headers: ReceivedHeaders): string | undefined {
  const { header, regexp, allow_missing } = rule
  const values = valuesOf(headers, rule)
  if (values === undefined) return allow_missing ? undefined : `header ${header} is missing`
  if (values.some(value => regexp.test(receivedOctets(value))) === expected) return undefined
  return `header ${header} ${expected ? 'does not match' : 'matches'} ${regexp.source}`
}

/** Judges headers, rule by rule. */
export function findHeaderFault(rules: HeaderRules, headers: ReceivedHeaders): Fault | undefined {
  const { fail_if_header_matches: mustNot, fail_if_header_not_matches: must } = rules
  for (const [list, expected] of [[mustNot, false] as const, [must, true] as const]) {
    for (const rule of list) {
      const message = faultOf(rule, expected, headers)
      if (message !== undefined) return { check: 'regex', reason: 'content', message }
    }
  }
  return undefined
}
