import type { Variant, z } from '../kit/options.ts'
import type { Path } from './yaml.ts'

type Issue = z.core.$ZodIssue

export interface Finding {
  readonly path: Path
  readonly message: string
}

/** A value that the loader puts right before it parses again: an empty one is left out, a variant is replaced. */
export interface Repair {
  readonly path: Path
  readonly replacement: unknown
  readonly warning: string | undefined
}

/** Of a union, the branch that got further than its outermost type, else what all branches expected. */
function unionFindings(branches: readonly (readonly Issue[])[], path: Path): readonly Finding[] {
  const isInside = (issue: Issue) =>
    issue.path.length > 0 || issue.code === 'unrecognized_keys' || issue.code === 'custom'
  const deeper = branches.find(issues => issues.some(isInside))
  if (deeper !== undefined) return deeper.flatMap(issue => findings(issue, path))
  const messages = branches.flat().map(issue => issue.message.replace(/^(missing: )?expected |, found .*$/g, ''))
  return [{ path, message: `expected ${[...new Set(messages)].join(' or ')}` }]
}

/** One entry for each mistake of a zod issue, with the path from the root of the file. */
export function findings(issue: Issue, parent: Path = []): readonly Finding[] {
  const path = [...parent, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys': {
      const messages = issue.message.split('\n')
      return issue.keys.map((key, index) => ({ path: [...path, key], message: messages[index] ?? issue.message }))
    }
    case 'invalid_union':
      return issue.errors.length === 0 ? [{ path, message: issue.message }] : unionFindings(issue.errors, path)
    case 'invalid_key':
    case 'invalid_element':
      return issue.issues.flatMap(inner => findings(inner, path))
    default:
      return [{ path, message: issue.message }]
  }
}

/** The value at a path; undefined when there is none. */
export const valueAt = (root: unknown, path: Path): unknown =>
  path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], root)

/** What to put right in `input` before the issue can be judged; nothing when it is a mistake. */
export function repairsFor(issue: Issue, input: unknown, parent: Path = []): readonly Repair[] {
  const path = [...parent, ...issue.path]
  const own = repairAt(path, issue, input)
  if (own !== undefined || issue.code !== 'invalid_union') return own === undefined ? [] : [own]
  return issue.errors.flat().flatMap(inner => repairsFor(inner, input, path))
}

function repairAt(path: Path, issue: Issue, input: unknown): Repair | undefined {
  if (issue.code === 'custom' && issue.params !== undefined && 'replacement' in issue.params) {
    const { replacement, warning } = issue.params as unknown as Variant
    return { path, replacement, warning }
  }
  if (path.length === 1 && valueAt(input, path) === null) {
    return { path, replacement: {}, warning: undefined }
  }
  // A key without a value means the default, as in Go; but a module without a value is a mistake.
  const isEmptyOption = path.length > 2 && typeof path.at(-1) === 'string' && valueAt(input, path) === null
  return isEmptyOption ? { path, replacement: undefined, warning: undefined } : undefined
}

/** Carries a repair out on the parsed YAML, which nothing else holds. */
export function apply({ path, replacement }: Repair, input: unknown): void {
  const holder = valueAt(input, path.slice(0, -1)) as Record<PropertyKey, unknown> | undefined
  if (typeof holder !== 'object' || holder === null || holder instanceof Uint8Array) return
  const key = path.at(-1) as PropertyKey
  if (replacement === undefined) delete holder[key]
  else holder[key] = replacement
}
