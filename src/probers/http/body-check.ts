import { parseCelJson } from '../../kit/cel.ts'
import { ProbeFailure } from '../../kit/failure.ts'
import { createSlices } from '../../kit/slices.ts'
import type { HttpOptions } from './options.ts'

type BodyRules = Pick<
  HttpOptions,
  | 'fail_if_body_matches_regexp'
  | 'fail_if_body_not_matches_regexp'
  | 'fail_if_body_json_matches_cel'
  | 'fail_if_body_json_not_matches_cel'
>

/** The kind of check that a body did not pass. */
export type BodyCheck = 'regex' | 'cel'

export interface BodyFault {
  /** Undefined when there is no check: then the body could not be read. */
  readonly check: BodyCheck | undefined
  readonly failure: ProbeFailure
}

export const hasCel = (rules: BodyRules): boolean =>
  rules.fail_if_body_json_matches_cel !== undefined || rules.fail_if_body_json_not_matches_cel !== undefined

/** The check that comes first with these rules: a body that cannot be read has not passed it. */
export function firstBodyCheck(rules: BodyRules): BodyCheck | undefined {
  const patterns = rules.fail_if_body_matches_regexp.length + rules.fail_if_body_not_matches_regexp.length
  return patterns > 0 ? 'regex' : hasCel(rules) ? 'cel' : undefined
}

/** None of the one list may match, all of the other must. */
async function patternFault(
  rules: BodyRules,
  body: Uint8Array,
  pause: () => Promise<void> | undefined,
): Promise<string | undefined> {
  for (const pattern of rules.fail_if_body_matches_regexp) {
    await pause()
    if (pattern.test(body)) return `the body matches ${pattern.source}`
  }
  for (const pattern of rules.fail_if_body_not_matches_regexp) {
    await pause()
    if (!pattern.test(body)) return `the body does not match ${pattern.source}`
  }
  return undefined
}

/** The one expression must be false, the other true; one that cannot be evaluated is a fault in both. */
function celFault(rules: BodyRules, body: Uint8Array): string | undefined {
  const { fail_if_body_json_matches_cel: mustNot, fail_if_body_json_not_matches_cel: must } = rules
  if (mustNot === undefined && must === undefined) return undefined
  try {
    const json = parseCelJson(body)
    if (mustNot?.test(json)) return `the body matches ${mustNot.source}`
    if (must?.test(json) === false) return `the body does not match ${must.source}`
    return undefined
  } catch (error) {
    return `CEL: ${(error as Error).message}`
  }
}

/**
 * Judges the octets of the body: first the patterns, then CEL. Lets others run in between; throws the signal's reason
 * when that aborted meanwhile.
 */
export async function checkBody(
  rules: BodyRules,
  body: Uint8Array,
  signal: AbortSignal,
): Promise<BodyFault | undefined> {
  const pause = createSlices(signal)
  const byPattern = await patternFault(rules, body, pause)
  if (byPattern !== undefined) return { check: 'regex', failure: new ProbeFailure('content', byPattern) }
  await pause()
  const byCel = celFault(rules, body)
  if (byCel !== undefined) return { check: 'cel', failure: new ProbeFailure('content', byCel) }
  return undefined
}
