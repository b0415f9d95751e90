import { type Cel, compileCel } from '../../kit/cel.ts'
import { compilePattern, type Pattern } from '../../kit/regexp.ts'
import { answerJobs } from '../../kit/worker-pool.ts'
import { type BodyChecks, findFault } from './body-fault.ts'

/** The checks as their sources: what is compiled cannot be sent to a thread. */
export interface BodyJob {
  readonly checks: BodyChecks<string, string>
  readonly body: Uint8Array
}

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

answerJobs(({ checks, body }: BodyJob) =>
  findFault(
    {
      fail_if_body_matches_regexp: checks.fail_if_body_matches_regexp.map(pattern),
      fail_if_body_not_matches_regexp: checks.fail_if_body_not_matches_regexp.map(pattern),
      fail_if_body_json_matches_cel: optionalCel(checks.fail_if_body_json_matches_cel),
      fail_if_body_json_not_matches_cel: optionalCel(checks.fail_if_body_json_not_matches_cel),
      body_size_limit: checks.body_size_limit,
    },
    body,
  ),
)
