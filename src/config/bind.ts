import type { Module, RefusedModule, Retries } from '../engine/module.ts'
import { defaultPolicy } from '../kit/net/policy.ts'
import { describe } from './describe.ts'
import type { Finding } from './issues.ts'
import { type Definition, moduleOptions, type ParsedModule } from './schema.ts'
import { type Path, printYaml } from './yaml.ts'

export interface Bound {
  readonly module: Module | RefusedModule
  readonly warnings: readonly Finding[]
  /** The module as it can stand in a modules file, secrets hidden. */
  readonly plain: () => unknown
}

/** Binds a module's options to its prober: from here on nothing knows which one it is. */
export function bind(name: string, parsed: ParsedModule, definitions: readonly Definition[]): Bound {
  const definition = definitions.find(candidate => candidate.name === parsed.prober)
  if (definition === undefined) throw new Error(`prober ${parsed.prober} passed the schema but does not exist`)
  const path: Path = ['modules', name]
  const options = deepFreeze(parsed[definition.name])
  const unused = unusedSections(path, parsed, definition, definitions)
  const plain = () => plainModule(parsed, definition, options)
  const reason = 'planned' in definition ? definition.planned : definition.unavailable?.(options)
  if (reason !== undefined || 'planned' in definition) {
    const refused = `module '${name}' cannot run: ${reason}`
    return { module: Object.freeze({ name, refused }), warnings: [...unused, { path, message: refused }], plain }
  }
  const module: Module = {
    name,
    prober: definition.name,
    timeoutMs: parsed.timeout,
    retries: retriesOf(parsed),
    params: new Set(definition.params?.(options)),
    counters: definition.counters?.(options) ?? [],
    policy: defaultPolicy,
    prepare: request => {
      const accepted = definition.accept(request, options)
      return ctx => definition.probe(ctx, accepted, options)
    },
    describe: () => printYaml(plain()),
  }
  const remarks = definition.warnings?.(options).map(message => ({ path: [...path, definition.name], message })) ?? []
  return { module: Object.freeze(module), warnings: [...unused, ...remarks], plain }
}

function unusedSections(
  path: Path,
  parsed: ParsedModule,
  own: Definition,
  definitions: readonly Definition[],
): Finding[] {
  return definitions
    .filter(({ name }) => name !== own.name && parsed[name] !== undefined)
    .map(({ name }) => ({ path: [...path, name], message: `the prober is ${own.name}: this section is not used` }))
}

function plainModule(parsed: ParsedModule, { name, options: schema }: Definition, options: unknown): unknown {
  return {
    prober: parsed.prober,
    ...(parsed.timeout !== undefined && { timeout: describe(moduleOptions.timeout, parsed.timeout) }),
    ...(parsed.retries !== undefined && { retries: describe(moduleOptions.retries, parsed.retries) }),
    [name]: describe(schema, options),
  }
}

function retriesOf({ retries }: ParsedModule): Retries | undefined {
  return retries && { attempts: retries.attempts, delayMs: retries.delay, on: new Set(retries.on) }
}

/** Freezes plain objects and arrays all the way down; what has a class of its own is left as it is. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) return value
  for (const member of Object.values(value)) deepFreeze(member)
  return Object.freeze(value)
}
