import { z } from '../kit/options.ts'
import type { Finding } from './issues.ts'
import { hint } from './messages.ts'
import type { ParsedFile } from './schema.ts'

const names = z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String).catch('')).catch([])

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
  return Object.entries(modules).flatMap(([module, { auths: named }]) =>
    named.flatMap((name, index) =>
      name === '' || Object.hasOwn(auths, name)
        ? []
        : [
            {
              path: ['modules', module, 'auths', index],
              message: `the file has no such set under auths${hint(name, Object.keys(auths))}`,
            },
          ],
    ),
  )
}

/** Warnings about sets that no module names. */
export function unusedAuths({ auths = {}, modules }: ParsedFile): readonly Finding[] {
  const named = new Set(Object.values(modules).flatMap(module => module.auths ?? []))
  return Object.keys(auths)
    .filter(name => !named.has(name))
    .map(name => ({ path: ['auths', name], message: 'no module names this set in its auths' }))
}
