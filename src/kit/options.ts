import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { z } from 'zod'
import { formatDuration, parseDuration } from './duration.ts'
import { compilePattern, type Pattern } from './regexp.ts'
import { Secret, type SecretSource } from './secret.ts'

export { z }

/**
 * How an option is written back as YAML, where its value inside differs (milliseconds, octets); or, of an option that is
 * bound to more than stands in the file, what its schema made of that.
 */
export const dumps = z.registry<
  { readonly dump: (value: never) => unknown } | { readonly written: (value: never) => unknown }
>()

/** The `params` of an issue about an accepted variant: the loader warns, and puts `replacement` in its place. */
export interface Variant {
  readonly warning: string
  readonly replacement: unknown
}

const isPlainScalar = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean'

/**
 * Text; a plain YAML number or boolean counts as what was written, as in Go (`config/yaml.ts` keeps that exact), and
 * `!!binary` as the octets of UTF-8.
 */
export const text = () =>
  z.preprocess(value => {
    if (value instanceof Uint8Array) return new TextDecoder().decode(value)
    return isPlainScalar(value) ? String(value) : value
  }, z.string())

/** A whole number in any of YAML's notations. */
export const integer = (minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER) =>
  z.preprocess(
    value => (typeof value === 'string' && /^[-+]?(0x[\da-f]+|0o[0-7]+|\d+)$/i.test(value) ? Number(value) : value),
    z.int().min(minimum).max(maximum),
  )

/** An infinite bound is none: JSON Schema cannot tell it. */
function withinBounds(schema: z.ZodNumber, minimum: number, maximum: number): z.ZodNumber {
  const above = Number.isFinite(minimum) ? schema.min(minimum) : schema
  return Number.isFinite(maximum) ? above.max(maximum) : above
}

/** A number in any of YAML's decimal notations, `0.20` among them. */
export const number = (minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY) =>
  z.preprocess(
    value => (typeof value === 'string' && /^[-+]?(\.\d+|\d+\.?\d*)(e[-+]?\d+)?$/i.test(value) ? Number(value) : value),
    withinBounds(z.number(), minimum, maximum),
  )

const boolWords = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'True', 'TRUE'].map(word => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'False', 'FALSE'].map(word => [word, false] as const),
])

/** true or false, or the words that yaml.v3 takes for them where a boolean is wanted (yes, no, on, off, y, n). */
export const bool = () =>
  z.preprocess(value => (typeof value === 'string' ? (boolWords.get(value) ?? value) : value), z.boolean())

/** A duration in Go's grammar, `d` and `w` included; milliseconds inside. */
export const duration = () =>
  text()
    .transform((value, issues) => {
      const ms = parseDuration(value)
      if (ms !== undefined) return ms
      issues.addIssue({ code: 'custom', message: 'expected a duration such as 500ms, 5s or 1m' })
      return z.NEVER
    })
    .meta({ title: 'duration' })
    .register(dumps, { dump: formatDuration })

/** A duration that is not negative. */
export const positiveDuration = () =>
  duration()
    .refine(ms => ms >= 0, 'expected a duration that is not negative')
    .register(dumps, { dump: formatDuration })

const byteUnits: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** A size in octets: a number, or text such as `256MB`; the units are powers of 1024, as in blackbox_exporter. */
export const bytes = () =>
  text()
    .transform((value, issues) => {
      const match = /^(\d+(?:\.\d+)?) ?(?:([KMGT])i?)?B?$/.exec(value)
      const size = Number(match?.[1]) * (byteUnits[match?.[2] ?? ''] ?? 1)
      if (size === 0 || (size >= 1 && size <= Number.MAX_SAFE_INTEGER)) return Math.floor(size)
      issues.addIssue({ code: 'custom', message: 'expected a size such as 512KB, 10MB or 1GB' })
      return z.NEVER
    })
    .meta({ title: 'size' })
    .register(dumps, { dump: (value: number) => `${value}B` })

let folder = '.'

/** Runs `work` (synchronous) with the folder that the paths of `configPath` are relative to. */
export function inFolder<T>(path: string, work: () => T): T {
  const before = folder
  folder = path
  try {
    return work()
  } finally {
    folder = before
  }
}

/** A path that, when relative, is so to the folder of the configuration file; absolute inside. */
export const configPath = () =>
  text()
    .transform(path => resolve(folder, path))
    .meta({ title: 'path' })

const variable = () =>
  text().refine(name => /^[A-Za-z_]\w*$/.test(name), { error: 'expected the name of an environment variable' })

/** Where a secret stands. */
const secretSource = z
  .strictObject({
    file: configPath().optional().describe('File with the secret; each probe reads it.'),
    env: variable().optional().describe('Environment variable with the secret; read with the configuration.'),
  })
  .transform(({ file, env }, issues): SecretSource => {
    if (issues.issues.length > 0) return z.NEVER
    if (file !== undefined && env === undefined) return { file }
    const value = env === undefined ? undefined : process.env[env]
    if (file === undefined && env !== undefined && value) return { env, value }
    const lack = value === undefined ? 'is not set' : 'is empty'
    issues.addIssue(
      (file === undefined) === (env === undefined)
        ? { code: 'custom', message: 'expected either file or env' }
        : { code: 'custom', path: ['env'], message: `the environment variable ${env} ${lack}` },
    )
    return z.NEVER
  })

/**
 * A value that is hidden wherever configuration or errors are shown: text, `{file: PATH}`, which each probe reads, or
 * `{env: NAME}`, which is read with the configuration.
 */
export const secret = () =>
  z
    .union([text(), secretSource])
    .transform(value => new Secret(value))
    .meta({ title: 'secret' })

/** Where a secret stands, for an option whose plain text is not hidden: `{file: PATH}` or `{env: NAME}` alone. */
export const secretElsewhere = () => secretSource.transform(value => new Secret(value)).meta({ title: 'secret' })

/** An RE2 pattern, compiled at load. */
export const pattern = () =>
  text()
    .transform((source, issues): Pattern => {
      try {
        return compilePattern(source)
      } catch (error) {
        issues.addIssue({ code: 'custom', message: `bad regular expression: ${(error as Error).message}` })
        return z.NEVER
      }
    })
    .meta({ title: 'regular expression' })

/** A `*_ref` key: known, so that the message can say what to use instead, and never accepted. */
export const refusedRef = (instead: string) =>
  z
    .never({ error: `sonde has no secret manager: use ${instead}` })
    .optional()
    .describe(`Refused: use ${instead}.`)

/** Whether an option has a value; empty text counts as absent, as in Go. */
export const isSet = (value: string | Secret | undefined): boolean =>
  value !== undefined && (typeof value === 'string' ? value !== '' : !value.isEmpty)

/** Reports keys of which at most one may be set. */
export function atMostOne(
  issues: z.RefinementCtx,
  values: Readonly<Record<string, string | Secret | undefined>>,
  path: readonly string[] = [],
): void {
  const names = Object.keys(values).filter(name => isSet(values[name]))
  const last = names.at(-1)
  if (last === undefined || names.length < 2) return
  issues.addIssue({
    code: 'custom',
    path: [...path, last],
    message: `at most one of ${names.join(' and ')} may be set`,
  })
}

/** An IPv4 or IPv6 address in text form. */
export const ipAddress = () => text().refine(value => isIP(value) !== 0, 'expected an IPv4 or IPv6 address')

const ipProtocolVariants: Readonly<Record<string, 'ip4' | 'ip6'>> = {
  '': 'ip6',
  ip4: 'ip4',
  ip6: 'ip6',
  ipv4: 'ip4',
  '4': 'ip4',
  ipv6: 'ip6',
  '6': 'ip6',
}

const ipProtocol = () =>
  text()
    .transform((value, issues): 'ip4' | 'ip6' => {
      if (value === 'ip4' || value === 'ip6') return value
      const replacement = ipProtocolVariants[value.toLowerCase()]
      const variant = replacement && { warning: `'${value}' is read as ${replacement}`, replacement }
      issues.addIssue({ code: 'custom', message: 'expected ip4 or ip6', ...(variant && { params: variant }) })
      return z.NEVER
    })
    .meta({ enum: ['ip4', 'ip6'] })

/** Options of every prober that looks a name up; spread them into its schema. */
export const addressOptions = {
  preferred_ip_protocol: ipProtocol()
    .default('ip6')
    .describe('Address family to use first when the name has both: ip4 or ip6.'),
  ip_protocol_fallback: bool()
    .default(true)
    .describe('Use the other family when the name has no address of the preferred one.'),
}
