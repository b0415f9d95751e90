import { type Cel, compileCel } from '../../kit/cel.ts'
import type { ReceivedHeaders } from '../../kit/net/http/message.ts'
import { compilePattern, type Pattern } from '../../kit/regexp.ts'
import { answerJobs } from '../../kit/worker-pool.ts'
import { type BodyChecks, findBodyFault } from './body-fault.ts'
import { findHeaderFault, type HeaderRule, type HeaderRules } from './header-fault.ts'

/** What to judge, and the checks as their sources: what is compiled cannot be sent to a thread. */
export type Job =
  | { readonly headers: ReceivedHeaders; readonly checks: HeaderRules<string> }
  | { readonly body: Uint8Array; readonly checks: BodyChecks<string, string> }

/** Keeps what was compiled: all of it was compiled once before, when the configuration was loaded. */
function remembering<T>(compile: (source: string) => T): (source: string) => T {
  const known = new Map<string, T>()
  return source => {
    const value = known.get(source) ?? compile(source)
    if (known.size >= 1000) known.clear()
    known.set(source, value)
    return value
  }
}

const pattern = remembering<Pattern>(compilePattern)
const cel = remembering<Cel>(compileCel)
const optionalCel = (source: string | undefined) => (source === undefined ? undefined : cel(source))
const rule = ({ regexp, ...rest }: HeaderRule<string>): HeaderRule => ({ ...rest, regexp: pattern(regexp) })

const headerRules = (rules: HeaderRules<string>): HeaderRules => ({
  fail_if_header_matches: rules.fail_if_header_matches.map(rule),
  fail_if_header_not_matches: rules.fail_if_header_not_matches.map(rule),
})

const bodyChecks = (checks: BodyChecks<string, string>): BodyChecks => ({
  fail_if_body_matches_regexp: checks.fail_if_body_matches_regexp.map(pattern),
  fail_if_body_not_matches_regexp: checks.fail_if_body_not_matches_regexp.map(pattern),
  fail_if_body_json_matches_cel: optionalCel(checks.fail_if_body_json_matches_cel),
  fail_if_body_json_not_matches_cel: optionalCel(checks.fail_if_body_json_not_matches_cel),
  body_size_limit: checks.body_size_limit,
})

answerJobs((job: Job) =>
  'headers' in job
    ? findHeaderFault(headerRules(job.checks), job.headers)
    : findBodyFault(bodyChecks(job.checks), job.body),
)
