import { integer, pattern, z } from '../../../kit/options.ts'

const patterns = () => z.array(pattern()).default([])

const rules = () =>
  z
    .strictObject({
      fail_if_matches_regexp: patterns().describe('Fail when any record matches any of these patterns.'),
      fail_if_all_match_regexp: patterns().describe(
        'Fail when there are records and each matches all of these patterns; see all_match_semantics.',
      ),
      fail_if_not_matches_regexp: patterns().describe(
        'Fail when any record does not match one of these patterns, or there is no record.',
      ),
      fail_if_none_matches_regexp: patterns().describe('Fail when no record matches any of these patterns.'),
    })
    .prefault({})

const ruleForm = 'RE2 patterns for the text `owner<TAB>ttl<TAB>class<TAB>type<TAB>data` of each record'

/** blackbox_exporter's checks of the records of each section. */
export const sectionRuleOptions = {
  validate_answer_rrs: rules().describe(`Checks of the answer section: ${ruleForm}.`),
  validate_authority_rrs: rules().describe(`Checks of the authority section: ${ruleForm}.`),
  validate_additional_rrs: rules().describe(`Checks of the additional section without its OPT record: ${ruleForm}.`),
  all_match_semantics: z
    .enum(['name', 'blackbox'])
    .default('name')
    .describe('Meaning of fail_if_all_match_regexp: as it is named, or inverted as in blackbox_exporter.'),
}

const flagNames = ['aa', 'tc', 'rd', 'ra', 'ad', 'cd', 'do'] as const
const flagList = () => z.array(z.enum(flagNames, { error: `expected one of ${flagNames.join(', ')}` })).default([])

const flagRules = z
  .strictObject({
    require: flagList().describe('Flags that the answer must have: aa, rd, ra, ad, cd, and do of EDNS.'),
    forbid: flagList().describe('Flags that the answer must not have; a truncated answer (tc) fails without this.'),
  })
  .superRefine(({ require, forbid }, issues) => {
    const refuse = (key: string, at: number, message: string) =>
      issues.addIssue({ code: 'custom', path: [key, at], message })
    for (const [at, flag] of require.entries()) {
      if (flag === 'tc') refuse('require', at, 'a truncated answer never succeeds')
    }
    for (const [at, flag] of forbid.entries()) {
      if (require.includes(flag)) refuse('forbid', at, `${flag} is required, too`)
    }
  })

export type FlagRules = z.output<typeof flagRules>

/** Checks of what an answer says besides its records. */
export const headerCheckOptions = {
  flags: flagRules.optional().describe('Flags of the answer that must be there or must not.'),
  nsid: z
    .strictObject({
      allow_regexp: pattern().describe('RE2 pattern that the name of the instance must match; not anchored.'),
    })
    .optional()
    .describe('Check of the instance that answered, by the NSID that `edns.nsid` asks for (RFC 5001).'),
  fail_on_ede: z
    .array(integer(0, 65_535))
    .default([])
    .describe('Extended errors (RFC 8914), by number, that fail the probe; 6 is DNSSEC Bogus, 9 DNSKEY Missing.'),
}

interface Checked {
  readonly edns: false | { readonly nsid: boolean }
  readonly nsid?: unknown
  readonly fail_on_ede: readonly number[]
}

/** Refuses checks of what the query does not ask for. */
export function checkHeaderChecks({ edns, nsid, fail_on_ede }: Checked, issues: z.RefinementCtx): void {
  const refuse = (key: string, message: string) => issues.addIssue({ code: 'custom', path: [key], message })
  if (nsid !== undefined && (edns === false || !edns.nsid)) refuse('nsid', 'needs `edns.nsid: true`')
  if (fail_on_ede.length > 0 && edns === false)
    refuse('fail_on_ede', 'servers tell no extended errors with `edns: false`')
}
