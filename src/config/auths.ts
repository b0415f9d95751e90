import type { HttpAuth } from '../kit/net/http/auth-options.ts'
import { text, z } from '../kit/options.ts'
import { describe } from './describe.ts'
import type { Finding } from './issues.ts'
import { hint } from './messages.ts'
import { type ParsedFile, auths as section } from './schema.ts'

export type CredentialSets = ReadonlyMap<string, HttpAuth>

/** The section `auths` as it can stand in a modules file, secrets hidden. */
export const plainSets = (sets: CredentialSets) => ({ auths: describe(section, Object.fromEntries(sets)) })

const names = z.array(text().nullable().catch(null)).catch([])

/** As much of a modules file as naming and being named takes, with nothing in place of what is faulty. */
const outline = z
  .object({
    auths: z.record(z.string(), z.unknown()).catch({}),
    modules: z.record(z.string(), z.object({ auths: names }).catch({ auths: [] })).catch({}),
  })
  .catch({ auths: {}, modules: {} })

/** Where modules name a set of credentials that the file, which may have other mistakes, does not have. */
export function unknownAuths(input: unknown): readonly Finding[] {
  const { auths, modules } = outline.parse(input)
  const known = Object.keys(auths)
  return Object.entries(modules).flatMap(([module, { auths: named }]) =>
    named.flatMap((name, index) => {
      if (name === null || known.includes(name)) return []
      const message = `the file has no such set under auths${hint(name, known)}`
      return [{ path: ['modules', module, 'auths', index], message }]
    }),
  )
}

/** Warnings about sets that no module names. */
export function unusedAuths({ auths = {}, modules }: ParsedFile): readonly Finding[] {
  const named = new Set(Object.values(modules).flatMap(module => module.auths ?? []))
  return Object.keys(auths)
    .filter(name => !named.has(name))
    .map(name => ({ path: ['auths', name], message: 'no module names this set in its auths' }))
}
