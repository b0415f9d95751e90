import type { Module, RefusedModule, Retries } from '../engine/module.ts'
import { BadRequest } from '../kit/failure.ts'
import { createPolicy, defaultPolicy, type TargetRules } from '../kit/net/policy/policy.ts'
import type { PlannedProber, TargetPolicy } from '../kit/prober.ts'
import { type CredentialSets, plainSets } from './auths.ts'
import { describe } from './describe.ts'
import type { Finding } from './issues.ts'
import { type Definition, moduleOptions, type ParsedModule } from './schema.ts'
import { asWritten, missingSecrets } from './secrets.ts'
import { type Path, printYaml } from './yaml.ts'

export interface Bound {
  readonly module: Module | RefusedModule
  readonly warnings: readonly Finding[]
  /** The module as it can stand in a modules file, secrets hidden. */
  readonly plain: () => unknown
}

/** What a module finds beside itself. */
export interface Surroundings {
  readonly definitions: readonly Definition[]
  readonly sets: CredentialSets
  /** The targets of modules that do not have their own. */
  readonly targets: TargetRules | undefined
}

type BuiltProber = Exclude<Definition, PlannedProber>

/** The options of a module by the credentials that the parameter `auth` picks; undefined picks the module's own. */
type Choices = ReadonlyMap<string | undefined, unknown>

/** Binds a module's options to its prober: from here on nothing knows which one it is. */
export function bind(name: string, parsed: ParsedModule, { definitions, sets, targets: ofFile }: Surroundings): Bound {
  const definition = definitions.find(candidate => candidate.name === parsed.prober)
  if (definition === undefined) throw new Error(`prober ${parsed.prober} passed the schema but does not exist`)
  const path: Path = ['modules', name]
  const options = deepFreeze(parsed[definition.name])
  const unused = unusedSections(path, parsed, definition, definitions)
  const plain = () => plainModule(parsed, definition, options)
  const targets = parsed.targets ?? ofFile
  const policy = targets === undefined ? defaultPolicy : createPolicy(targets)
  const accepted = new Map([...sets].filter(([set]) => parsed.auths?.includes(set)))
  const choices = choicesOf(definition, options, accepted)
  const reason = reasonAgainst(definition, choices)
  if (reason !== undefined || 'planned' in definition) {
    const refused = `module '${name}' cannot run: ${reason}`
    return { module: Object.freeze({ name, refused }), warnings: [...unused, { path, message: refused }], plain }
  }
  const module: Module = {
    name,
    prober: definition.name,
    timeoutMs: parsed.timeout,
    retries: retriesOf(parsed),
    params: new Set([...(definition.params?.(options) ?? []), 'auth']),
    counters: definition.counters?.(options) ?? [],
    policy,
    prepare: preparation(name, definition, choices, policy),
    describe: () => printYaml(plain()) + (accepted.size > 0 ? `---\n${printYaml(plainSets(accepted))}` : ''),
  }
  const warnings = [
    ...unused,
    ...remarks(path, definition, choices),
    ...missingSecrets(asWritten(definition.options, options), [...path, definition.name]),
    ...unguarded(path, definition, choices, targets),
  ]
  return { module: Object.freeze(module), warnings, plain }
}

function choicesOf(definition: Definition, options: unknown, sets: CredentialSets): Choices {
  const choices = new Map<string | undefined, unknown>([[undefined, options]])
  if ('planned' in definition || definition.withAuth === undefined) return choices
  for (const [set, auth] of sets) choices.set(set, deepFreeze(definition.withAuth(options, auth)))
  return choices
}

function reasonAgainst(definition: Definition, choices: Choices): string | undefined {
  if ('planned' in definition) return definition.planned
  return [...choices.values()].flatMap(options => definition.unavailable?.(options) ?? [])[0]
}

function preparation(name: string, definition: BuiltProber, choices: Choices, policy: TargetPolicy): Module['prepare'] {
  return ({ target, params }) => {
    const auth = params.get('auth')
    if (!choices.has(auth)) throw new BadRequest(`module '${name}' does not accept the auth that was asked for`)
    const options = choices.get(auth)
    const others = new Map([...params].filter(([param]) => param !== 'auth'))
    const accepted = definition.accept({ target, params: others }, options, policy)
    return ctx => {
      if (auth !== undefined) ctx.log.debug('using a set of credentials', { auth })
      return definition.probe(ctx, accepted, options)
    }
  }
}

/** What the prober has to say of the module's own options and, on top of that, of those with other credentials. */
function remarks(path: Path, definition: BuiltProber, choices: Choices): Finding[] {
  const own = definition.warnings?.(choices.get(undefined)) ?? []
  return [...choices].flatMap(([auth, options]) => {
    if (auth === undefined) return own.map(message => ({ path: [...path, definition.name], message }))
    const further = definition.warnings?.(options).filter(message => !own.includes(message)) ?? []
    return further.map(message => ({ path: ['auths', auth], message }))
  })
}

/** Whoever reaches sonde can make it send the credentials of a module anywhere that its policy admits. */
function unguarded(
  path: Path,
  { credentials }: BuiltProber,
  choices: Choices,
  targets: TargetRules | undefined,
): Finding[] {
  const own = credentials?.(choices.get(undefined)) ?? []
  const sent = [...own, ...(choices.size > 1 ? ['auths'] : [])].join(', ')
  if (sent === '' || targets?.allow !== undefined) return []
  return [{ path, message: `it sends credentials (${sent}) to whatever target is asked for: set targets.allow` }]
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
    ...(parsed.targets !== undefined && { targets: describe(moduleOptions.targets, parsed.targets) }),
    ...(parsed.auths !== undefined && { auths: parsed.auths }),
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
