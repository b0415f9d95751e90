import { reasons } from '../kit/failure.ts'
import { credentialSet, type HttpAuth } from '../kit/net/http/auth-options.ts'
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

/** Computes the schema of a modules file from the list of probers. */
export function modulesSchema(definitions: readonly Definition[]) {
  const sections = (own?: Definition) =>
    Object.fromEntries(
      definitions.map(({ name, options }) => [name, name === own?.name ? options.prefault({}) : options.optional()]),
    )
  const variant = (own: Definition) => {
    const noAuths = z.never({ error: `the prober ${own.name} takes no credentials` }).optional()
    const common = takesCredentials(own) ? moduleOptions : { ...moduleOptions, auths: noAuths }
    return z.strictObject({ prober: z.literal(own.name), ...common, ...sections(own) })
  }
  const [first, ...others] = definitions.map(variant)
  if (first === undefined) throw new Error('there is no prober')
  return {
    /** The whole file; a module is a union on `prober`. */
    file: z.strictObject({
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
  readonly auths?: readonly string[]
  readonly [section: string]: unknown
}

/** A modules file after the schema. */
export interface ParsedFile {
  readonly auths?: Readonly<Record<string, HttpAuth>>
  readonly modules: Readonly<Record<string, ParsedModule>>
}
