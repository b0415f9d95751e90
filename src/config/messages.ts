import type { z } from '../kit/options.ts'

type Issue = z.core.$ZodRawIssue

const kindNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
  undefined: 'nothing',
  null: 'nothing',
}

const named = (kind: string) => kindNames[kind] ?? kind

/** The kind of a value; never the value itself, which may be a secret. */
function kindOf(value: unknown): string {
  if (value === null) return named('null')
  if (value instanceof Uint8Array) return 'octets'
  return named(Array.isArray(value) ? 'array' : typeof value)
}

/** Levenshtein's distance: how many letters to change, add or drop. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substitution, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}

/** ` (did you mean x?)`, when one of the words is near. */
export function hint(word: string, words: readonly string[]): string {
  if (word.length > 64) return ''
  const ranked = words
    .filter(near => near !== '')
    .map(near => ({ near, steps: distance(word.toLowerCase(), near.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps)
  const [best] = ranked
  return best !== undefined && best.steps <= Math.max(1, Math.floor(word.length / 3))
    ? ` (did you mean ${best.near}?)`
    : ''
}

function limit(issue: Issue, word: string): string {
  const { minimum, maximum, origin } = issue as { minimum?: unknown; maximum?: unknown; origin?: string }
  const unit = origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : ''
  return `expected at ${word} ${String(minimum ?? maximum)}${unit}`
}

const oneOf = (values: readonly unknown[], input: unknown) =>
  `expected ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}` +
  (typeof input === 'string' ? hint(input, values.map(String)) : '')

/**
 * zod's error map: what was expected, in the words of someone who writes YAML. One line; for unknown keys one line each.
 */
export function explain(issue: Issue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined) return `missing: expected ${named(issue.expected)}`
      return `expected ${named(issue.expected)}, found ${kindOf(issue.input)}`
    case 'invalid_value':
      return oneOf(issue.values, issue.input)
    case 'unrecognized_keys': {
      const shape = (issue.inst as { _zod?: { def?: { shape?: object } } } | undefined)?._zod?.def?.shape ?? {}
      return issue.keys.map(key => `unknown key${hint(key, Object.keys(shape))}`).join('\n')
    }
    case 'invalid_union': {
      const { discriminator, options } = issue as { discriminator?: string; options?: readonly unknown[] }
      if (discriminator === undefined || options === undefined) return undefined
      return oneOf(options, (issue.input as Record<string, unknown>)[discriminator])
    }
    case 'too_small':
      return limit(issue, 'least')
    case 'too_big':
      return limit(issue, 'most')
    default:
      return undefined
  }
}
