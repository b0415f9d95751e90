import { compilePattern, type Pattern } from '../../../kit/regexp.ts'
import { answerJobs } from '../../../kit/worker-pool.ts'

/** The pattern as its source: what is compiled cannot be sent to a thread. */
export interface MatchJob {
  readonly source: string
  readonly text: string
}

const maxKnown = 1000
const known = new Map<string, Pattern>()

function patternOf(source: string): Pattern {
  const pattern = known.get(source) ?? compilePattern(source)
  if (known.size >= maxKnown) known.clear()
  known.set(source, pattern)
  return pattern
}

answerJobs(({ source, text }: MatchJob) => patternOf(source).test(text))
