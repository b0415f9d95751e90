import type { z } from '../kit/options.ts'
import { unknownAuths } from './auths.ts'
import { apply, type Finding, findings, repairsFor, valueAt } from './issues.ts'
import { explain } from './messages.ts'
import type { ModulesSchema, ParsedFile } from './schema.ts'
import { type Path, pointer } from './yaml.ts'

type Issue = z.core.$ZodIssue

export interface Checked {
  /** Undefined when there are mistakes. */
  readonly parsed: ParsedFile | undefined
  readonly mistakes: readonly Finding[]
  readonly warnings: readonly Finding[]
}

const issuesOf = (schema: z.ZodType, input: unknown): readonly Issue[] =>
  schema.safeParse(input, { error: explain }).error?.issues ?? []

/** What is wrong in a module whose prober is not known: everything but the rules of that prober. */
function besideTheProber({ anyModule }: ModulesSchema, input: unknown, issue: Issue): readonly Finding[] {
  const isAboutProber = issue.code === 'invalid_union' && issue.path.at(-1) === 'prober' && issue.path.length === 3
  if (!isAboutProber) return []
  const path = issue.path.slice(0, -1)
  return issuesOf(anyModule, valueAt(input, path)).flatMap(other => findings(other, path))
}

/** The option that a finding is about: for an entry of a list, the list. */
function optionOf(path: Path): Path {
  const index = path.findIndex(part => typeof part === 'number')
  return index === -1 ? path : path.slice(0, index)
}

/** Whether a finding may just miss a key that was taken out of the same map. */
function isDoubtful({ path, message }: Finding, removed: readonly Path[]): boolean {
  const maps = new Set([pointer(path), pointer(path.slice(0, -1))])
  const words = message.split(/[^\w]+/)
  const isMissed = (gone: Path) => maps.has(pointer(gone.slice(0, -1))) && words.includes(String(gone.at(-1)))
  return words.includes('needs') && removed.some(isMissed)
}

/** Broken rules over several keys: zod looks at them only when each key is sound, so the others are taken out. */
function betweenKeys({ file }: ModulesSchema, input: unknown, found: readonly Finding[]): readonly Finding[] {
  const rest = structuredClone(input)
  const removed = found.map(({ path }) => optionOf(path)).filter(path => path.length > 2)
  for (const path of removed) apply({ path, replacement: undefined, warning: undefined }, rest)
  const known = new Set(found.map(({ path }) => pointer(path)))
  return issuesOf(file, rest)
    .filter(({ code }) => code === 'custom')
    .flatMap(issue => findings(issue))
    .filter(finding => !known.has(pointer(finding.path)) && !isDoubtful(finding, removed))
}

/** Checks the value of a modules file, `input`, which it may change where an accepted variant stands. */
export function checkModules(schema: ModulesSchema, input: unknown): Checked {
  const repairs = issuesOf(schema.file, input).flatMap(issue => repairsFor(issue, input))
  for (const repair of repairs) apply(repair, input)
  const warnings = repairs.flatMap(({ path, warning }) => (warning === undefined ? [] : [{ path, message: warning }]))
  const { data, error } = schema.file.safeParse(input, { error: explain })
  const unknown = unknownAuths(input)
  if (data !== undefined) {
    return { parsed: unknown.length === 0 ? (data as ParsedFile) : undefined, mistakes: unknown, warnings }
  }
  const plain = error.issues.flatMap(issue => findings(issue))
  const beside = error.issues.flatMap(issue => besideTheProber(schema, input, issue))
  const mistakes = [...plain, ...beside, ...betweenKeys(schema, input, plain), ...unknown]
  return { parsed: undefined, mistakes, warnings }
}
