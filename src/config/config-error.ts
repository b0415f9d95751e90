import { formatProblem, type Problem } from '../engine/module.ts'

/** A configuration cannot be used; holds every mistake in it. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}
