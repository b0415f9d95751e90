import { dirname } from 'node:path'
import type { Module, Problem, RefusedModule, Snapshot } from '../engine/module.ts'
import { formatProblem } from '../engine/module.ts'
import { defaultPolicy } from '../kit/net/policy.ts'
import { inFolder } from '../kit/options.ts'
import { describe } from './describe.ts'
import { apply, type Finding, findings, repairFor } from './issues.ts'
import { explain } from './messages.ts'
import { type Definition, moduleOptions, modulesSchema, type ParsedModule } from './schema.ts'
import { type Document, type Path, parseYaml, printYaml } from './yaml.ts'

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

  function parse(input: unknown) {
    const first = schema.safeParse(input, { error: explain })
    const repairs = first.error?.issues.flatMap(issue => repairFor(issue, input) ?? []) ?? []
    for (const repair of repairs) apply(repair, input)
    const parsed = repairs.length > 0 ? schema.safeParse(input, { error: explain }) : first
    const warnings = repairs.flatMap(({ path, warning }) => (warning === undefined ? [] : [{ path, message: warning }]))
    return { parsed, warnings }
  }

  function check(document: Document, problem: (finding: Finding) => Problem) {
    const faults = document.faults.map(({ path, message, line, column }) => ({
      ...problem({ path, message }),
      line,
      column,
    }))
    if (document.value === undefined || document.value === null) {
      throw new ConfigError(
        faults.length > 0 ? faults : [problem({ path: [], message: 'the file is empty: expected modules' })],
      )
    }
    const { parsed, warnings } = parse(document.value)
    const mistakes = [...faults, ...(parsed.error?.issues.flatMap(issue => findings(issue)).map(problem) ?? [])]
    if (mistakes.length > 0 || parsed.data === undefined) throw new ConfigError(mistakes.sort(byPosition))
    return { modules: Object.entries(parsed.data.modules as Record<string, ParsedModule>), warnings }
  }

  return (text, file) => {
    const document = parseYaml(text)
    const problem = ({ path, message }: Finding): Problem => ({
      file,
      ...document.position(path),
      path: path.map(String).join('.'),
      message,
    })
    return inFolder(dirname(file), () => {
      const { modules, warnings } = check(document, problem)
      const bound = modules.map(([name, parsed]) => bind(name, parsed, definitions))
      return deepFreeze({
        modules: new Map(bound.map(({ module }) => [module.name, module])),
        warnings: [...warnings, ...bound.flatMap(module => module.warnings)].map(problem).sort(byPosition),
        describe: () =>
          printYaml({ modules: Object.fromEntries(bound.map(({ module, plain }) => [module.name, plain()])) }),
      })
    })
  }
}

interface Bound {
  readonly module: Module | RefusedModule
  readonly warnings: readonly Finding[]
  readonly plain: () => unknown
}

/** Binds a module's options to its prober. */
function bind(name: string, parsed: ParsedModule, definitions: readonly Definition[]): Bound {
  const definition = definitions.find(candidate => candidate.name === parsed.prober)
  if (definition === undefined) throw new Error(`prober ${parsed.prober} passed the schema but does not exist`)
  const path: Path = ['modules', name]
  const options = deepFreeze(parsed[definition.name])
  const unused = definitions
    .filter(other => other !== definition && parsed[other.name] !== undefined)
    .map(other => ({
      path: [...path, other.name],
      message: `the prober is ${definition.name}: this section is not used`,
    }))
  const plain = () => ({
    prober: parsed.prober,
    ...(parsed.timeout !== undefined && { timeout: describe(moduleOptions.timeout, parsed.timeout) }),
    ...(parsed.retries !== undefined && { retries: describe(moduleOptions.retries, parsed.retries) }),
    [definition.name]: describe(definition.options, options),
  })
  const refused = 'planned' in definition ? definition.planned : definition.unavailable?.(options)
  if (refused !== undefined || 'planned' in definition) {
    const text = `module '${name}' cannot run: ${refused}`
    return { module: Object.freeze({ name, refused: text }), warnings: [...unused, { path, message: text }], plain }
  }
  const module: Module = Object.freeze({
    name,
    prober: definition.name,
    timeoutMs: parsed.timeout,
    retries: parsed.retries && {
      attempts: parsed.retries.attempts,
      delayMs: parsed.retries.delay,
      on: new Set(parsed.retries.on),
    },
    params: new Set(definition.params?.(options)),
    counters: definition.counters?.(options) ?? [],
    policy: defaultPolicy,
    prepare: request => {
      const accepted = definition.accept(request, options)
      return ctx => definition.probe(ctx, accepted, options)
    },
    describe: () => printYaml(plain()),
  })
  const remarks = definition.warnings?.(options).map(message => ({ path: [...path, definition.name], message })) ?? []
  return { module, warnings: [...unused, ...remarks], plain }
}

/** Freezes plain objects and arrays all the way down; what has a class of its own is left as it is. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
