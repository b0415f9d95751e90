import type { z } from '../kit/options.ts'
import { ConfigError } from './config-error.ts'
import { findings } from './issues.ts'
import { explain } from './messages.ts'
import { parseYaml } from './yaml.ts'

/** Reads a YAML text by a schema. Throws `ConfigError` with every mistake, each at its place. */
export function readStrict<S extends z.ZodType>(schema: S, source: string, file: string): z.output<S> {
  const { value, position, faults } = parseYaml(source)
  const shown = (path: readonly PropertyKey[]) => path.map(String).join('.')
  if (faults.length > 0) throw new ConfigError(faults.map(fault => ({ ...fault, file, path: shown(fault.path) })))
  const { data, error } = schema.safeParse(value, { error: explain })
  if (error === undefined) return data as z.output<S>
  const problems = error.issues
    .flatMap(issue => findings(issue))
    .map(({ path, message }) => ({
      file,
      ...position(path),
      path: shown(path),
      message,
    }))
  throw new ConfigError(problems.sort((a, b) => a.line - b.line || a.column - b.column))
}
