import { dirname } from 'node:path'
import type { Problem, Snapshot } from '../engine/module.ts'
import { inFolder } from '../kit/options.ts'
import { deepFreeze } from './bind.ts'
import { ConfigError } from './config-error.ts'
import { type LoadedFile, loadFile } from './load-file.ts'
import { type Definition, modulesSchema } from './schema.ts'
import type { Source } from './sources.ts'
import { printYaml } from './yaml.ts'

/** Reads the texts of modules files. Throws `ConfigError` with every mistake at once. */
export type Loader = (sources: readonly Source[]) => Snapshot

/** Modules whose name another one has already, in an earlier file. */
function duplicates(files: readonly LoadedFile[]): readonly Problem[] {
  const first = new Map<string, Problem>()
  return files.flatMap(({ modules, problem }) =>
    modules.flatMap(({ name }) => {
      const path = ['modules', name]
      const other = first.get(name)
      if (other === undefined) {
        first.set(name, problem({ path, message: '' }))
        return []
      }
      return [problem({ path, message: `the name is taken: see ${other.file}:${other.line}:${other.column}` })]
    }),
  )
}

function loadAll(sources: readonly Source[], load: (source: Source) => LoadedFile): readonly LoadedFile[] {
  const problems: Problem[] = []
  const files = sources.flatMap(source => {
    try {
      return [inFolder(dirname(source.file), () => load(source))]
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(...error.problems)
      return []
    }
  })
  problems.push(...duplicates(files))
  if (problems.length > 0) throw new ConfigError(problems)
  return files
}

function describeAll(files: readonly LoadedFile[]): string {
  if (files.length === 1) return files.map(({ plain }) => printYaml(plain())).join('')
  return files.map(({ file, plain }) => `# ${file}\n${printYaml(plain())}`).join('---\n')
}

/** Builds the loader of the files that these probers understand. */
export function createLoader(definitions: readonly Definition[]): Loader {
  const schema = modulesSchema(definitions)
  return sources => {
    const files = loadAll(sources, source => loadFile(source, schema, definitions))
    return deepFreeze({
      modules: new Map(files.flatMap(({ modules }) => modules).map(module => [module.name, module])),
      warnings: files.flatMap(({ warnings }) => warnings),
      describe: () => describeAll(files),
    })
  }
}
