import { reasons } from '../kit/failure.ts'
import { duration, integer, positiveDuration, z } from '../kit/options.ts'
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
}

/** Computes the schema of a modules file from the list of probers. */
export function modulesSchema(definitions: readonly Definition[]) {
  const sections = (own?: Definition) =>
    Object.fromEntries(
      definitions.map(({ name, options }) => [name, name === own?.name ? options.prefault({}) : options.optional()]),
    )
  const variant = (own: Definition) =>
    z.strictObject({ prober: z.literal(own.name), ...moduleOptions, ...sections(own) })
  const [first, ...others] = definitions.map(variant)
  if (first === undefined) throw new Error('there is no prober')
  return {
    /** The whole file; a module is a union on `prober`. */
    file: z.strictObject({ modules: z.record(z.string(), z.discriminatedUnion('prober', [first, ...others])) }),
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
  readonly [section: string]: unknown
}
