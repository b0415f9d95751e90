import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { hasCode } from '../../kit/files/refused.ts'
import { isLink, isLiteral, linked, outside } from '../../kit/files/resolve.ts'
import { isWithinRoots, type PathPolicy } from '../../kit/files/roots.ts'

/** Where the side files of a target stand: beside the file itself, wherever links may lead to it. Throws likewise. */
export async function sideFileBase(
  path: string,
  realPath: string | undefined,
  { roots, symlinks }: PathPolicy,
): Promise<string> {
  const base = realPath ?? join(await realpath(dirname(path)), basename(path))
  if (symlinks === 'deny' && !(await isLiteral(path, base, roots))) throw linked()
  return base
}

/** The real path of the side file `base + suffix`; throws as `resolveTarget` does. */
export async function resolveSideFile(base: string, suffix: string, { roots, symlinks }: PathPolicy): Promise<string> {
  const path = base + suffix
  const real = await realpath(path).catch(async error => {
    throw hasCode(error, 'ENOENT', 'EACCES') && (await isLink(path)) ? outside() : error
  })
  if (symlinks === 'deny' && real !== path) throw linked()
  if (!(await isWithinRoots(real, roots, suffix))) throw outside()
  return real
}
