import { dirname } from 'node:path'
import { formatProblem, type Problem, type Snapshot } from '../engine/module.ts'
import { inFolder } from '../kit/options.ts'
import { type CredentialSets, plainSets, unusedAuths } from './auths.ts'
import { bind, deepFreeze } from './bind.ts'
import { checkModules } from './check.ts'
import { describe } from './describe.ts'
import type { Finding } from './issues.ts'
import { type Definition, moduleOptions, modulesSchema } from './schema.ts'
import { missingSecrets } from './secrets.ts'
import { parseYaml, printYaml } from './yaml.ts'

/** The configuration cannot be used; holds every mistake in it. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems.map(formatProblem).join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** Reads the text of a modules file. Throws `ConfigError` with every mistake at once. */
export type Loader = (text: string, file: string) => Snapshot

const byPosition = (a: Problem, b: Problem) => a.line - b.line || a.column - b.column

/** Builds the loader of the files that these probers understand. */
export function createLoader(definitions: readonly Definition[]): Loader {
  const schema = modulesSchema(definitions)

  function load(text: string, file: string): Snapshot {
    const { value, position, faults } = parseYaml(text)
    const problem = ({ path, message }: Finding): Problem => ({
      file,
      ...position(path),
      path: path.map(String).join('.'),
      message,
    })
    const broken: readonly Problem[] = faults.map(fault => ({ ...fault, file, path: fault.path.map(String).join('.') }))
    if (value === undefined || value === null) {
      throw new ConfigError(
        broken.length > 0 ? broken : [problem({ path: [], message: 'the file is empty: expected modules' })],
      )
    }
    const { parsed, mistakes, warnings } = checkModules(schema, value)
    if (parsed === undefined || broken.length > 0) {
      throw new ConfigError([...broken, ...mistakes.map(problem)].sort(byPosition))
    }
    const sets: CredentialSets = new Map(Object.entries(deepFreeze(parsed.auths ?? {})))
    const surroundings = { definitions, sets, targets: parsed.targets }
    const bound = Object.entries(parsed.modules).map(([name, module]) => bind(name, module, surroundings))
    const remarks = [
      ...warnings,
      ...unusedAuths(parsed),
      ...missingSecrets(parsed.auths, ['auths']),
      ...bound.flatMap(module => module.warnings),
    ].map(problem)
    return deepFreeze({
      modules: new Map(bound.map(({ module }) => [module.name, module])),
      // Modules that share a set have the same to say of it.
      warnings: [...new Map(remarks.map(remark => [formatProblem(remark), remark])).values()].sort(byPosition),
      describe: () =>
        printYaml({
          ...(parsed.targets !== undefined && { targets: describe(moduleOptions.targets, parsed.targets) }),
          ...(sets.size > 0 && plainSets(sets)),
          modules: Object.fromEntries(bound.map(({ module, plain }) => [module.name, plain()])),
        }),
    })
  }

  return (text, file) => inFolder(dirname(file), () => load(text, file))
}
