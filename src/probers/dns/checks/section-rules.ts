import type { Pattern } from '../../../kit/regexp.ts'
import { shown } from '../shown.ts'
import { type ResourceRecord, recordText } from '../wire/record.ts'
import type { Check, Judged, Verdict } from './check.ts'
import { matches } from './match-text.ts'

/** The patterns that the records of one section are held against; blackbox_exporter's names. */
export interface Rules {
  readonly fail_if_matches_regexp: readonly Pattern[]
  readonly fail_if_all_match_regexp: readonly Pattern[]
  readonly fail_if_not_matches_regexp: readonly Pattern[]
  readonly fail_if_none_matches_regexp: readonly Pattern[]
}

/** What `fail_if_all_match_regexp` means: as it is named, or the opposite, as blackbox_exporter does it. */
export type AllMatchSemantics = 'name' | 'blackbox'

export const hasRules = (rules: Rules): boolean =>
  Object.values(rules).some((list: readonly Pattern[]) => list.length > 0)

/**
 * Judges the records of a section; returns what is wrong, or undefined. With `fail_if_matches_regexp` no record may match
 * any pattern, with `fail_if_not_matches_regexp` every record must match every pattern and there must be one, with
 * `fail_if_none_matches_regexp` one record must match one pattern. `fail_if_all_match_regexp` fails when there are
 * records and all match all patterns; in blackbox_exporter when not all do. `breathe` is awaited before each match.
 * Throws what `matches` throws.
 */
export async function judgeRecords(
  records: readonly ResourceRecord[],
  rules: Rules,
  semantics: AllMatchSemantics,
  { breathe, signal }: Pick<Judged, 'breathe'> & { readonly signal: AbortSignal },
): Promise<string | undefined> {
  const matchesOf = async (patterns: readonly Pattern[], text: string, expected: boolean) => {
    for (const pattern of patterns) {
      await breathe()
      if ((await matches(pattern, text, signal)) === expected) return pattern.source
    }
    return undefined
  }
  const { fail_if_not_matches_regexp: required, fail_if_none_matches_regexp: wanted } = rules
  if (records.length === 0 && required.length > 0) return 'fail_if_not_matches_regexp: there is no record'
  if (records.length === 0 && wanted.length > 0) return 'fail_if_none_matches_regexp: there is no record'
  let allMatch = true
  let anyWanted = false
  for (const record of records) {
    const text = recordText(record)
    const forbidden = await matchesOf(rules.fail_if_matches_regexp, text, true)
    if (forbidden !== undefined) return `fail_if_matches_regexp: '${forbidden}' matches ${shown(text)}`
    const missed = await matchesOf(required, text, false)
    if (missed !== undefined) return `fail_if_not_matches_regexp: '${missed}' does not match ${shown(text)}`
    allMatch &&= (await matchesOf(rules.fail_if_all_match_regexp, text, false)) === undefined
    anyWanted ||= (await matchesOf(wanted, text, true)) !== undefined
  }
  if (rules.fail_if_all_match_regexp.length > 0) {
    if (semantics === 'blackbox' && !allMatch) return 'fail_if_all_match_regexp: not all records match'
    if (semantics === 'name' && allMatch && records.length > 0) return 'fail_if_all_match_regexp: all records match'
  }
  if (wanted.length > 0 && !anyWanted) return 'fail_if_none_matches_regexp: no record matches any pattern'
  return undefined
}

/** `validate_answer_rrs`, `validate_authority_rrs` and `validate_additional_rrs`. */
export const sectionRules: Check = async ({ ctx: { signal }, request: { config }, asked: { reply }, breathe }) => {
  const verdicts: Verdict[] = []
  for (const section of ['answer', 'authority', 'additional'] as const) {
    const rules = config[`validate_${section}_rrs`]
    if (!hasRules(rules)) continue
    const records = reply.message[section]
    const fault = await judgeRecords(records, rules, config.all_match_semantics, { breathe, signal })
    verdicts.push({ check: `${section}_rrs`, fault: fault && `${section} section: ${fault}` })
  }
  return verdicts
}
