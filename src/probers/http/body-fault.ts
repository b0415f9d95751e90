import { type Cel, parseCelJson } from '../../kit/cel.ts'
import type { Reason } from '../../kit/failure.ts'
import type { Pattern } from '../../kit/regexp.ts'

/** What the body of an answer has to pass, with the names of the options. */
export interface BodyChecks<P = Pattern, C = Cel> {
  readonly fail_if_body_matches_regexp: readonly P[]
  readonly fail_if_body_not_matches_regexp: readonly P[]
  readonly fail_if_body_json_matches_cel?: C | undefined
  readonly fail_if_body_json_not_matches_cel?: C | undefined
  readonly body_size_limit: number
}

/** The kind of check that an answer did not pass. */
export type ContentCheck = 'regex' | 'cel'

export interface Fault {
  readonly check: ContentCheck
  readonly reason: Reason
  readonly message: string
}

export const hasCel = (checks: BodyChecks): boolean =>
  checks.fail_if_body_json_matches_cel !== undefined || checks.fail_if_body_json_not_matches_cel !== undefined

/** Hostile JSON takes up to 80 times its size in memory. */
const maxJsonBytes = 4 * 2 ** 20

/** None of the one list may match, all of the other must. */
function patternFault(checks: BodyChecks, body: Uint8Array): string | undefined {
  const { fail_if_body_matches_regexp: mustNot, fail_if_body_not_matches_regexp: must } = checks
  const found = mustNot.find(pattern => pattern.test(body))
  if (found !== undefined) return `the body matches ${found.source}`
  const missing = must.find(pattern => !pattern.test(body))
  return missing && `the body does not match ${missing.source}`
}

/** The one expression must be false, the other true. Throws an Error when an expression cannot be evaluated. */
function celFault(mustNot: Cel | undefined, must: Cel | undefined, body: Uint8Array): string | undefined {
  const json = parseCelJson(body)
  if (mustNot?.test(json)) return `the body matches ${mustNot.source}`
  if (must?.test(json) === false) return `the body does not match ${must.source}`
  return undefined
}

/** Judges the octets of the body, after decoding: first the patterns, then CEL, which fails what it cannot evaluate. */
export function findBodyFault(checks: BodyChecks, body: Uint8Array): Fault | undefined {
  const byPattern = patternFault(checks, body)
  if (byPattern !== undefined) return { check: 'regex', reason: 'content', message: byPattern }
  const { fail_if_body_json_matches_cel: mustNot, fail_if_body_json_not_matches_cel: must } = checks
  if (!hasCel(checks)) return undefined
  if (checks.body_size_limit === 0 && body.length > maxJsonBytes) {
    const message = `the body is larger than ${maxJsonBytes} octets, which CEL reads only with a body_size_limit`
    return { check: 'cel', reason: 'too_large', message }
  }
  try {
    const byCel = celFault(mustNot, must, body)
    return byCel === undefined ? undefined : { check: 'cel', reason: 'content', message: byCel }
  } catch (error) {
    return { check: 'cel', reason: 'content', message: `CEL: ${(error as Error).message}` }
  }
}
