import { reasons } from '../kit/failure.ts'
import { credentialSet, type HttpAuth } from '../kit/net/http/auth-options.ts'
import { targets } from '../kit/net/policy/options.ts'
import type { TargetRules } from '../kit/net/policy/policy.ts'
import { duration, integer, positiveDuration, text, z } from '../kit/options.ts'
import type { PlannedProber, Prober } from '../kit/prober.ts'

/** A prober as the configuration sees it; its types are erased here and in `load.ts`, and nowhere else. */
// biome-ignore lint/suspicious/noExplicitAny: a list of probers has no common type for options and request
export type Definition = Prober<string, z.ZodType, any> | PlannedProber

const retries = z
  .strictObject({
    attempts: integer(1, 10).default(2).describe('Tries in all.'),
    delay: positiveDuration().default(200).describe('Pause before another try.'),
    on: z
      .array(z.enum(reasons))
      .min(1)
      .default(['timeout', 'connect'])
      .describe('Reasons after which to try again; with `timeout`, the tries share the time evenly.'),
  })
  .describe('Repeats the prober inside the one deadline; `probe_attempts` tells how often.')

/** The options of every module, beside its prober's section. */
export const moduleOptions = {
  timeout: duration()
    .optional()
    .describe("The probe's time; the scrape timeout less `--timeout-offset` caps it. Unset: that alone."),
  retries: retries.optional(),
  targets: targets.optional(),
  auths: z
    .array(text())
    .optional()
    .describe(
      "Sets of the file's section `auths` of which `/probe?auth=` may pick one in place of its own credentials.",
    ),
}

/** The sets of credentials that modules may accept. */
export const auths = z
  .record(
    z.string().refine(name => name !== '', { error: 'expected a name' }),
    credentialSet(),
  )
  .describe('Sets of credentials by name, for the `auths` of modules.')

const takesCredentials = (definition: Definition) => 'withAuth' in definition && definition.withAuth !== undefined

/** The options that a module of this prober has in common with all, and what of them it cannot have. */
function commonOptions(own: Definition) {
  const refused = (error: string) => z.never({ error }).optional()
  const refusesTargets = 'planned' in own ? undefined : own.refusesTargets
  return {
    ...moduleOptions,
    ...(!takesCredentials(own) && { auths: refused(`the prober ${own.name} takes no credentials`) }),
    ...(refusesTargets !== undefined && { targets: refused(refusesTargets) }),
  }
}

/** Computes the schema of a modules file from the list of probers. */
export function modulesSchema(definitions: readonly Definition[]) {
  const sections = (own?: Definition) =>
    Object.fromEntries(
      definitions.map(({ name, options }) => [name, name === own?.name ? options.prefault({}) : options.optional()]),
    )
  const variant = (own: Definition) => {
    return z.strictObject({ prober: z.literal(own.name), ...commonOptions(own), ...sections(own) })
  }
  const [first, ...others] = definitions.map(variant)
  if (first === undefined) throw new Error('there is no prober')
  return {
    /** The whole file; a module is a union on `prober`. */
    file: z.strictObject({
      targets: targets.optional(),
      auths: auths.optional(),
      modules: z.record(z.string(), z.discriminatedUnion('prober', [first, ...others])),
    }),
    /** A module whose prober is not known. */
    anyModule: z.strictObject({ prober: z.unknown().optional(), ...moduleOptions, ...sections() }),
  }
}

export type ModulesSchema = ReturnType<typeof modulesSchema>

/** A module after the schema: its own section and, when they were given, those of other probers. */
export interface ParsedModule {
  readonly prober: string
  readonly timeout?: number
  readonly retries?: {
    readonly attempts: number
    readonly delay: number
    readonly on: readonly (typeof reasons)[number][]
  }
  readonly targets?: TargetRules
  readonly auths?: readonly string[]
  readonly [section: string]: unknown
}

/** A modules file after the schema. */
export interface ParsedFile {
  /** For modules that have none of their own. */
  readonly targets?: TargetRules
  readonly auths?: Readonly<Record<string, HttpAuth>>
  readonly modules: Readonly<Record<string, ParsedModule>>
}
