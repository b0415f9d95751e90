import { ask, type Case, type Options } from './case.ts'

const two = { query_name: 'a.example.test' }
const none = { query_name: 'long.example.test', query_type: 'MX' }
const first = '192\\.0\\.2\\.1$'
const either = '192\\.0\\.2\\.[12]$'
const neither = '198\\.51'

type List = 'fail_if_matches' | 'fail_if_not_matches' | 'fail_if_none_matches' | 'fail_if_all_match'

const rule = (name: string, list: List, patterns: readonly string[], fails?: string, dns: Options = two): Case =>
  ask(`${list}: ${name}`, '(plain)', { ...dns, validate_answer_rrs: { [`${list}_regexp`]: patterns } }, fails)

const inSection = (section: string, pattern: string, fails?: string): Case =>
  ask(
    `${section}: ${pattern}`,
    '(plain)',
    { ...two, recursion_desired: false, [`validate_${section}_rrs`]: { fail_if_none_matches_regexp: [pattern] } },
    fails,
  )

const failing = { fail_if_matches_regexp: ['.'] }

const allMatch = (name: string, patterns: readonly string[], dns: Options, inverted?: string): readonly Case[] => {
  const older = { ...dns, validate_answer_rrs: { fail_if_all_match_regexp: patterns } }
  const section = { ...older, all_match_semantics: 'blackbox' }
  return [
    ask(`fail_if_all_match, inverted: ${name}`, '(plain)', section, { older, ...(inverted && { fails: inverted }) }),
  ]
}

/** What the records of each section are held against. */
export const rules: readonly Case[] = [
  rule('no record matches', 'fail_if_matches', [neither]),
  rule('one record matches', 'fail_if_matches', [first], 'content'),
  rule('one of two patterns matches', 'fail_if_matches', [neither, first], 'content'),
  rule('there is no record', 'fail_if_matches', ['.'], undefined, none),
  rule('each record matches', 'fail_if_not_matches', [either]),
  rule('one record does not match', 'fail_if_not_matches', [first], 'content'),
  rule('two patterns, each record matches both', 'fail_if_not_matches', [either, '^a\\.']),
  rule('two patterns, each record matches one', 'fail_if_not_matches', ['2\\.1$', '2\\.2$'], 'content'),
  rule('there is no record', 'fail_if_not_matches', ['.'], 'content', none),
  rule('one record matches', 'fail_if_none_matches', [first]),
  rule('one of two patterns matches', 'fail_if_none_matches', [neither, first]),
  rule('no record matches', 'fail_if_none_matches', [neither], 'content'),
  rule('there is no record', 'fail_if_none_matches', ['.'], 'content', none),
  rule('letters in another case', 'fail_if_none_matches', ['A\\.EXAMPLE'], 'content'),
  rule('letters in any case', 'fail_if_none_matches', ['(?i)A\\.EXAMPLE']),
  rule('tabs between the fields', 'fail_if_none_matches', ['^a\\.example\\.test\\.\\t300\\tIN\\tA\\t192']),
  rule('spaces between the fields', 'fail_if_none_matches', ['example\\.test\\. 300 IN A'], 'content'),
  ...allMatch('both records match', [either], two),
  ...allMatch('one record matches', [first], two, 'content'),
  ...allMatch('there is no record', ['.'], none),
  ask(
    'fail_if_all_match: both records match',
    '(plain)',
    { ...two, validate_answer_rrs: { fail_if_all_match_regexp: [either] } },
    { fails: 'content', differs: ['all_match as it is named'] },
  ),
  ask(
    'fail_if_all_match: one record matches',
    '(plain)',
    { ...two, validate_answer_rrs: { fail_if_all_match_regexp: [first] } },
    { differs: ['all_match as it is named'] },
  ),
  inSection('authority', '\\tNS\\tns1\\.example\\.test\\.$'),
  inSection('authority', '\\tSOA\\t', 'content'),
  inSection('additional', '^ns1\\.example\\.test\\.\\t3600\\tIN\\tA\\t127\\.0\\.0\\.1$'),
  inSection('additional', '\\tAAAA\\t::1$'),
  inSection('additional', 'OPT', 'content'),
  ask('all sections', '(plain)', {
    query_name: 'mx.example.test',
    query_type: 'MX',
    validate_answer_rrs: { fail_if_not_matches_regexp: ['\\tMX\\t'] },
    validate_authority_rrs: { fail_if_matches_regexp: ['\\tSOA\\t'] },
    validate_additional_rrs: { fail_if_none_matches_regexp: ['mail2'] },
  }),
  ask(
    'the answer comes before the others',
    '(plain)',
    { ...two, validate_answer_rrs: failing, valid_rcodes: ['NXDOMAIN'] },
    'status',
  ),
]
