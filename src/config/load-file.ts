import { formatProblem, type Problem } from '../engine/module.ts'
import { type CredentialSets, plainSets, unusedAuths } from './auths.ts'
import { type Bound, bind, deepFreeze } from './bind.ts'
import { checkModules } from './check.ts'
import { ConfigError } from './config-error.ts'
import { describe } from './describe.ts'
import type { Finding } from './issues.ts'
import { type Definition, type ModulesSchema, moduleOptions } from './schema.ts'
import { missingSecrets } from './secrets.ts'
import type { Source } from './sources.ts'
import { type Path, parseYaml } from './yaml.ts'

/** What a modules file comes to. */
export interface LoadedFile {
  readonly file: string
  readonly modules: readonly Bound['module'][]
  readonly warnings: readonly Problem[]
  /** Turns a remark into one with its place in the file. */
  readonly problem: (finding: Finding) => Problem
  /** The file as it can be shown, secrets hidden. */
  readonly plain: () => unknown
}

const byPosition = (a: Problem, b: Problem) => a.line - b.line || a.column - b.column

const dotted = (path: Path) => path.map(String).join('.')

/** Reads a modules file. Throws `ConfigError` with every mistake at once. */
export function loadFile(
  { file, text }: Source,
  schema: ModulesSchema,
  definitions: readonly Definition[],
): LoadedFile {
  const { value, position, faults } = parseYaml(text)
  const problem = ({ path, message }: Finding): Problem => ({ file, ...position(path), path: dotted(path), message })
  const broken: readonly Problem[] = faults.map(fault => ({ ...fault, file, path: dotted(fault.path) }))
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
  return {
    file,
    modules: bound.map(({ module }) => module),
    // Modules that share a set have the same to say of it.
    warnings: [...new Map(remarks.map(remark => [formatProblem(remark), remark])).values()].sort(byPosition),
    problem,
    plain: () => ({
      ...(parsed.targets !== undefined && { targets: describe(moduleOptions.targets, parsed.targets) }),
      ...(sets.size > 0 && plainSets(sets)),
      modules: Object.fromEntries(bound.map(({ module, plain }) => [module.name, plain()])),
    }),
  }
}
